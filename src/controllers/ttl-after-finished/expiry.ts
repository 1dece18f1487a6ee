import { finishedConditionOf, type Job } from '../job/job.ts';
import { timeOf } from '../pods/pod.ts';

/**
 * When a Job is to be deleted, in milliseconds since 1970; undefined: not at all, it goes already, or it has not ended.
 *
 * @throws Error for a Job that does not say when it ended
 */
export function expiryOf(job: Job): number | undefined {
  const { metadata, spec } = job;
  const finished = finishedConditionOf(job);
  const seconds = spec.ttlSecondsAfterFinished;
  if (metadata.deletionTimestamp || finished === undefined || seconds === undefined) return undefined;
  const finishedAt = timeOf(finished.lastTransitionTime);
  if (finishedAt === undefined) {
    throw new Error(`unable to find the time when the Job ${metadata.namespace}/${metadata.name} finished`);
  }
  return finishedAt + seconds * 1000;
}
