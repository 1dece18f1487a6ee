import { isPodTerminating, type Pod } from '../pods/pod.ts';
import { choosePodsToDelete } from '../pods/pods-to-delete.ts';
import { type Backoff, indexWaitMs, waitMs } from './backoff.ts';
import type { JobCounts } from './counts.ts';
import { Indexes } from './indexes.ts';
import { isIndexed, type Job, replacesFailedOnly } from './job.ts';
import { indexOf, validIndexOf } from './job-pod.ts';

/** What is to be done for a Job to have the pods it wants. Either pods go, or pods come. */
export interface PodsWanted {
  readonly remove: readonly Pod[];
  /** So many pods are to be made, or one for each of these indexes. */
  readonly create: number | readonly number[];
  /** When to look again, because it is too early for pods, in milliseconds. */
  readonly waitMs?: number;
}

/** At most so many pods of a Job are made or deleted at once. */
const BURST = 500;

/** Decides which pods go and how many come. */
export function podsWanted(
  job: Job,
  counts: JobCounts,
  { backoff, now }: { readonly backoff: Backoff; readonly now: number },
): PodsWanted {
  const active = counts.active.length;
  if (job.spec.suspend) return { remove: podsToRemove(job, counts.active, active, now), create: 0 };
  const wanted = activeWanted(job, counts);
  const remove = podsToRemove(job, counts.active, Math.max(0, active - wanted), now).slice(0, BURST);
  if (remove.length > 0) return { remove, create: 0 };
  const terminating = replacesFailedOnly(job) ? counts.terminating : 0;
  const missing = Math.min(wanted - terminating - active, BURST);
  if (missing <= 0) return { remove, create: 0 };
  if (job.spec.backoffLimitPerIndex !== undefined) return { remove, ...indexesNow(job, counts, { missing, now }) };
  const wait = waitMs(backoff, now);
  if (wait > 0) return { remove, create: 0, waitMs: wait };
  return { remove, create: isIndexed(job) ? pendingIndexes(job, counts, missing) : missing };
}

/** A Job without a number of completions runs on until one pod succeeds; then no more are made. */
function activeWanted({ spec }: Job, { succeeded, active }: JobCounts): number {
  const { completions, parallelism = 1 } = spec;
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

/** Indexes whose last failure is long enough ago; if there are none, how long it is until there is one. */
function indexesNow(
  job: Job,
  counts: JobCounts,
  { missing, now }: { readonly missing: number; readonly now: number },
): Pick<PodsWanted, 'create' | 'waitMs'> {
  const waits = pendingIndexes(job, counts, missing).map((index) => ({
    index,
    wait: indexWaitMs(counts.indexes!.awaitReplacement.get(index), now),
  }));
  const ready = waits.filter(({ wait }) => wait === 0).map(({ index }) => index);
  if (ready.length > 0 || waits.length === 0) return { create: ready };
  return { create: 0, waitMs: Math.min(...waits.map(({ wait }) => wait)) };
}

function pendingIndexes(job: Job, { active, pods, indexes }: JobCounts, count: number): number[] {
  const taken = (some: readonly Pod[]): Indexes => Indexes.of(some.flatMap((pod) => indexOf(pod) ?? []));
  const terminating = replacesFailedOnly(job) ? pods.filter(isPodTerminating) : [];
  const done = indexes!.succeeded.with(indexes!.failed ?? Indexes.NONE);
  return done
    .with(taken(active))
    .with(taken(terminating))
    .firstMissing(count, job.spec.completions ?? 0);
}

/** Those without a place go in any case: without an index, with one that there is not, or that another pod has. */
function podsToRemove(job: Job, active: readonly Pod[], atLeast: number, now: number): readonly Pod[] {
  if (!isIndexed(job)) return choosePodsToDelete(active, [], atLeast, now);
  const byIndex = new Map<number | undefined, Pod[]>();
  for (const pod of active) {
    const index = validIndexOf(pod, job);
    byIndex.set(index, [...(byIndex.get(index) ?? []), pod]);
  }
  const remove: Pod[] = [];
  const left: Pod[] = [];
  for (const [index, pods] of byIndex) {
    const surplus = index === undefined ? pods : choosePodsToDelete(pods, [], pods.length - 1, now);
    remove.push(...surplus);
    left.push(...pods.filter((pod) => !surplus.includes(pod)));
  }
  return [...remove, ...choosePodsToDelete(left, [], Math.max(0, atLeast - remove.length), now)];
}
