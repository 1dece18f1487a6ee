/** Something that ends when it waited too long. */
export interface Expiring {
  /** By `Sweeper.now`; Infinity: not now. */
  deadline: number;
  /** The deadline is over. */
  expire(): void;
}

/**
 * Ends what waits too long: one timer for all, and a clock that is read once a tick. A connection that is used often sets a
 * number then, and no timer. Nothing is late because this process was: what has come by the tick is read before anything ends.
 */
export class Sweeper {
  /** In ms, as of the last tick. */
  now: number;
  readonly #clock: () => number;
  readonly #members = new Set<Expiring>();
  readonly #timer: NodeJS.Timeout;
  #sweeping: NodeJS.Immediate | undefined;

  constructor(tickMs: number, clock: () => number = () => performance.now()) {
    this.#clock = clock;
    this.now = clock();
    this.#timer = setInterval(() => this.#tick(), tickMs);
    this.#timer.unref();
  }

  /** Timers come before what is to be read, and immediates after it. */
  #tick(): void {
    this.now = this.#clock();
    clearImmediate(this.#sweeping);
    this.#sweeping = setImmediate(() => this.sweep());
  }

  add(member: Expiring): void {
    this.#members.add(member);
  }

  delete(member: Expiring): void {
    this.#members.delete(member);
  }

  /** Ends what is over. */
  sweep(): void {
    this.now = this.#clock();
    for (const member of this.#members) {
      if (member.deadline > this.now) continue;
      member.deadline = Number.POSITIVE_INFINITY;
      member.expire();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    clearImmediate(this.#sweeping);
  }
}
