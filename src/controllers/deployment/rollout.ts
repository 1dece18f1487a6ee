import { type ReplicaSet, replicasOf } from '../replicaset/replica-set.ts';
import { revisionOf } from './annotations.ts';
import {
  type Deployment,
  desiredReplicas,
  historyLimit,
  isRollingUpdate,
  maxSurge,
  maxUnavailable,
} from './deployment.ts';
import { compareAges, totalOf, totalReplicas } from './replica-sets.ts';
import type { Scale } from './scaling.ts';

/**
 * How many pods the current ReplicaSet shall have now: as many more as there is room for.
 *
 * @param all The ReplicaSets of the Deployment, with the current one
 * @param replicas How many the current one has
 */
export function nextReplicas(deployment: Deployment, all: readonly ReplicaSet[], replicas: number): number {
  const desired = desiredReplicas(deployment);
  if (!isRollingUpdate(deployment)) return desired;
  const room = desired + maxSurge(deployment) - totalReplicas(all);
  return room <= 0 ? replicas : replicas + Math.min(room, desired - replicas);
}

/**
 * Takes pods that are not available from old ReplicaSets, the oldest first: they serve nobody, and must not be in the way
 * of new ones. As many go as leave enough, were all others available.
 *
 * @returns undefined: nothing may go now, also not of those that are available
 */
export function unhealthyScales(
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): readonly Scale[] | undefined {
  if (totalReplicas(old) === 0) return undefined;
  const minAvailable = desiredReplicas(deployment) - maxUnavailable(deployment);
  const unavailable = replicasOf(current) - (current.status?.availableReplicas ?? 0);
  const most = totalReplicas([...old, current]) - minAvailable - unavailable;
  if (most <= 0) return undefined;
  return take(old, most, (set) => replicasOf(set) - (set.status?.availableReplicas ?? 0));
}

/** Takes pods from old ReplicaSets, the oldest first, for all that are available beyond what must be. */
export function surplusScales(
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): readonly Scale[] {
  const minAvailable = desiredReplicas(deployment) - maxUnavailable(deployment);
  return take(old, totalOf([...old, current], 'availableReplicas') - minAvailable, replicasOf);
}

function take(sets: readonly ReplicaSet[], most: number, ofEach: (set: ReplicaSet) => number): readonly Scale[] {
  let left = most;
  return [...sets].sort(compareAges).flatMap((set) => {
    const count = Math.min(left, ofEach(set));
    if (count <= 0) return [];
    left -= count;
    return [{ set, replicas: replicasOf(set) - count }];
  });
}

/** The old ReplicaSets that are one too many, by the revisions that they were: those without pods go. */
export function setsToForget(deployment: Deployment, old: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const limit = historyLimit(deployment);
  const kept = old.filter(({ metadata }) => !metadata.deletionTimestamp);
  if (limit === undefined || kept.length <= limit) return [];
  const oldest = [...kept].sort(compareRevisions).slice(0, kept.length - limit);
  return oldest.filter((set) => {
    const { observedGeneration = 0, replicas } = set.status ?? { replicas: 0 };
    return replicas === 0 && replicasOf(set) === 0 && (set.metadata.generation ?? 0) <= observedGeneration;
  });
}

function compareRevisions(a: ReplicaSet, b: ReplicaSet): number {
  const [one, other] = [revisionOf(a), revisionOf(b)];
  if (one === undefined || other === undefined || one === other) return compareAges(a, b);
  return one - other;
}
