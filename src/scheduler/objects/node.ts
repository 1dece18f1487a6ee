import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { Taint } from 'nekube/component-helpers';
import type { ResourceList } from './pod.ts';

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
