import type { Pod } from '../pods/pod.ts';
import { allFailuresOf, finishedAt } from './job-pod.ts';

const [FIRST_MS, MOST_MS] = [10_000, 600_000];

/** How often pods failed since one succeeded, and when last. */
export interface Backoff {
  readonly failures: number;
  /** Milliseconds since 1970. */
  readonly lastAt?: number;
}

/** The same with pods that have ended since. */
export function backoffAfter(before: Backoff, succeeded: readonly Pod[], failed: readonly Pod[]): Backoff {
  const failures = failed.map(finishedAt).sort((a, b) => a - b);
  const lastSuccess = Math.max(-Infinity, ...succeeded.map(finishedAt));
  const since = failures.filter((at) => at > lastSuccess);
  const counted = succeeded.length === 0 ? before.failures + since.length : since.length;
  const lastAt = since.at(-1) ?? (succeeded.length === 0 ? before.lastAt : undefined);
  return { failures: counted, ...(lastAt !== undefined && { lastAt }) };
}

/** How long it is until another pod may be made: ten seconds after a failure, twice as long after each further one. */
export function waitMs({ failures, lastAt }: Backoff, now: number): number {
  if (failures === 0 || lastAt === undefined) return 0;
  const backoff = Math.min(FIRST_MS * 2 ** (failures - 1), MOST_MS);
  return Math.max(0, lastAt + backoff - now);
}

/** The same for an index, by the pod of it that failed last. */
export function indexWaitMs(failed: Pod | undefined, now: number): number {
  if (failed === undefined) return 0;
  return waitMs({ failures: allFailuresOf(failed) + 1, lastAt: finishedAt(failed) }, now);
}
