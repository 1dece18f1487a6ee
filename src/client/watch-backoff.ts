import type { Clock } from './clock.ts';

const FIRST_MS = 800;
const LONGEST_MS = 30_000;
const RESET_MS = 120_000;

/**
 * How long a reflector waits before it asks again: 800 ms at first, each time twice as long until 30 s, and of all that up
 * to twice at random, so that not all of a cluster come back at once. Two minutes without need of it, and it is at its
 * beginning.
 */
export class WatchBackoff {
  readonly #clock: Clock;
  readonly #random: () => number;
  #next = FIRST_MS;
  #last: number;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
    this.#last = clock.elapsed();
  }

  /** Milliseconds to wait now. */
  step(): number {
    const at = this.#clock.elapsed();
    if (at - this.#last > RESET_MS) this.#next = FIRST_MS;
    this.#last = at;
    const base = this.#next;
    this.#next = Math.min(base * 2, LONGEST_MS);
    return base * (1 + this.#random());
  }
}
