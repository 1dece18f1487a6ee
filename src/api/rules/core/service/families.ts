import { type FieldError, invalid, type KubeObject, newInvalid, Path } from 'nekube/apimachinery';
import type { Loose } from '../../rule.ts';
import { checkAddresses, familyOf } from './address-checks.ts';
import { clusterIpsOf, familiesOf, needsClusterIp, needsHealthCheck, sameTexts } from './facts.ts';

const specPath = Path.of('spec');

/** Takes over addresses and ports that the client left out of an update, so that sending a manifest twice works. */
export function fillInStored(service: KubeObject, old: KubeObject): void {
  const { spec } = service;
  if (needsClusterIp(old) && needsClusterIp(service)) {
    spec.clusterIP ||= old.spec.clusterIP;
    if (clusterIpsOf(service).length === 0 && clusterIpsOf(old).length > 0) spec.clusterIPs = [...old.spec.clusterIPs];
  }
  if (wantsNodePorts(old) && wantsNodePorts(service)) fillInNodePorts(spec.ports ?? [], old.spec.ports ?? []);
  if (needsHealthCheck(old) && needsHealthCheck(service)) spec.healthCheckNodePort ||= old.spec.healthCheckNodePort;
}

/** By the name of the port; a node port that another port has now is not given twice. */
function fillInNodePorts(ports: Loose[], stored: Loose[]): void {
  const kept = new Set(ports.map((port) => port.nodePort).filter((nodePort) => nodePort));
  const byName = new Map(stored.map((port) => [port.name ?? '', port.nodePort]));
  for (const port of ports) {
    if (port.nodePort) continue;
    const nodePort = byName.get(port.name ?? '');
    if (nodePort && !kept.has(nodePort)) port.nodePort = nodePort;
  }
}

/** Keeps `clusterIPs` in step with `clusterIP` for clients that only know the latter. */
export function matchClusterIps(service: KubeObject, old: KubeObject | undefined): void {
  const { spec } = service;
  const ip: string = spec.clusterIP ?? '';
  if (!old) {
    if (ip !== '' && clusterIpsOf(service).length === 0) spec.clusterIPs = [ip];
    return;
  }
  const stored: string = old.spec.clusterIP ?? '';
  if (clusterIpsOf(old).length > 0 && clusterIpsOf(service).length === 0 && stored === ip) {
    spec.clusterIPs = [...old.spec.clusterIPs];
  }
  if (stored === ip || !sameTexts(clusterIpsOf(service), clusterIpsOf(old))) return;
  if (ip === '') delete spec.clusterIPs;
  else spec.clusterIPs = [ip];
}

/**
 * Sets policy and families that the client left out, from the addresses, the stored service and the cluster's
 * families.
 *
 * @throws StatusError `Invalid`: addresses, families and policy do not go together or are not those of the cluster.
 */
export function chooseFamilies(service: KubeObject, old: KubeObject | undefined, cluster: readonly string[]): void {
  if (!needsClusterIp(service) || (old && keepsPreferredDualStack(service, old))) return;
  const { spec } = service;
  spec.ipFamilyPolicy ??=
    old?.spec.ipFamilyPolicy ?? (isHeadlessWithoutSelector(spec) ? 'RequireDualStack' : 'SingleStack');
  const errors: FieldError[] = [];
  checkAddresses(spec, specPath, { errors, object: service, old });
  refuse(service, errors);
  if (old) shrink(service, old, errors);
  checkSingleStack(spec, errors);
  inferFamilies(spec, cluster, errors);
  refuse(service, errors);
  if (isHeadlessWithoutSelector(spec)) {
    spec.ipFamilies = withSecond(familiesOf(service).length > 0 ? spec.ipFamilies : [cluster[0]], spec, true);
    return;
  }
  checkCluster(spec, cluster, errors);
  refuse(service, errors);
  spec.ipFamilies = withSecond(
    familiesOf(service).length > 0 ? spec.ipFamilies : [cluster[0]],
    spec,
    cluster.length === 2,
  );
}

/**
 * A service that prefers two families keeps what it has when the cluster gets or loses one: true when policy, type,
 * addresses and families are as stored.
 */
export function keepsPreferredDualStack({ spec }: KubeObject, { spec: old }: KubeObject): boolean {
  return (
    spec.ipFamilyPolicy === 'PreferDualStack' &&
    (old.ipFamilyPolicy ?? 'PreferDualStack') === 'PreferDualStack' &&
    spec.type === old.type &&
    ['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type) &&
    sameTexts(spec.clusterIPs, old.clusterIPs) &&
    sameTexts(spec.ipFamilies, old.ipFamilies)
  );
}

function refuse(service: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  throw newInvalid({ group: '', resource: 'Service' }, service.metadata.name ?? '', errors);
}

/** The policy SingleStack alone says that second address and family go; another policy keeps them. */
function shrink(service: KubeObject, old: KubeObject, errors: FieldError[]): void {
  const { spec } = service;
  const path = specPath.child('ipFamilyPolicy');
  const [ips, families] = [clusterIpsOf(service), familiesOf(service)];
  if (spec.ipFamilyPolicy === 'SingleStack') {
    if (ips.length > 1 && sameTexts(ips, clusterIpsOf(old))) spec.clusterIPs = ips.slice(0, 1);
    if (families.length > 1 && sameTexts(families, familiesOf(old))) spec.ipFamilies = families.slice(0, 1);
    return;
  }
  const reduced = (now: string[], before: string[]) => now.length > 0 && now.length < before.length;
  if (reduced(ips, clusterIpsOf(old))) {
    errors.push(invalid(path, spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary cluster IP"));
  }
  if (reduced(families, familiesOf(old))) {
    errors.push(invalid(path, spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary IP family"));
  }
}

function checkSingleStack(spec: Loose, errors: FieldError[]): void {
  if (spec.ipFamilyPolicy !== 'SingleStack') return;
  const detail = (what: string) =>
    `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
  const path = specPath.child('ipFamilyPolicy');
  if (spec.clusterIPs?.length === 2) errors.push(invalid(path, spec.ipFamilyPolicy, detail('cluster IPs')));
  if (spec.ipFamilies?.length === 2) errors.push(invalid(path, spec.ipFamilyPolicy, detail('IP families')));
}

/** Addresses without a family get their own, if the cluster has it. */
function inferFamilies(spec: Loose, cluster: readonly string[], errors: FieldError[]): void {
  const families: string[] = [...(spec.ipFamilies ?? [])];
  for (const [i, ip] of ((spec.clusterIPs ?? []) as string[]).entries()) {
    if (ip === 'None') break;
    const family = familyOf(ip);
    if (i < families.length) continue;
    if (cluster.includes(family)) families.push(family);
    else {
      const detail = `${family} is not configured on this cluster`;
      errors.push(invalid(specPath.child('clusterIPs').index(i), spec.clusterIPs, detail));
    }
  }
  if (families.length > 0) spec.ipFamilies = families;
}

function checkCluster(spec: Loose, cluster: readonly string[], errors: FieldError[]): void {
  if (spec.ipFamilyPolicy === 'RequireDualStack' && cluster.length < 2) {
    const detail = 'this cluster is not configured for dual-stack services';
    errors.push(invalid(specPath.child('ipFamilyPolicy'), spec.ipFamilyPolicy, detail));
  }
  ((spec.ipFamilies ?? []) as string[]).forEach((family, i) => {
    if (cluster.includes(family)) return;
    errors.push(invalid(specPath.child('ipFamilies').index(i), family, 'not configured on this cluster'));
  });
}

/** Any policy but SingleStack adds the missing family, where that is possible. */
function withSecond(families: string[], spec: Loose, possible: boolean): string[] {
  if (families.length !== 1 || spec.ipFamilyPolicy === 'SingleStack' || !possible) return families;
  return [families[0]!, families[0] === 'IPv4' ? 'IPv6' : 'IPv4'];
}

/** Whoever runs such a service makes its endpoints too, of any family. */
function isHeadlessWithoutSelector(spec: Loose): boolean {
  return spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0;
}

function wantsNodePorts({ spec }: Loose): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}
