import type { KubeObject, LabelSelectorObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { PodTemplate } from '../pods/pod.ts';

/** A condition of a ReplicaSet; `ReplicaFailure` is the only one that there is. */
export interface ReplicaSetCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** What a ReplicaSet says of its pods. Zero is not written, but for `replicas`. */
export interface ReplicaSetStatus {
  replicas: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  terminatingReplicas?: number;
  observedGeneration?: number;
  conditions?: readonly ReplicaSetCondition[];
}

/** A ReplicaSet. */
export interface ReplicaSet extends KubeObject {
  spec: {
    replicas?: number;
    minReadySeconds?: number;
    selector: LabelSelectorObject;
    template: PodTemplate;
  };
  status?: ReplicaSetStatus;
}

/** ReplicaSets. */
export const REPLICA_SET: Kind<ReplicaSet> = { apiVersion: 'apps/v1', kind: 'ReplicaSet' };

/** How many pods it shall have. */
export function replicasOf({ spec }: ReplicaSet): number {
  return spec.replicas ?? 1;
}
