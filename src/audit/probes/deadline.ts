/** How long something may take: until its time is over, or somebody asks it to end. */
export class Deadline {
  /** Aborted then. */
  readonly signal: AbortSignal;
  readonly #end: number;
  readonly #asked: AbortSignal | undefined;

  constructor(budgetMs: number, asked?: AbortSignal) {
    const late = AbortSignal.timeout(budgetMs);
    this.signal = asked === undefined ? late : AbortSignal.any([asked, late]);
    this.#end = performance.now() + budgetMs;
    this.#asked = asked;
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  get leftMs(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** Why it is over. */
  get why(): string {
    return this.#asked?.aborted ? 'it was interrupted' : 'the time was over';
  }
}
