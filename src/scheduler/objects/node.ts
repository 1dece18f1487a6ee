import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { ResourceList, Taint } from './pod.ts';

/** A node, as far as the scheduler looks at it. */
export interface Node extends KubeObject {
  spec?: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] };
  status?: {
    readonly allocatable?: ResourceList;
    readonly images?: readonly { readonly names?: readonly string[]; readonly sizeBytes?: number | bigint }[];
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Nodes. */
export const NODE: Kind<Node> = { apiVersion: 'v1', kind: 'Node' };

const REGION = 'topology.kubernetes.io/region';
const ZONE = 'topology.kubernetes.io/zone';
const OLD_REGION = 'failure-domain.beta.kubernetes.io/region';
const OLD_ZONE = 'failure-domain.beta.kubernetes.io/zone';

/** The zone that a node is in, with its region; empty if neither is known. */
export function zoneOf({ metadata: { labels = {} } }: Node): string {
  const region = labels[OLD_REGION] ?? labels[REGION] ?? '';
  const zone = labels[OLD_ZONE] ?? labels[ZONE] ?? '';
  return region === '' && zone === '' ? '' : `${region}:\0:${zone}`;
}
