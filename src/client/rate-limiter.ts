import { type Clock, sleep, systemClock } from './clock.ts';

/**
 * A token bucket: so many at once, and so many a second on average. Those that wait go in the order in which they came.
 */
export class RateLimiter {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: Clock;
  /** Below zero: so many wait already. */
  #tokens: number;
  #filledAt: number;

  /** @throws RangeError if one of both is not positive */
  constructor(limit: { readonly perSecond: number; readonly burst: number }, clock: Clock = systemClock) {
    if (!(limit.perSecond > 0) || !(limit.burst >= 1))
      throw new RangeError('A rate limit must allow more than 0 a second, and at least 1 at once');
    this.#perSecond = limit.perSecond;
    this.#burst = limit.burst;
    this.#clock = clock;
    this.#tokens = limit.burst;
    this.#filledAt = clock.elapsed();
  }

  /** Takes a token if there is one. */
  tryTake(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Takes a token, also one that is still to come; the result is in how many milliseconds it will be there. */
  reserve(): number {
    this.#fill();
    this.#tokens--;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000;
  }

  /** Takes a token, waiting for it; gives it back and rejects with the signal's reason when that is aborted. */
  async take(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const waitMs = this.reserve();
    if (waitMs === 0) return;
    try {
      await sleep(waitMs, this.#clock, signal);
    } catch (reason) {
      this.#tokens++;
      throw reason;
    }
  }

  #fill(): void {
    const now = this.#clock.elapsed();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond);
    this.#filledAt = now;
  }
}
