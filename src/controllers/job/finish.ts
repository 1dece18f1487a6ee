import { formatTime } from 'nekube/apimachinery';
import type { Pod } from '../pods/pod.ts';
import type { JobCounts } from './counts.ts';
import { Indexes } from './indexes.ts';
import type { Job, JobCondition } from './job.ts';
import { isFailed } from './job-pod.ts';
import { matchFailurePolicy } from './pod-failure-policy.ts';

/** A condition that is as it is from now on. */
export function conditionOf(
  type: string,
  { status = 'True', reason, message }: { readonly status?: string; readonly reason: string; readonly message: string },
  now: number,
): JobCondition {
  const at = formatTime(new Date(now));
  return { type, status, lastProbeTime: at, lastTransitionTime: at, reason, message };
}

/** A condition that is true, if there is one of the type. */
export function trueCondition({ status }: Pick<Job, 'status'>, type: string): JobCondition | undefined {
  return status?.conditions?.find((one) => one.type === type && one.status === 'True');
}

/**
 * What a Job ends by, before it is known whether enough pods succeeded: `SuccessCriteriaMet` or `FailureTarget`, or `Failed`
 * where the failure was written down before.
 */
export function endOf(job: Job, counts: JobCounts, now: number): JobCondition | undefined {
  const met = trueCondition(job, 'SuccessCriteriaMet');
  if (met !== undefined) return met;
  const target = trueCondition(job, 'FailureTarget');
  if (target !== undefined)
    return conditionOf('Failed', { reason: target.reason ?? '', message: target.message ?? '' }, now);
  const failure = failureOf(job, counts, now);
  if (failure !== undefined) return conditionOf('FailureTarget', failure, now);
  const message = successByPolicy(job, counts);
  return message === undefined
    ? undefined
    : conditionOf('SuccessCriteriaMet', { reason: 'SuccessPolicy', message }, now);
}

interface Why {
  readonly reason: string;
  readonly message: string;
}

function failureOf(job: Job, counts: JobCounts, now: number): Why | undefined {
  const failed = counts.pods.filter((pod) => job.spec.podFailurePolicy !== undefined && isFailed(pod, job));
  const matches = failed.map((pod) => matchFailurePolicy(job, pod));
  const message = matches.find((match) => match?.action === 'FailJob')?.message;
  if (message !== undefined) return { reason: 'PodFailurePolicy', message };
  if (counts.failed > (job.spec.backoffLimit ?? 6) || hasRestartedTooOften(job, counts.pods))
    return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  if ((deadlineMs(job, now) ?? 1) <= 0)
    return { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  return indexFailureOf(job, counts);
}

function indexFailureOf({ spec }: Job, { indexes }: JobCounts): Why | undefined {
  const failed = indexes?.failed?.count ?? 0;
  if (spec.maxFailedIndexes !== undefined && failed > spec.maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return { reason: 'MaxFailedIndexesExceeded', message };
  }
  if (failed === 0 || failed + indexes!.succeeded.count < (spec.completions ?? 0)) return undefined;
  return { reason: 'FailedIndexes', message: 'Job has failed indexes' };
}

/** How long it may still run, in milliseconds; undefined: for ever. */
export function deadlineMs({ spec, status }: Job, now: number): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || status?.startTime === undefined || spec.suspend) return undefined;
  return Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000 - now;
}

/** Where the node restarts what fails, restarts count as failures. */
function hasRestartedTooOften({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  const running = pods.filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending');
  const containers = running.flatMap(({ status }) => [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ]);
  const restarts = containers.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  const limit = spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function successByPolicy({ spec }: Job, { indexes }: JobCounts): string | undefined {
  const { successPolicy, completions = 0 } = spec;
  if (successPolicy === undefined || indexes === undefined || indexes.succeeded.count === 0) return undefined;
  const index = successPolicy.rules.findIndex(({ succeededIndexes, succeededCount = Infinity }) => {
    if (succeededIndexes === undefined) return indexes.succeeded.count >= succeededCount;
    const required = Indexes.parse(succeededIndexes, completions);
    const met = required.overlap(indexes.succeeded);
    return required.count > 0 && (met === required.count || met >= succeededCount);
  });
  return index < 0 ? undefined : `Matched rules at index ${index}`;
}
