import { isPodActive, type Pod, timeOf } from '../pods/pod.ts';
import { type Job, replacesFailedOnly, TRACKING } from './job.ts';
import { countsFailure } from './pod-failure-policy.ts';

/** The annotation and label of a pod's index. */
export const INDEX = 'batch.kubernetes.io/job-completion-index';
/** How often pods of the index failed before, and how often that did not count. */
export const FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count';
/** @see FAILURE_COUNT */
export const IGNORED_FAILURE_COUNT = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** Whether a pod is still to be counted. */
export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING) === true;
}

/** The index of a pod; undefined if it has none that counts. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[INDEX];
  return text !== undefined && /^\+?\d+$/.test(text) ? Number(text) : undefined;
}

/** The index of a pod, if the Job has it. */
export function validIndexOf(pod: Pod, { spec }: Job): number | undefined {
  const index = indexOf(pod);
  return index !== undefined && index < (spec.completions ?? 0) ? index : undefined;
}

/** Whether a pod failed, or as good as that: what is deleted may never come to its end. */
export function isFailed(pod: Pod, job: Job): boolean {
  const phase = pod.status?.phase;
  if (phase === 'Failed') return true;
  if (replacesFailedOnly(job)) return false;
  return pod.metadata.deletionTimestamp !== undefined && phase !== 'Succeeded';
}

function countIn({ metadata }: Pod, annotation: string): number {
  const text = metadata.annotations?.[annotation];
  const count = text !== undefined && /^\+?\d+$/.test(text) ? Number(text) : 0;
  return count < 2 ** 31 ? count : 0;
}

/** How often its index had failed when the pod was made, of the failures that count. */
export function failureCountOf(pod: Pod): number {
  return countIn(pod, FAILURE_COUNT);
}

/** The same of all failures. */
export function allFailuresOf(pod: Pod): number {
  return failureCountOf(pod) + countIn(pod, IGNORED_FAILURE_COUNT);
}

/** What the pod that replaces one is told of how often its index failed. */
export function failureCountsAfter(job: Job, replaced: Pod | undefined): Readonly<Record<string, string>> {
  if (replaced === undefined) return { [FAILURE_COUNT]: '0' };
  const counts = countsFailure(job, replaced);
  const ignored = countIn(replaced, IGNORED_FAILURE_COUNT) + Number(!counts);
  return {
    [FAILURE_COUNT]: String(failureCountOf(replaced) + Number(counts)),
    ...(ignored > 0 && { [IGNORED_FAILURE_COUNT]: String(ignored) }),
  };
}

/** When a pod came to its end, as well as one can know, in milliseconds. */
export function finishedAt(pod: Pod): number {
  const { metadata, status } = pod;
  const deleted = timeOf(metadata.deletionTimestamp);
  const notReady = status?.conditions?.find(({ type, status: is }) => type === 'Ready' && is === 'False');
  return (
    finishedByContainers(pod) ??
    timeOf(notReady?.lastTransitionTime) ??
    (deleted === undefined ? undefined : deleted - (metadata.deletionGracePeriodSeconds ?? 0) * 1000) ??
    Date.parse(metadata.creationTimestamp!)
  );
}

/** When the last container ended; undefined while one has not. Sidecars end after the others. */
function finishedByContainers({ spec, status }: Pod): number | undefined {
  const sidecars = new Set(
    (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  );
  const last = (times: readonly (number | undefined)[], before?: number): number | undefined => {
    if (times.some((time) => time === undefined)) return undefined;
    return times.reduce((latest, time) => Math.max(latest ?? time!, time!), before);
  };
  const end = ({ state }: { readonly state?: { readonly terminated?: { readonly finishedAt?: string | null } } }) =>
    timeOf(state?.terminated?.finishedAt);
  const containers = last((status?.containerStatuses ?? []).map(end));
  const beside = (status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name));
  return last(beside.map(end), containers);
}

/** The pods that run or may come to run. */
export function activeAmong(pods: readonly Pod[]): Pod[] {
  return pods.filter(isPodActive);
}
