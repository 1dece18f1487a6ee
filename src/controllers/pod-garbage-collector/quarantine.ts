/** Names of nodes that are not there, each for so long until somebody believes it: caches may be behind. */
export class Quarantine {
  readonly #lengthMs: number;
  /** When each is over. */
  readonly #ends = new Map<string, number>();

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  /** Takes in the nodes that are missing now, and lets out those whose time is over, whether they are missing or not. */
  pass(missing: Iterable<string>, now: number): readonly string[] {
    const over = [...this.#ends].flatMap(([name, end]) => (end <= now ? [name] : []));
    for (const name of over) this.#ends.delete(name);
    for (const name of missing) if (!this.#ends.has(name)) this.#ends.set(name, now + this.#lengthMs);
    return over;
  }
}
