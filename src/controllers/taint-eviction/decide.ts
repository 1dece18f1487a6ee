import { type Taint, type Toleration, tolerates } from 'nekube/component-helpers';

/** For how long a pod may stay on a node with these taints; Infinity: for ever. */
export function toleratedMs(taints: readonly Taint[], tolerations: readonly Toleration[]): number {
  const used = taints.map((taint) => tolerations.find((one) => tolerates(one, taint)));
  if (used.includes(undefined)) return 0;
  const seconds = used.map((one) => one?.tolerationSeconds ?? Infinity);
  return Math.max(0, Math.min(Infinity, ...seconds) * 1000);
}

/** An eviction that is planned: when it was decided, and when it will be. In milliseconds. */
export interface Plan {
  readonly decidedAt: number;
  readonly dueAt: number;
}

/** What becomes of the plan for a pod: it stays, there is none any more, or there is another. */
export type NextPlan =
  | { readonly change: 'keep' }
  | { readonly change: 'cancel' }
  | { readonly change: 'plan'; readonly plan: Plan };

/** Says when a pod has to leave a node with these taints. The time counts from when the first plan was made. */
export function nextPlan(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  { known, now }: { readonly known: Plan | undefined; readonly now: number },
): NextPlan {
  const waitMs = taints.length === 0 ? Infinity : toleratedMs(taints, tolerations);
  if (waitMs === Infinity) return { change: 'cancel' };
  if (waitMs === 0) return { change: 'plan', plan: { decidedAt: now, dueAt: now } };
  if (known === undefined) return { change: 'plan', plan: { decidedAt: now, dueAt: now + waitMs } };
  // one that was decided before is due before, too
  if (known.decidedAt + waitMs < now + waitMs) return { change: 'keep' };
  return { change: 'plan', plan: { decidedAt: known.decidedAt, dueAt: now + waitMs } };
}
