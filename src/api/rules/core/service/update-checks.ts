import { forbidden, invalid, jsonEqual, Path } from 'nekube/apimachinery';
import type { Loose, RuleContext } from '../../rule.ts';
import { clusterIpsOf, familiesOf, isHeadless, needsHealthCheck } from './facts.ts';
import { checkLoadBalancerClass } from './traffic-checks.ts';

const specPath = Path.of('spec');
const unchangeable = 'may not change once set';

/** Checks what an update may change of a stored service. A second address may come and go, the first one stays. */
export function checkServiceUpdate(service: Loose, path: Path, context: RuleContext): void {
  const addressed = service.spec.type !== 'ExternalName' && context.old.spec.type !== 'ExternalName';
  if (addressed) {
    checkAddressChange(service, context);
    checkFamilyChange(service, context);
  }
  checkClassChange(service, context);
  checkLoadBalancerClass(service, path, context);
  checkHealthCheckPortChange(service, context);
}

function checkAddressChange(service: Loose, { errors, old }: RuleContext): void {
  if (isHeadless(old) && isHeadless(service)) return;
  const [now, before] = [clusterIpsOf(service), clusterIpsOf(old)];
  const path = specPath.child('clusterIPs');
  const shown = service.spec.clusterIPs;
  if (now.length === before.length) {
    before.forEach((ip, i) => {
      if (ip !== now[i]) errors.push(invalid(path.index(i), shown, unchangeable));
    });
    return;
  }
  if (now.length === 0) errors.push(invalid(path.index(0), shown, 'primary clusterIP can not be unset'));
  const changed = before.length > 0 && now.length > 0 && now[0] !== before[0];
  if (changed) errors.push(invalid(path.index(0), shown, unchangeable));
  if (now.length < before.length && now.length === 1) checkReleases(service, 'clusterIP', errors);
}

/** Some of these errors are reported at the first family, with the addresses as value, as kube-apiserver does. */
function checkFamilyChange(service: Loose, { errors, old }: RuleContext): void {
  if (isHeadless(old) || isHeadless(service)) return;
  const [now, before] = [familiesOf(service), familiesOf(old)];
  const path = specPath.child('ipFamilies').index(0);
  const { ipFamilies, clusterIPs } = service.spec;
  if (now.length === before.length) {
    before.forEach((family, i) => {
      if (family !== now[i]) errors.push(invalid(path, ipFamilies, unchangeable));
    });
    return;
  }
  const released = now.length < before.length;
  if (released && clusterIpsOf(service).length === 0) {
    errors.push(invalid(path, ipFamilies, 'primary ipFamily can not be unset'));
  }
  const changed = before.length > 0 && now.length > 0 && now[0] !== before[0];
  if (changed) errors.push(invalid(path, clusterIPs, unchangeable));
  if (released && now.length === 1) checkReleases(service, 'ipFamily', errors);
}

/** Whoever gives the second address back says so by the policy. */
function checkReleases({ spec }: Loose, what: string, errors: RuleContext['errors']): void {
  if (spec.ipFamilyPolicy === 'SingleStack') return;
  const detail = `must be set to 'SingleStack' when releasing the secondary ${what}`;
  errors.push(invalid(specPath.child('ipFamilyPolicy'), spec.ipFamilyPolicy, detail));
}

function checkClassChange({ spec }: Loose, { errors, old }: RuleContext): void {
  if (spec.type !== 'LoadBalancer' || old.spec.type !== 'LoadBalancer') return;
  if (jsonEqual(spec.loadBalancerClass ?? null, old.spec.loadBalancerClass ?? null)) return;
  errors.push(invalid(specPath.child('loadBalancerClass'), spec.loadBalancerClass, unchangeable));
}

function checkHealthCheckPortChange(service: Loose, { errors, old }: RuleContext): void {
  if (!needsHealthCheck(old) || !needsHealthCheck(service)) return;
  if ((service.spec.healthCheckNodePort ?? 0) === (old.spec.healthCheckNodePort ?? 0)) return;
  errors.push(forbidden(specPath.child('healthCheckNodePort'), 'field is immutable'));
}
