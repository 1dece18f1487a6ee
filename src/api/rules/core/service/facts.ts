import type { Loose } from '../../rule.ts';

/** Questions about a service's spec that defaulting, validation and allocation all ask. */

/** A service without cluster address: `clusterIPs` is `["None"]`. */
export function isHeadless(service: Loose): boolean {
  const ips = service?.spec?.clusterIPs;
  return ips?.length === 1 && ips[0] === 'None';
}

/** Reachable from outside of the cluster. */
export function isExternallyAccessible({ spec }: Loose): boolean {
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') return true;
  return spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0;
}

/** A load balancer that keeps traffic on the node asks each node on the health check port. */
export function needsHealthCheck({ spec }: Loose): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

/** All but ExternalName have cluster addresses (`None` counts as one). */
export function needsClusterIp({ spec }: Loose): boolean {
  return spec.type !== 'ExternalName';
}

/** The cluster addresses; never undefined. */
export function clusterIpsOf({ spec }: Loose): string[] {
  return spec.clusterIPs ?? [];
}

/** The address families; never undefined. */
export function familiesOf({ spec }: Loose): string[] {
  return spec.ipFamilies ?? [];
}

/** Equality of lists of texts; an absent one is empty. */
export function sameTexts(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
