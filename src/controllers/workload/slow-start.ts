/** How a batch of calls ended. */
export interface SlowStart {
  readonly succeeded: number;
  /** The first failure, after which nothing more was begun. */
  readonly error: unknown;
}

/**
 * Calls so many times, in parallel: once, then twice, four times and so on, as long as all of a round succeed. What fails
 * for all, as by a quota, then fails a few times only.
 */
export async function slowStart(count: number, call: () => Promise<void>): Promise<SlowStart> {
  let succeeded = 0;
  for (let size = Math.min(count, 1); size > 0; size = Math.min(2 * size, count - succeeded)) {
    const results = await Promise.allSettled(Array.from({ length: size }, call));
    const failures = results.filter((one): one is PromiseRejectedResult => one.status === 'rejected');
    succeeded += size - failures.length;
    if (failures.length > 0) return { succeeded, error: failures[0]!.reason };
  }
  return { succeeded, error: undefined };
}
