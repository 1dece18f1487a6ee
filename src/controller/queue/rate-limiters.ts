import { type Clock, RateLimiter as TokenBucket, systemClock } from 'nekube/client';

/** Says how long a key that failed has to wait. Keys are those of a Map. */
export interface RateLimiter {
  /** How many milliseconds the key waits now; counts as a failure of it. */
  when(key: unknown): number;
  /** The key is done with, however that ended: its failures no longer count. */
  forget(key: unknown): void;
  /** How often the key has failed. */
  numRequeues(key: unknown): number;
}

/** Counts the failures of each key. */
class Failures {
  readonly #counts = new Map<unknown, number>();

  /** How many there were before this one. */
  add(key: unknown): number {
    const before = this.of(key);
    this.#counts.set(key, before + 1);
    return before;
  }

  of(key: unknown): number {
    return this.#counts.get(key) ?? 0;
  }

  forget(key: unknown): void {
    this.#counts.delete(key);
  }
}

/** Each failure of a key doubles its wait, from `baseMs` to `maxMs`. */
export function exponentialLimiter({ baseMs = 5, maxMs = 1_000_000 } = {}): RateLimiter {
  const failures = new Failures();
  return {
    when: (key) => Math.min(baseMs * 2 ** failures.add(key), maxMs),
    forget: (key) => failures.forget(key),
    numRequeues: (key) => failures.of(key),
  };
}

/** A key waits `fastMs` for its first `maxFastAttempts` failures, then `slowMs` each time. */
export function fastSlowLimiter(options: {
  readonly fastMs: number;
  readonly slowMs: number;
  readonly maxFastAttempts: number;
}): RateLimiter {
  const failures = new Failures();
  return {
    when: (key) => (failures.add(key) < options.maxFastAttempts ? options.fastMs : options.slowMs),
    forget: (key) => failures.forget(key),
    numRequeues: (key) => failures.of(key),
  };
}

/** All keys together: `burst` at once, then `perSecond`. It knows nothing of single keys. */
export function bucketLimiter(
  options: { readonly perSecond?: number; readonly burst?: number; readonly clock?: Clock } = {},
): RateLimiter {
  const { perSecond = 10, burst = 100, clock = systemClock } = options;
  const bucket = new TokenBucket({ perSecond, burst }, clock);
  return { when: () => bucket.reserve(), forget() {}, numRequeues: () => 0 };
}

/** The longest wait of several limiters, all of which count. */
export function maxOfLimiter(...limiters: readonly RateLimiter[]): RateLimiter {
  return {
    when: (key) => Math.max(0, ...limiters.map((limiter) => limiter.when(key))),
    forget: (key) => limiters.forEach((limiter) => limiter.forget(key)),
    numRequeues: (key) => Math.max(0, ...limiters.map((limiter) => limiter.numRequeues(key))),
  };
}

/** What client-go's controllers have: exponential by key, and at most 10 a second of all keys after a burst of 100. */
export function defaultLimiter(clock: Clock = systemClock): RateLimiter {
  return maxOfLimiter(exponentialLimiter(), bucketLimiter({ clock }));
}
