import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { Taint } from 'nekube/component-helpers';

/** A condition of a node. */
export interface NodeCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastHeartbeatTime?: string | null;
  readonly lastTransitionTime?: string | null;
}

/** A node, as far as controllers look at it. */
export interface Node extends KubeObject {
  spec: { taints?: readonly Taint[]; unschedulable?: boolean; podCIDR?: string; podCIDRs?: readonly string[] };
  status?: { conditions?: readonly NodeCondition[] };
}

/** Nodes. */
export const NODE: Kind<Node> = { apiVersion: 'v1', kind: 'Node' };

/** The condition of a type. */
export function conditionOf({ status }: Node, type: string): NodeCondition | undefined {
  return status?.conditions?.find((one) => one.type === type);
}
