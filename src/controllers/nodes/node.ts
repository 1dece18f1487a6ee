import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';

/** A condition of a node. */
export interface NodeCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastHeartbeatTime?: string | null;
  readonly lastTransitionTime?: string | null;
}

/** A taint: what keeps pods off a node, or makes them leave it. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

/** A node, as far as controllers look at it. */
export interface Node extends KubeObject {
  spec: { taints?: readonly Taint[]; unschedulable?: boolean; podCIDR?: string; podCIDRs?: readonly string[] };
  status?: { conditions?: readonly NodeCondition[] };
}

/** Nodes. */
export const NODE: Kind<Node> = { apiVersion: 'v1', kind: 'Node' };

const ZONE = ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'];
const REGION = ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'];

/** The condition of a type. */
export function conditionOf({ status }: Node, type: string): NodeCondition | undefined {
  return status?.conditions?.find((one) => one.type === type);
}

/** The zone and the region of a node as one text; empty: it says neither. */
export function zoneOf({ metadata: { labels = {} } }: Node): string {
  const [zone, region] = [ZONE, REGION].map((names) => labels[names.find((name) => name in labels) ?? ''] ?? '');
  return zone === '' && region === '' ? '' : `${region}:\0:${zone}`;
}
