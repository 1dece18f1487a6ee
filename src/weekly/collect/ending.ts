/** Something took longer than it may. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';

  /** @param what what did not come to be in time, as `there was no end` */
  constructor(what: string, ms: number) {
    super(`${what} within ${ms / 1000} s`);
  }
}

/**
 * A signal that is aborted with another one, or with a TimeoutError after a time; `done` lets go of both.
 *
 * @param what what did not come to be in time
 */
export function endingWith(
  signal: AbortSignal | undefined,
  ms: number,
  what: string,
): { readonly signal: AbortSignal; readonly done: () => void } {
  const ending = new AbortController();
  const end = (): void => ending.abort(signal?.reason);
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end, { once: true });
  const timer = setTimeout(() => ending.abort(new TimeoutError(what, ms)), ms);
  return {
    signal: ending.signal,
    done: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
    },
  };
}
