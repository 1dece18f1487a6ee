import { isPodReady, isPodTerminating, type Pod } from '../pods/pod.ts';
import { Indexes } from './indexes.ts';
import { isIndexed, type Job } from './job.ts';
import {
  activeAmong,
  allFailuresOf,
  failureCountOf,
  finishedAt,
  indexOf,
  isFailed,
  isTracked,
  validIndexOf,
} from './job-pod.ts';
import { countsFailure, matchFailurePolicy } from './pod-failure-policy.ts';

/** What the indexes of an indexed Job have come to. */
export interface IndexCounts {
  /** As the status has them. */
  readonly counted: Indexes;
  readonly succeeded: Indexes;
  /** Where failures count for each index. */
  readonly failed?: Indexes;
  /**
   * Pods that failed and whose index has no other: they are not released before their replacement is made, which is told by
   * them how often the index failed.
   */
  readonly awaitReplacement: ReadonlyMap<number, Pod>;
}

/** What the pods of a Job have come to. */
export interface JobCounts {
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  readonly ready: number;
  readonly terminating: number;
  /** What the status says and what is not counted there yet. */
  readonly succeeded: number;
  readonly failed: number;
  readonly newlySucceeded: readonly Pod[];
  readonly newlyFailed: readonly Pod[];
  readonly indexes?: IndexCounts;
  /** Whether a pod's finalizer is still there, as far as one knows. */
  readonly isTracked: (pod: Pod) => boolean;
}

/**
 * Counts the pods of a Job.
 *
 * @param released UIDs of pods whose finalizer was removed, though the cache may still show it
 */
export function countPods(job: Job, pods: readonly Pod[], released: ReadonlySet<string>): JobCounts {
  const { uncountedTerminatedPods: uncounted = {}, succeeded = 0, failed = 0 } = job.status ?? {};
  const active = activeAmong(pods);
  const tracked = (pod: Pod): boolean => isTracked(pod) && !released.has(pod.metadata.uid!);
  const fresh = (known: readonly string[] = []): Pod[] =>
    pods.filter((pod) => tracked(pod) && !known.includes(pod.metadata.uid!) && hasPlace(job, pod));
  const newlySucceeded = fresh(uncounted.succeeded).filter(({ status }) => status?.phase === 'Succeeded');
  const newlyFailed = fresh(uncounted.failed).filter((pod) => isFailed(pod, job));
  const indexes = isIndexed(job) ? countIndexes(job, pods, { active, tracked }) : undefined;
  return {
    pods,
    active,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter(isPodTerminating).length,
    succeeded: indexes?.succeeded.count ?? succeeded + newlySucceeded.length + (uncounted.succeeded?.length ?? 0),
    failed: failed + newlyFailed.filter((pod) => countsFailure(job, pod)).length + (uncounted.failed?.length ?? 0),
    newlySucceeded,
    newlyFailed,
    ...(indexes && { indexes }),
    isTracked: tracked,
  };
}

function hasPlace(job: Job, pod: Pod): boolean {
  return !isIndexed(job) || validIndexOf(pod, job) !== undefined;
}

function countIndexes(
  job: Job,
  pods: readonly Pod[],
  { active, tracked }: { readonly active: readonly Pod[]; readonly tracked: (pod: Pod) => boolean },
): IndexCounts {
  const { completions = 0, backoffLimitPerIndex } = job.spec;
  const counted = Indexes.parse(job.status?.completedIndexes, completions);
  const of = (chosen: readonly Pod[]): Indexes =>
    Indexes.of(chosen.filter(isTracked).flatMap((pod) => validIndexOf(pod, job) ?? []));
  const succeeded = counted.with(of(pods.filter(({ status }) => status?.phase === 'Succeeded')));
  if (backoffLimitPerIndex === undefined) return { counted, succeeded, awaitReplacement: new Map() };
  const before = Indexes.parse(job.status?.failedIndexes, completions);
  const failed = before.with(of(pods.filter((pod) => failsIndex(job, pod, backoffLimitPerIndex))));
  const done = succeeded.with(failed).with(active.flatMap((pod) => indexOf(pod) ?? []));
  const candidates = pods.filter((pod) => tracked(pod) && isFailed(pod, job));
  return { counted, succeeded, failed, awaitReplacement: lastFailures(job, candidates, done) };
}

function failsIndex(job: Job, pod: Pod, limit: number): boolean {
  if (!isFailed(pod, job)) return false;
  const action = matchFailurePolicy(job, pod)?.action;
  return action === 'FailIndex' || (action !== 'Ignore' && failureCountOf(pod) >= limit);
}

/** Of each index that is not done the pod that failed last. */
function lastFailures(job: Job, failed: readonly Pod[], done: Indexes): ReadonlyMap<number, Pod> {
  const last = new Map<number, Pod>();
  for (const pod of failed) {
    const index = validIndexOf(pod, job);
    if (index === undefined || done.has(index)) continue;
    const known = last.get(index);
    const isLater =
      known === undefined || (allFailuresOf(known) <= allFailuresOf(pod) && finishedAt(pod) >= finishedAt(known));
    if (isLater) last.set(index, pod);
  }
  return last;
}
