import {
  forbidden,
  invalid,
  isDns1123Subdomain,
  isQualifiedName,
  isValidLegacyCidr,
  isValidLegacyIp,
  isValidPortNum,
  notSupported,
  Path,
  parseIp,
  required as requiredError,
} from 'nekube/apimachinery';
import type { Loose, RuleContext } from '../../rule.ts';
import { isExternallyAccessible, needsHealthCheck } from './facts.ts';

const sourceRangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const onlyForLoadBalancer = "may only be used when `type` is 'LoadBalancer'";
const specPath = Path.of('spec');
const withInternalTraffic = ['ClusterIP', 'NodePort', 'LoadBalancer'];

/** Source ranges stand in the spec (whose path kube-apiserver spells with a capital) or in an annotation. */
export function checkSourceRanges(service: Loose, _path: Path, { errors, old }: RuleContext): void {
  const { spec, metadata } = service;
  const annotation = metadata?.annotations?.[sourceRangesAnnotation];
  const ranges: string[] = spec.loadBalancerSourceRanges ?? [];
  const path = specPath.child('LoadBalancerSourceRanges');
  if (ranges.length > 0) {
    if (spec.type !== 'LoadBalancer') errors.push(forbidden(path, onlyForLoadBalancer));
    const stored = (old?.spec.loadBalancerSourceRanges ?? []).map((range: string) => range.trim());
    ranges.forEach((range, i) => checkRange(range.trim(), path.index(i), stored, errors));
  } else if (annotation !== undefined) {
    const at = Path.of('metadata', 'annotations').key(sourceRangesAnnotation);
    if (spec.type !== 'LoadBalancer') errors.push(forbidden(at, onlyForLoadBalancer));
    if (old?.metadata?.annotations?.[sourceRangesAnnotation] === annotation || annotation.trim() === '') return;
    for (const range of annotation.split(',')) checkRange(range.trim(), at, [], errors);
  }
}

function checkRange(range: string, path: Path, stored: readonly string[], errors: RuleContext['errors']): void {
  if (stored.includes(range)) return;
  for (const message of isValidLegacyCidr(range)) errors.push(invalid(path, range, message));
}

/** The class of a load balancer is a qualified name; other services have none. */
export function checkLoadBalancerClass({ spec }: Loose, _path: Path, { errors }: RuleContext): void {
  const path = specPath.child('loadBalancerClass');
  const name = spec.loadBalancerClass;
  if (name === undefined || name === null) return;
  if (spec.type !== 'LoadBalancer') errors.push(forbidden(path, onlyForLoadBalancer));
  else for (const message of isQualifiedName(name)) errors.push(invalid(path, name, message));
}

/** Checks external and internal traffic policy, health check port and distribution. */
export function checkTraffic(service: Loose, _path: Path, context: RuleContext): void {
  checkExternalTraffic(service, context);
  checkHealthCheckPort(service, context);
  const { spec } = service;
  const { errors } = context;
  const internal = spec.internalTrafficPolicy ?? undefined;
  const path = specPath.child('internalTrafficPolicy');
  if (internal === undefined && withInternalTraffic.includes(spec.type)) errors.push(requiredError(path));
  if (internal !== undefined) checkOneOf(internal, ['Cluster', 'Local'], path, context);
  const distribution = spec.trafficDistribution ?? undefined;
  if (distribution === undefined) return;
  const supported = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
  checkOneOf(distribution, supported, specPath.child('trafficDistribution'), context);
}

function checkExternalTraffic(service: Loose, context: RuleContext): void {
  const policy = service.spec.externalTrafficPolicy ?? '';
  const path = specPath.child('externalTrafficPolicy');
  if (!isExternallyAccessible(service)) {
    if (policy !== '') context.errors.push(invalid(path, policy, 'may only be set for externally-accessible services'));
  } else if (policy === '') context.errors.push(requiredError(path));
  else checkOneOf(policy, ['Cluster', 'Local'], path, context);
}

function checkHealthCheckPort(service: Loose, { errors }: RuleContext): void {
  const port = service.spec.healthCheckNodePort ?? 0;
  const path = specPath.child('healthCheckNodePort');
  if (!needsHealthCheck(service)) {
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    if (port !== 0) errors.push(invalid(path, port, detail));
  } else if (port === 0) errors.push(requiredError(path));
  else for (const message of isValidPortNum(port)) errors.push(invalid(path, port, message));
}

function checkOneOf(value: string, supported: readonly string[], path: Path, { errors }: RuleContext): void {
  if (!supported.includes(value)) errors.push(notSupported(path, value, supported));
}

/** Checks what a load balancer's controller reports in the status. */
export function checkLoadBalancerStatus(service: Loose, _path: Path, context: RuleContext): void {
  const path = Path.of('status', 'loadBalancer', 'ingress');
  const ingress: Loose[] = service.status?.loadBalancer?.ingress ?? [];
  if (service.spec.type !== 'LoadBalancer' && ingress.length > 0) {
    context.errors.push(forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'"));
    return;
  }
  const stored: string[] = (context.old?.status?.loadBalancer?.ingress ?? []).map((i: Loose) => i.ip);
  ingress.forEach((point, i) => checkIngressPoint(point, path.index(i), stored, context));
}

function checkIngressPoint(point: Loose, path: Path, stored: readonly string[], context: RuleContext): void {
  const { errors } = context;
  checkIngressIp(point, path, stored, context);
  const mode = point.ipMode ?? undefined;
  const modePath = path.child('ipMode');
  if (mode === undefined && point.ip) errors.push(requiredError(modePath, 'must be specified when `ip` is set'));
  else if (mode !== undefined && !point.ip) {
    errors.push(forbidden(modePath, 'may not be specified when `ip` is not set'));
  } else if (mode !== undefined) checkOneOf(mode, ['Proxy', 'VIP'], modePath, context);
  checkIngressHostname(point, path, context);
}

/** The address of an entry of a load balancer's status, unless it was stored already. */
export function checkIngressIp({ ip }: Loose, path: Path, stored: readonly string[], { errors }: RuleContext): void {
  if (!ip || stored.includes(ip)) return;
  for (const message of isValidLegacyIp(ip)) errors.push(invalid(path.child('ip'), ip, message));
}

/** The host name of an entry of a load balancer's status: a DNS name and no address. */
export function checkIngressHostname({ hostname }: Loose, path: Path, { errors }: RuleContext): void {
  if (!hostname) return;
  for (const message of isDns1123Subdomain(hostname)) errors.push(invalid(path.child('hostname'), hostname, message));
  if (parseIp(hostname))
    errors.push(invalid(path.child('hostname'), hostname, 'must be a DNS name, not an IP address'));
}
