import { type ReplicaSet, replicasOf } from '../replicaset/replica-set.ts';
import { desiredBefore, maximumBefore } from './annotations.ts';
import { type Deployment, desiredReplicas, isRollingUpdate, maxSurge } from './deployment.ts';
import { activeOf, allOf, compareAges, type Revisions, totalReplicas } from './replica-sets.ts';

/** What a ReplicaSet shall have. */
export interface Scale {
  readonly set: ReplicaSet;
  readonly replicas: number;
  /** True: it is told how many the Deployment asks for, even if it keeps its size. */
  readonly tell?: boolean;
}

/** Whether the Deployment was scaled since its ReplicaSets were told how many it asks for. */
export function isScaled(deployment: Deployment, revisions: Revisions): boolean {
  return activeOf(allOf(revisions)).some((set) => {
    const before = desiredBefore(set);
    return before !== undefined && before !== desiredReplicas(deployment);
  });
}

/**
 * What becomes of the ReplicaSets of a Deployment that is scaled, or does not roll: the only one has all pods; several in
 * the middle of a rollout share what is added or removed, each as much as it has of the whole.
 */
export function scalesFor(deployment: Deployment, revisions: Revisions): readonly Scale[] {
  const desired = desiredReplicas(deployment);
  const { current, old } = revisions;
  const only = onlyOne(revisions);
  if (only !== undefined) return replicasOf(only) === desired ? [] : [{ set: only, replicas: desired }];
  if (current !== undefined && isSaturated(deployment, current))
    return activeOf(old).map((set) => ({ set, replicas: 0 }));
  return isRollingUpdate(deployment) ? proportionalScales(deployment, activeOf(allOf(revisions))) : [];
}

/** The one that has pods, or where none has any, the current one, or the newest. */
function onlyOne({ current, old }: Revisions): ReplicaSet | undefined {
  const active = activeOf(allOf({ current, old }));
  if (active.length > 0) return active.length === 1 ? active[0] : undefined;
  return current ?? [...old].sort(compareAges).at(-1);
}

/** Whether a ReplicaSet has all pods, and all of them are available. */
function isSaturated(deployment: Deployment, set: ReplicaSet): boolean {
  const desired = desiredReplicas(deployment);
  const available = set.status?.availableReplicas ?? 0;
  return replicasOf(set) === desired && desiredBefore(set) === desired && available === desired;
}

function proportionalScales(deployment: Deployment, active: readonly ReplicaSet[]): readonly Scale[] {
  const desired = desiredReplicas(deployment);
  const allowed = desired > 0 ? desired + maxSurge(deployment) : 0;
  const toAdd = allowed - totalReplicas(active);
  if (toAdd === 0) return active.map((set) => ({ set, replicas: replicasOf(set), tell: true }));
  // the largest come first; of those that are as large the newest when pods are added, the oldest when they go
  const inOrder = [...active].sort(
    (a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? compareAges(b, a) : compareAges(a, b)),
  );
  let added = 0;
  const sizes = inOrder.map((set) => {
    const share = toAdd === added ? 0 : within(shareOf(set, deployment), toAdd - added);
    added += share;
    return replicasOf(set) + share;
  });
  sizes[0] = Math.max(0, sizes[0]! + toAdd - added);
  return inOrder.map((set, index) => ({ set, replicas: sizes[index]!, tell: true }));
}

/** By how much a ReplicaSet grows or shrinks when it keeps its part of the whole. */
function shareOf(set: ReplicaSet, deployment: Deployment): number {
  const replicas = replicasOf(set);
  const desired = desiredReplicas(deployment);
  if (desired === 0) return -replicas;
  const before = maximumBefore(set) || (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  return roundHalfAway((replicas * (desired + maxSurge(deployment))) / before) - replicas;
}

function within(share: number, allowed: number): number {
  return allowed > 0 ? Math.min(share, allowed) : Math.max(share, allowed);
}

function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}
