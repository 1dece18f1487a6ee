/** How long something may take: until its time is over, or somebody asks it to end. */
export class Deadline {
  readonly #over = new AbortController();
  readonly #end: number;
  readonly #asked: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #stop = (): void => this.#over.abort(this.#asked?.reason);

  constructor(budgetMs: number, asked?: AbortSignal) {
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

  /** Forgets about it. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#asked?.removeEventListener('abort', this.#stop);
  }
}
