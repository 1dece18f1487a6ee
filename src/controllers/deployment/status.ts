import { formatTime } from 'nekube/apimachinery';
import type { ReplicaSet } from '../replicaset/replica-set.ts';
import {
  conditionOf,
  type Deployment,
  type DeploymentCondition,
  type DeploymentStatus,
  desiredReplicas,
  maxUnavailable,
} from './deployment.ts';
import { allOf, type Revisions, totalOf, totalReplicas } from './replica-sets.ts';

/** The status of a Deployment with these ReplicaSets, but for how its rollout goes on. */
export function statusOf(deployment: Deployment, revisions: Revisions, now: number): DeploymentStatus {
  const all = allOf(revisions);
  const available = totalOf(all, 'availableReplicas');
  const terminating = terminatingOf(all);
  const { conditions, collisionCount } = deployment.status ?? {};
  const status: DeploymentStatus = {
    ...counted({
      observedGeneration: deployment.metadata.generation ?? 0,
      replicas: totalOf(all, 'replicas'),
      updatedReplicas: revisions.current?.status?.replicas ?? 0,
      readyReplicas: totalOf(all, 'readyReplicas'),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, totalReplicas(all) - available),
    }),
    ...(terminating !== undefined && { terminatingReplicas: terminating }),
    ...(conditions !== undefined && { conditions }),
    ...(collisionCount !== undefined && { collisionCount }),
  };
  const isEnough = available >= desiredReplicas(deployment) - maxUnavailable(deployment);
  return withCondition(status, availability(isEnough, now));
}

/** A condition as of now. */
export function newCondition(
  { type, status, reason, message }: Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>,
  now: number,
): DeploymentCondition {
  const time = formatTime(new Date(now));
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message };
}

/** A status with a condition, the last of them; one with the same status and reason stays as it was. */
export function withCondition(status: DeploymentStatus, condition: DeploymentCondition): DeploymentStatus {
  const before = conditionOf(status, condition.type);
  const isSameStatus = before?.status === condition.status;
  if (isSameStatus && before?.reason === condition.reason) return status;
  const next = isSameStatus ? { ...condition, lastTransitionTime: before!.lastTransitionTime } : condition;
  const others = withoutCondition(status, condition.type).conditions ?? [];
  return { ...status, conditions: [...others, next] };
}

/** A status without a condition. */
export function withoutCondition(status: DeploymentStatus, type: string): DeploymentStatus {
  const { conditions, ...rest } = status;
  const kept = (conditions ?? []).filter((condition) => condition.type !== type);
  return kept.length === 0 ? rest : { ...rest, conditions: kept };
}

function availability(isEnough: boolean, now: number): DeploymentCondition {
  const [status, reason, verb] = isEnough
    ? ['True', 'MinimumReplicasAvailable', 'has']
    : ['False', 'MinimumReplicasUnavailable', 'does not have'];
  return newCondition({ type: 'Available', status, reason, message: `Deployment ${verb} minimum availability.` }, now);
}

/** Undefined as long as a ReplicaSet that was seen to does not say how many. */
function terminatingOf(sets: readonly ReplicaSet[]): number | undefined {
  let sum = 0;
  for (const { status } of sets) {
    const isNew = !status?.observedGeneration && status?.terminatingReplicas === undefined;
    if (isNew) continue;
    if (status?.terminatingReplicas === undefined) return undefined;
    sum += status.terminatingReplicas;
  }
  return sum;
}

/** Go leaves out what is zero. */
function counted<T extends Record<string, number>>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0)) as Partial<T>;
}
