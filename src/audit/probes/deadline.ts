import { OperatorFailure } from '../observe/operator.ts';

/** How long an audit may take, where nothing else is said. */
export const BUDGET_MS = 120_000;

/** How long something may take: until its time is over, or somebody asks it to end. */
export class Deadline {
  readonly #over = new AbortController();
  readonly #budgetMs: number;
  readonly #end: number;
  readonly #asked: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #stop = (): void => this.#over.abort(this.#asked?.reason);

  constructor(budgetMs: number, asked?: AbortSignal) {
    this.#budgetMs = budgetMs;
    this.#end = performance.now() + budgetMs;
    this.#asked = asked;
    // a signal of AbortSignal.timeout that only AbortSignal.any knows may be forgotten by Node 20 before it is due
    this.#timer = setTimeout(() => this.#over.abort(new Error('the time was over')), budgetMs).unref();
    if (asked?.aborted) this.#stop();
    else asked?.addEventListener('abort', this.#stop, { once: true });
  }

  /** Aborted when it is over. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  get isOver(): boolean {
    return this.#over.signal.aborted || this.leftMs === 0;
  }

  get leftMs(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** Why it is over. */
  get why(): string {
    return this.#asked?.aborted ? 'it was interrupted' : 'the time was over';
  }

  /** What comes of the start of an operator. @throws OperatorFailure: it was not at rest when the time was over; else what it rejects with */
  async untilAtRest<T>(starting: Promise<T>): Promise<T> {
    return await starting.catch((error: unknown) => {
      if (!this.isOver || this.#asked?.aborted) throw error;
      throw new OperatorFailure(`The operator does not work: after ${this.#budgetMs / 1000} s it was not at rest`);
    });
  }

  /** Forgets about it. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#asked?.removeEventListener('abort', this.#stop);
  }
}
