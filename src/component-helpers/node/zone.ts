import type { KubeObject } from 'nekube/apimachinery';

/** The older names come first, as they do in Kubernetes. */
const ZONE = ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'];
const REGION = ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'];

/** The region and the zone of a node as one text; empty: it says neither. */
export function zoneOf({ metadata: { labels = {} } }: Pick<KubeObject, 'metadata'>): string {
  const [zone, region] = [ZONE, REGION].map((names) => labels[names.find((name) => name in labels) ?? ''] ?? '');
  return zone === '' && region === '' ? '' : `${region}:\0:${zone}`;
}
