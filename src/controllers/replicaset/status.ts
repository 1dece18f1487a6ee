import { formatTime, type JsonValue, jsonEqual } from 'nekube/apimachinery';
import { isPodAvailable, isPodReady, type Pod } from '../pods/pod.ts';
import { messageOf } from '../pods/pod-control.ts';
import { type ReplicaSet, type ReplicaSetCondition, type ReplicaSetStatus, replicasOf } from './replica-set.ts';

/** What a status is made of. */
export interface StatusParts {
  readonly active: readonly Pod[];
  readonly terminating: readonly Pod[];
  /** Why pods could not be made or deleted. */
  readonly error: unknown;
  /** In milliseconds since 1970. */
  readonly now: number;
}

const FAILURE = 'ReplicaFailure';

/** The status of a ReplicaSet with these pods. */
export function statusOf(set: ReplicaSet, parts: StatusParts): ReplicaSetStatus {
  const { active, terminating, now } = parts;
  const { minReadySeconds = 0, template } = set.spec;
  const labels = Object.entries(template.metadata?.labels ?? {});
  const conditions = conditionsOf(set, parts);
  return {
    ...(set.status?.observedGeneration !== undefined && { observedGeneration: set.status.observedGeneration }),
    replicas: active.length,
    ...counted({
      fullyLabeledReplicas: count(active, ({ metadata }) =>
        labels.every(([key, value]) => metadata.labels?.[key] === value),
      ),
      readyReplicas: count(active, isPodReady),
      availableReplicas: count(active, (pod) => isPodAvailable(pod, minReadySeconds, now)),
    }),
    terminatingReplicas: terminating.length,
    ...(conditions.length > 0 && { conditions }),
  };
}

/** Whether there is nothing to write. */
export function isStatusCurrent({ metadata, status }: ReplicaSet, next: ReplicaSetStatus): boolean {
  const isObserved = metadata.generation === status?.observedGeneration;
  return isObserved && jsonEqual((status ?? {}) as unknown as JsonValue, next as unknown as JsonValue);
}

/** A failure that was told stays as it is until pods can be made and deleted again. */
function conditionsOf(set: ReplicaSet, { active, error, now }: StatusParts): readonly ReplicaSetCondition[] {
  const conditions = set.status?.conditions ?? [];
  const known = conditions.some(({ type }) => type === FAILURE);
  if (error === undefined) return known ? conditions.filter(({ type }) => type !== FAILURE) : conditions;
  if (known) return conditions;
  const difference = active.length - replicasOf(set);
  const reason = difference < 0 ? 'FailedCreate' : difference > 0 ? 'FailedDelete' : '';
  const failure = {
    type: FAILURE,
    status: 'True',
    lastTransitionTime: formatTime(new Date(now)),
    reason,
    message: messageOf(error),
  };
  return [...conditions, failure];
}

function count(pods: readonly Pod[], holds: (pod: Pod) => boolean): number {
  return pods.filter(holds).length;
}

/** Go leaves out what is zero. */
function counted<T extends Record<string, number>>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0)) as Partial<T>;
}
