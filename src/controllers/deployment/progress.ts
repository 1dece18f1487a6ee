import type { ReplicaSet } from '../replicaset/replica-set.ts';
import { timeOf } from '../pods/pod.ts';
import {
  conditionOf,
  type Deployment,
  type DeploymentCondition,
  type DeploymentStatus,
  desiredReplicas,
  hasProgressDeadline,
} from './deployment.ts';
import { allOf, type Revisions } from './replica-sets.ts';
import { newCondition, statusOf, withCondition, withoutCondition } from './status.ts';

/** The condition that says how a rollout goes on. */
export const PROGRESSING = 'Progressing';
const FAILURE = 'ReplicaFailure';
const COMPLETE = 'NewReplicaSetAvailable';
const TIMED_OUT = 'ProgressDeadlineExceeded';
const PAUSED = 'DeploymentPaused';

/** The status of a Deployment that rolls out: with how it goes on, and whether pods can be made at all. */
export function rolloutStatusOf(deployment: Deployment, revisions: Revisions, now: number): DeploymentStatus {
  let status = statusOf(deployment, revisions, now);
  if (hasProgressDeadline(deployment)) status = withProgress(deployment, revisions, { status, now });
  else status = withoutCondition(status, PROGRESSING);
  const failure = failureOf(revisions);
  return failure === undefined ? withoutCondition(status, FAILURE) : withCondition(status, failure);
}

/** Whether all pods that there shall be are new and available, and no others are there. */
export function isComplete(deployment: Deployment, status: DeploymentStatus = {}): boolean {
  const desired = desiredReplicas(deployment);
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  const isObserved = observedGeneration >= (deployment.metadata.generation ?? 0);
  return [updatedReplicas, replicas, availableReplicas].every((count) => count === desired) && isObserved;
}

/** In how many milliseconds there is to be looked whether it is too late; undefined: never. */
export function progressCheckMs(deployment: Deployment, status: DeploymentStatus, now: number): number | undefined {
  const condition = conditionOf(deployment.status, PROGRESSING);
  if (!hasProgressDeadline(deployment) || condition === undefined) return undefined;
  if (isComplete(deployment, status) || condition.reason === TIMED_OUT) return undefined;
  const left = deadlineOf(deployment, condition) - now;
  // times are in whole seconds, and the deadline itself is not too late yet
  return left < 1000 ? Math.max(left, 0) + 5 : left + 1000;
}

/** What a Deployment says of its being paused, or going on; undefined: what it says is right. */
export function pausedCondition(deployment: Deployment, now: number): DeploymentCondition | undefined {
  if (!hasProgressDeadline(deployment)) return undefined;
  const reason = conditionOf(deployment.status, PROGRESSING)?.reason;
  const { paused = false } = deployment.spec;
  if (reason === TIMED_OUT || (reason === PAUSED) === paused) return undefined;
  return paused
    ? progressing('Unknown', PAUSED, 'Deployment is paused', now)
    : progressing('Unknown', 'DeploymentResumed', 'Deployment is resumed', now);
}

/** The condition `Progressing` as of now. */
export function progressing(status: string, reason: string, message: string, now: number): DeploymentCondition {
  return newCondition({ type: PROGRESSING, status, reason, message }, now);
}

function withProgress(
  deployment: Deployment,
  { current }: Revisions,
  { status, now }: { readonly status: DeploymentStatus; readonly now: number },
): DeploymentStatus {
  const before = conditionOf(deployment.status, PROGRESSING);
  if (status.replicas === status.updatedReplicas && before?.reason === COMPLETE) return status;
  const { name = '' } = (current ?? deployment).metadata;
  const what = `${current === undefined ? 'Deployment' : 'ReplicaSet'} "${name}"`;
  if (isComplete(deployment, status)) {
    return withCondition(status, progressing('True', COMPLETE, `${what} has successfully progressed.`, now));
  }
  if (hasProgressed(deployment.status ?? {}, status)) {
    const condition = progressing('True', 'ReplicaSetUpdated', `${what} is progressing.`, now);
    // each step is told anew, so that it counts from now
    const lastTransitionTime = before?.status === 'True' ? before.lastTransitionTime : condition.lastTransitionTime;
    return withCondition(withoutCondition(status, PROGRESSING), { ...condition, lastTransitionTime });
  }
  if (isTimedOut(deployment, before, now)) {
    return withCondition(status, progressing('False', TIMED_OUT, `${what} has timed out progressing.`, now));
  }
  return status;
}

function hasProgressed(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const more = (count: 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'): boolean =>
    (now[count] ?? 0) > (before[count] ?? 0);
  const isFewerOld = oldReplicas(now) < oldReplicas(before);
  return more('updatedReplicas') || isFewerOld || more('readyReplicas') || more('availableReplicas');
}

function oldReplicas({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number {
  return replicas - updatedReplicas;
}

/** A rollout that ended well is not late, whenever that was. */
function isTimedOut(deployment: Deployment, condition: DeploymentCondition | undefined, now: number): boolean {
  if (condition === undefined || condition.reason === COMPLETE) return false;
  return condition.reason === TIMED_OUT || deadlineOf(deployment, condition) < now;
}

function deadlineOf({ spec }: Deployment, { lastUpdateTime }: DeploymentCondition): number {
  return (timeOf(lastUpdateTime) ?? 0) + (spec.progressDeadlineSeconds ?? 0) * 1000;
}

/** What stands in the way of pods, above all of new ones. */
function failureOf(revisions: Revisions): DeploymentCondition | undefined {
  const { current } = revisions;
  return (
    (current && failureOfSet(current)) ??
    allOf(revisions)
      .map(failureOfSet)
      .find((failure) => failure !== undefined)
  );
}

function failureOfSet({ status }: ReplicaSet): DeploymentCondition | undefined {
  const failure = status?.conditions?.find(({ type }) => type === FAILURE);
  if (failure === undefined) return undefined;
  const { type, reason = '', message = '', lastTransitionTime = '' } = failure;
  return { type, status: failure.status, lastUpdateTime: lastTransitionTime, lastTransitionTime, reason, message };
}
