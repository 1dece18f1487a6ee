import type { Clock } from './clock.ts';

/** A call that waits for its moment. */
interface Timer {
  readonly due: number;
  readonly call: () => void;
}

/** When the time of day of a fake clock begins: 2026-01-01T00:00:00Z. */
const START_MS = Date.UTC(2026, 0, 1);

/**
 * A clock for tests: time passes when it is told to. Calls come in the order of their moments, and in the order in which
 * they were asked for where these are the same; each finds the clock at its moment, and what it asks for in turn comes in
 * the same run if it is due.
 */
export class FakeClock implements Clock {
  #now: number;
  #elapsed = 0;
  readonly #timers = new Set<Timer>();

  /** @param start the time of day, in milliseconds since 1970 */
  constructor(start: number = START_MS) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { due: this.#elapsed + Math.max(0, ms), call };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** How many calls wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** In how many milliseconds the next call is due; undefined: none waits. */
  get untilNext(): number | undefined {
    const next = this.#next();
    return next && next.due - this.#elapsed;
  }

  /** Lets time pass at once: calls what is due on the way. What waits on promises goes on later; see `advance`. */
  tick(ms: number): void {
    checkTime(ms);
    const end = this.#elapsed + ms;
    for (let next = this.#next(); next !== undefined && next.due <= end; next = this.#next()) this.#fire(next);
    this.#pass(end);
  }

  /**
   * Lets time pass, and after each call a turn of the event loop, so that what waited on promises can ask for calls of
   * its own before time goes on. What waits on sockets or files may need longer.
   */
  async advance(ms: number): Promise<void> {
    checkTime(ms);
    const end = this.#elapsed + ms;
    await turn();
    for (let next = this.#next(); next !== undefined && next.due <= end; next = this.#next()) {
      this.#fire(next);
      await turn();
    }
    this.#pass(end);
    await turn();
  }

  /** Sets the time of day, forward or back, as an administrator may; `elapsed` and what waits are not touched. */
  set(now: number): void {
    this.#now = now;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.due < next.due) next = timer;
    return next;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#pass(timer.due);
    timer.call();
  }

  #pass(elapsed: number): void {
    if (elapsed <= this.#elapsed) return;
    this.#now += elapsed - this.#elapsed;
    this.#elapsed = elapsed;
  }
}

/** Time neither goes back nor to no end; the time of day may (`set`). */
function checkTime(ms: number): void {
  if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY))
    throw new RangeError(`Cannot let ${ms} ms pass: it must be a number from 0`);
}

/** Until all promises that can go on have done so. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
