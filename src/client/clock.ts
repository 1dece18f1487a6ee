/** Time, handed in so that tests can turn it. */
export interface Clock {
  /** Milliseconds since 1970, as the machine's clock has it: somebody may set it, forward or back. */
  now(): number;
  /** Milliseconds since some moment, which only go on, whatever happens to `now`: for durations and deadlines. */
  elapsed(): number;
  /** Calls once, after so many milliseconds (of `elapsed`); the result cancels it. */
  after(ms: number, call: () => void): () => void;
}

/** The longest that a timer of Node can wait; it takes more for nothing at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The system's time. Waiting for it keeps the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, call) {
    const due = performance.now() + ms;
    const wait = (): NodeJS.Timeout => {
      const left = due - performance.now();
      if (left > LONGEST_TIMER_MS) return setTimeout(() => (timer = wait()), LONGEST_TIMER_MS);
      return setTimeout(call, left);
    };
    let timer = wait();
    return () => clearTimeout(timer);
  },
};

/** Waits for so many milliseconds of a clock; rejects with the signal's reason when it is aborted. */
export function sleep(ms: number, clock: Clock = systemClock, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = (): void => {
      cancel();
      reject(signal!.reason);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}
