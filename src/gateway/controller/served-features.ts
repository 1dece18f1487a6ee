import type { SnapshotKind } from '../translate/index.ts';

/** Features that need fields of the experimental channel, where that is not known by their kinds. */
const EXPERIMENTAL: ReadonlySet<string> = new Set([
  'ClusterTrustBundle',
  'GatewayAddressRoutability',
  'GatewayAddressRoutabilityCluster',
  'GatewayListenerFilters',
]);

/**
 * The features of a data plane that this cluster's definitions can ask for: without the experimental channel it lacks some fields,
 * and ClusterTrustBundles are not served by every server.
 */
export function servedFeatures(features: readonly string[], parts: readonly SnapshotKind[]): readonly string[] {
  const isExperimental = parts.includes('xBackends');
  return features.filter((feature) => {
    if (feature === 'ClusterTrustBundle' && !parts.includes('clusterTrustBundles')) return false;
    return isExperimental || !EXPERIMENTAL.has(feature);
  });
}
