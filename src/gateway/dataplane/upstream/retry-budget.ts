import type { RetryBudget as Budget } from '../../model/index.ts';

/** An interval is counted in so many parts: what is as old as it is goes a part at a time. */
const PARTS = 10;

/** How many of the requests of a backend may be retries: a share of those of the last interval, and some in any case. */
export class RetryBudget {
  readonly #budget: Budget;
  readonly #requests: Window;
  readonly #retries: Window;
  readonly #least: Window;

  constructor(budget: Budget) {
    this.#budget = budget;
    this.#requests = new Window(budget.intervalMs);
    this.#retries = new Window(budget.intervalMs);
    this.#least = new Window(budget.minimum.intervalMs);
  }

  /** A request came, which may be a retry. */
  request(now: number): void {
    this.#requests.add(now);
  }

  /** Takes a retry, if there may be one. */
  take(now: number): boolean {
    const { percent, minimum } = this.#budget;
    const isOfShare = this.#retries.count(now) + 1 <= (this.#requests.count(now) * percent) / 100;
    if (!isOfShare && this.#least.count(now) >= minimum.count) return false;
    this.#retries.add(now);
    this.#least.add(now);
    return true;
  }
}

/** How often something was in the last interval. */
class Window {
  readonly #partMs: number;
  readonly #counts: number[] = Array.from({ length: PARTS }, () => 0);
  /** The number of the newest part since the beginning of time. */
  #newest = 0;

  constructor(intervalMs: number) {
    this.#partMs = intervalMs / PARTS;
  }

  add(now: number): void {
    this.#forget(now);
    this.#counts[this.#newest % PARTS]!++;
  }

  count(now: number): number {
    this.#forget(now);
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  #forget(now: number): void {
    const part = Math.floor(now / this.#partMs);
    const passed = Math.min(part - this.#newest, PARTS);
    for (let i = 0; i < passed; i++) this.#counts[(part - i) % PARTS] = 0;
    this.#newest = Math.max(part, this.#newest);
  }
}
