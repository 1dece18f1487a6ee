import { formatTime, type JsonValue, jsonEqual } from 'nekube/apimachinery';
import { findCondition, type NewCondition, setCondition } from 'nekube/controller';
import { isPodReady, type Pod, timeOf } from '../pods/pod.ts';
import { scaledValue } from '../workload/int-or-percent.ts';
import { type Budget, type BudgetStatus, DELETION_TIMEOUT_MS } from './budget.ts';

const ALLOWED = 'DisruptionAllowed';

/** How many pods of a budget there shall be. */
export interface PodNumbers {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
}

/** What has become of the pods that the server let go. */
export interface Disrupted {
  /** Those that are about to be deleted, with the times when they were let go. */
  readonly waiting: Readonly<Record<string, string>>;
  /** Those of which nobody believes it any more. */
  readonly notDeleted: readonly Pod[];
  /** When the next one is not believed any more, in milliseconds since 1970. */
  readonly recheckAt: number | undefined;
}

/** Whether it takes the sizes of the pods' controllers to know how many pods there shall be. */
export function needsScale({ spec }: Budget): boolean {
  return spec.maxUnavailable !== undefined || typeof spec.minAvailable === 'string';
}

/** The numbers of a budget for so many pods, by the sizes of their controllers where {@link needsScale}. */
export function numbersOf({ spec }: Budget, expectedPods: number): PodNumbers {
  const { maxUnavailable, minAvailable } = spec;
  if (maxUnavailable !== undefined) {
    const desiredHealthy = Math.max(0, expectedPods - scaledValue(maxUnavailable, expectedPods, 'up'));
    return { expectedPods, desiredHealthy };
  }
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 };
  return { expectedPods, desiredHealthy: scaledValue(minAvailable, expectedPods, 'up') };
}

/** Looks what has become of the pods that the server let go. */
export function disruptedOf({ status }: Budget, pods: readonly Pod[], now: number): Disrupted {
  const waiting: Record<string, string> = {};
  const notDeleted: Pod[] = [];
  let recheckAt: number | undefined;
  for (const pod of pods) {
    const { name = '', deletionTimestamp } = pod.metadata;
    const time = status?.disruptedPods?.[name];
    if (deletionTimestamp || time === undefined) continue;
    const end = Date.parse(time) + DELETION_TIMEOUT_MS;
    if (end < now) notDeleted.push(pod);
    else {
      waiting[name] = time;
      recheckAt = Math.min(recheckAt ?? end, end);
    }
  }
  return { waiting, notDeleted, recheckAt };
}

/** The status of a budget; the same object as before if there is nothing to write. Conditions keep the time of their last change. */
export function statusOf(
  budget: Budget,
  {
    pods,
    numbers,
    waiting,
    now,
  }: {
    readonly pods: readonly Pod[];
    readonly numbers: PodNumbers;
    readonly waiting: Disrupted['waiting'];
    readonly now: number;
  },
): BudgetStatus | undefined {
  const { expectedPods, desiredHealthy } = numbers;
  const currentHealthy = pods.filter((pod) => isHealthy(pod, waiting, now)).length;
  const spare = currentHealthy - desiredHealthy;
  // no pods are expected before the controller has seen the first ones, and then none may go
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, spare);
  const before = budget.status;
  const { generation } = budget.metadata;
  const told = {
    currentHealthy,
    desiredHealthy,
    expectedPods,
    disruptionsAllowed,
    ...(Object.keys(waiting).length > 0 && { disruptedPods: waiting }),
    ...observed(generation),
  };
  const condition: NewCondition = {
    type: ALLOWED,
    status: disruptionsAllowed > 0 ? 'True' : 'False',
    reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    ...observed(generation),
    lastTransitionTime: formatTime(new Date(now)),
  };
  const known = findCondition(before?.conditions, ALLOWED);
  const { conditions: _, ...beforeNumbers } = before ?? ({} as Partial<BudgetStatus>);
  if (isSame(beforeNumbers, told) && known?.status === condition.status && known.reason === condition.reason) {
    return before;
  }
  return { ...told, conditions: setCondition(before?.conditions, condition) };
}

/** The status of a budget of which nobody knows how many pods may go: none may. */
export function failedStatus({ status }: Budget, error: Error, now: number): BudgetStatus {
  const condition: NewCondition = {
    type: ALLOWED,
    status: 'False',
    reason: 'SyncFailed',
    message: error.message,
    ...observed(status?.observedGeneration),
    lastTransitionTime: formatTime(new Date(now)),
  };
  const zero = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  const conditions = setCondition(status?.conditions, condition);
  return { ...zero, ...status, disruptionsAllowed: 0, conditions };
}

function isHealthy(pod: Pod, waiting: Disrupted['waiting'], now: number): boolean {
  if (pod.metadata.deletionTimestamp) return false;
  const letGoAt = timeOf(waiting[pod.metadata.name!]);
  if (letGoAt !== undefined && letGoAt + DELETION_TIMEOUT_MS > now) return false;
  return isPodReady(pod);
}

function observed(generation: number | undefined): { observedGeneration?: number } {
  return generation === undefined ? {} : { observedGeneration: generation };
}

function isSame(a: object, b: object): boolean {
  return jsonEqual(a as unknown as JsonValue, b as unknown as JsonValue);
}
