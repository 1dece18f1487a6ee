import type { Pod } from '../pods/pod.ts';
import type { JobCounts } from './counts.ts';
import { type Job, type JobCondition, type JobStatus } from './job.ts';
import { indexOf, isFailed, validIndexOf } from './job-pod.ts';
import { countsFailure } from './pod-failure-policy.ts';

/** UIDs of pods that have ended and are not counted yet. */
export interface Uncounted {
  succeeded: string[];
  failed: string[];
}

/** So many are written down at once: the status must not become too large. */
const MOST_UNCOUNTED = 500;

/** Counts pods whose finalizer is gone; whether there were any. */
export function countReleased(status: JobStatus, uncounted: Uncounted, tracked: ReadonlySet<string>): boolean {
  let isChanged = false;
  for (const what of ['succeeded', 'failed'] as const) {
    const left = uncounted[what].filter((uid) => tracked.has(uid));
    const gone = uncounted[what].length - left.length;
    if (gone === 0) continue;
    status[what] = (status[what] ?? 0) + gone;
    uncounted[what] = left;
    isChanged = true;
  }
  return isChanged;
}

/** Pods that have ended. */
export interface Ended {
  /** Those whose finalizer can go. */
  readonly release: readonly Pod[];
  readonly isChanged: boolean;
  /** Whether there are more, for the next time. */
  readonly isCut: boolean;
}

/** Writes down the pods of a Job that have ended: their UIDs, or if they succeeded and have an index, that. */
export function countEnded(
  job: Job,
  counts: JobCounts,
  {
    status,
    uncounted,
    end,
  }: { readonly status: JobStatus; readonly uncounted: Uncounted; readonly end: JobCondition | undefined },
): Ended {
  const { indexes } = counts;
  const known = { succeeded: new Set(uncounted.succeeded), failed: new Set(uncounted.failed) };
  const release: Pod[] = [];
  const newIndexes: number[] = [];
  let isCut = false;
  for (const pod of inOrder(counts)) {
    if (!counts.isTracked(pod) || !mayGo(job, pod, { counts, end })) continue;
    release.push(pod);
    const uid = pod.metadata.uid!;
    const index = validIndexOf(pod, job);
    if (pod.status?.phase === 'Succeeded' && !known.failed.has(uid)) {
      if (indexes === undefined) {
        if (!known.succeeded.has(uid)) uncounted.succeeded.push(uid);
      } else if (index !== undefined && !indexes.counted.has(index)) newIndexes.push(index);
    } else if (isFailed(pod, job) || (end !== undefined && end.type !== 'SuccessCriteriaMet')) {
      const hasPlace = indexes === undefined || index !== undefined;
      if (hasPlace && !known.failed.has(uid) && countsFailure(job, pod)) uncounted.failed.push(uid);
    }
    isCut = newIndexes.length + uncounted.succeeded.length + uncounted.failed.length >= MOST_UNCOUNTED;
    if (isCut) break;
  }
  const hasNew = uncounted.succeeded.length > known.succeeded.size || uncounted.failed.length > known.failed.size;
  const isChanged = writeIndexes(status, counts, newIndexes) || hasNew || newIndexes.length > 0;
  return { release, isChanged, isCut };
}

function inOrder({ pods, indexes }: JobCounts): readonly Pod[] {
  if (indexes === undefined) return pods;
  return [...pods].sort((a, b) => (indexOf(a) ?? -1) - (indexOf(b) ?? -1));
}

/** A pod that failed waits until the one that replaces it knows how often its index failed. */
function mayGo(
  job: Job,
  pod: Pod,
  { counts, end }: { readonly counts: JobCounts; readonly end: JobCondition | undefined },
): boolean {
  const isAtEnd = job.metadata.deletionTimestamp !== undefined || end !== undefined;
  if (isAtEnd || pod.status?.phase === 'Succeeded') return true;
  if (!isFailed(pod, job)) return false;
  const index = indexOf(pod);
  const awaiting = index === undefined ? undefined : counts.indexes?.awaitReplacement.get(index);
  return awaiting?.metadata.uid !== pod.metadata.uid;
}

function writeIndexes(status: JobStatus, { indexes }: JobCounts, newIndexes: readonly number[]): boolean {
  if (indexes === undefined) return false;
  const succeeded = indexes.succeeded.with(newIndexes);
  const completed = succeeded.toString();
  const failed = indexes.failed?.toString();
  const isChanged = completed !== (status.completedIndexes ?? '') || failed !== status.failedIndexes;
  status.succeeded = succeeded.count;
  if (completed === '') delete status.completedIndexes;
  else status.completedIndexes = completed;
  if (failed === undefined) delete status.failedIndexes;
  else status.failedIndexes = failed;
  return isChanged;
}
