/** Answers that hold for a while, the oldest of which go when there are too many. */
export class ExpiringCache<T> {
  readonly #most: number;
  readonly #now: () => Date;
  readonly #entries = new Map<string, { readonly value: T; readonly until: number }>();

  /** @param most how many are kept */
  constructor(most: number, now: () => Date) {
    this.#most = most;
    this.#now = now;
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.until > this.#now().getTime()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: T, ttlMs: number): void {
    if (ttlMs <= 0) return;
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: this.#now().getTime() + ttlMs });
    if (this.#entries.size <= this.#most) return;
    const [oldest] = this.#entries.keys();
    this.#entries.delete(oldest!);
  }
}
