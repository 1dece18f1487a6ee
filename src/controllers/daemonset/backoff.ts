/** From a second to a quarter of an hour. */
const FIRST_MS = 1000;
const MOST_MS = 15 * 60_000;

/** How long one waits until one does something again, each time twice as long; after long enough it is forgotten. */
export class Backoff {
  readonly #waits = new Map<string, { readonly ms: number; readonly since: number }>();

  /** How long there is to wait yet; undefined: it may be done, which counts as the next time. */
  take(key: string, now: number): number | undefined {
    const last = this.#waits.get(key);
    if (last !== undefined && now - last.since < last.ms) return last.ms;
    const ms = last === undefined ? FIRST_MS : Math.min(2 * last.ms, MOST_MS);
    for (const [known, { since }] of this.#waits) if (now - since > 2 * MOST_MS) this.#waits.delete(known);
    this.#waits.set(key, { ms, since: now });
    return undefined;
  }
}
