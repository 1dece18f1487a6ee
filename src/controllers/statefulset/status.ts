import { isPodAvailable, isPodReady, type Pod } from '../pods/pod.ts';
import { revisionOf } from './stateful-pod.ts';
import { replicasOf, type StatefulSet, type StatefulSetStatus } from './stateful-set.ts';

/** The names of the revisions that pods are counted by. */
export interface RevisionNames {
  readonly current: string;
  readonly update: string;
  readonly collisionCount: number;
}

/** The status of a set with these pods; those without a phase are not there yet. */
export function statusOf(
  set: StatefulSet,
  pods: readonly Pod[],
  { names, now }: { readonly names: RevisionNames; readonly now: number },
): StatefulSetStatus {
  const created = pods.filter(isCreated);
  const ready = created.filter(isRunningAndReady);
  const staying = created.filter((pod) => !isTerminating(pod));
  const { minReadySeconds = 0 } = set.spec;
  return {
    observedGeneration: set.metadata.generation,
    replicas: created.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isPodAvailable(pod, minReadySeconds, now)).length,
    currentReplicas: staying.filter((pod) => revisionOf(pod) === names.current).length,
    updatedReplicas: staying.filter((pod) => revisionOf(pod) === names.update).length,
    currentRevision: names.current,
    updateRevision: names.update,
    collisionCount: names.collisionCount,
  };
}

/** The same, with the update as what is current when all pods are of it. */
export function completed(set: StatefulSet, status: StatefulSetStatus): StatefulSetStatus {
  const { updatedReplicas, readyReplicas, replicas, updateRevision } = status;
  const isRolling = set.spec.updateStrategy?.type === 'RollingUpdate';
  const isDone = [updatedReplicas, readyReplicas, replicas].every((count) => count === replicasOf(set));
  if (!isRolling || !isDone) return status;
  return { ...status, currentReplicas: updatedReplicas, currentRevision: updateRevision };
}

const COMPARED = [
  'replicas',
  'currentReplicas',
  'readyReplicas',
  'updatedReplicas',
  'availableReplicas',
  'currentRevision',
  'updateRevision',
] as const;

/** Whether there is nothing to write. */
export function isStatusCurrent({ status }: StatefulSet, next: StatefulSetStatus): boolean {
  if ((next.observedGeneration ?? 0) > (status?.observedGeneration ?? 0)) return false;
  return COMPARED.every((field) => (status?.[field] || undefined) === (next[field] || undefined));
}

/** Whether the server knows it. */
export function isCreated({ status }: Pod): boolean {
  return Boolean(status?.phase);
}

/** Whether it is on its way out. */
export function isTerminating({ metadata }: Pod): boolean {
  return Boolean(metadata.deletionTimestamp);
}

/** Whether it has ended, and will not run again. */
export function isOver({ status }: Pod): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

/** Whether it runs and says that it is ready. */
export function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && isPodReady(pod);
}
