import type { KubeObject } from 'nekube/apimachinery';
import { jsonEqual } from 'nekube/apimachinery';
import type { Loose } from '../../rule.ts';
import { clusterIpsOf, isExternallyAccessible, needsClusterIp, needsHealthCheck, sameTexts } from './facts.ts';

/**
 * Clears what a service of the new type has no use for, where the stored one had it and the client did not change it
 * too (then validation refuses it). What was allocated is released once the update is written.
 */
export function dropFieldsOfOtherType(service: KubeObject, old: KubeObject): void {
  const { spec } = service;
  if (needsClusterIp(old) && !needsClusterIp(service)) dropAddresses(service, old);
  if (hasNodePorts(old) && !hasNodePorts(service) && addsNoNodePort(service, old)) {
    for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (needsHealthCheck(old) && !needsHealthCheck(service) && same(spec, old.spec, 'healthCheckNodePort')) {
    delete spec.healthCheckNodePort;
  }
  if (isLoadBalancer(old) && !isLoadBalancer(service)) {
    if (same(spec, old.spec, 'allocateLoadBalancerNodePorts')) delete spec.allocateLoadBalancerNodePorts;
    if (same(spec, old.spec, 'loadBalancerClass')) delete spec.loadBalancerClass;
  }
  if (
    isExternallyAccessible(old) &&
    !isExternallyAccessible(service) &&
    same(spec, old.spec, 'externalTrafficPolicy')
  ) {
    delete spec.externalTrafficPolicy;
  }
  if (!isLoadBalancer(service)) service.status = { ...service.status, loadBalancer: {} };
}

/** ExternalName services are shown without the internal traffic policy that older servers gave them. */
export function dropInternalTrafficPolicy({ spec }: KubeObject): void {
  const supported = spec?.internalTrafficPolicy === 'Cluster' || spec?.internalTrafficPolicy === 'Local';
  if (spec?.type === 'ExternalName' && supported) delete spec.internalTrafficPolicy;
}

function dropAddresses(service: KubeObject, old: KubeObject): void {
  const { spec } = service;
  if (same(spec, old.spec, 'clusterIP') && sameTexts(clusterIpsOf(service), clusterIpsOf(old))) {
    delete spec.clusterIP;
    delete spec.clusterIPs;
  }
  if (same(spec, old.spec, 'ipFamilies')) delete spec.ipFamilies;
  if (same(spec, old.spec, 'ipFamilyPolicy')) delete spec.ipFamilyPolicy;
}

function isLoadBalancer({ spec }: Loose): boolean {
  return spec.type === 'LoadBalancer';
}

function hasNodePorts({ spec }: Loose): boolean {
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer';
}

/** Ports may come, go and change, as long as no node port is new. */
function addsNoNodePort(service: KubeObject, old: KubeObject): boolean {
  const known = new Set((old.spec.ports ?? []).map((port: Loose) => port.nodePort));
  return (service.spec.ports ?? []).every((port: Loose) => !port.nodePort || known.has(port.nodePort));
}

function same(spec: Loose, old: Loose, field: string): boolean {
  return jsonEqual(spec[field] ?? null, old[field] ?? null);
}
