/** The first wait, and the longest. */
const INITIAL_MS = 10_000;
const MAX_MS = 300_000;

/** How long the restarts of one container wait. */
interface Entry {
  waitMs: number;
  updatedAt: number;
}

/**
 * The waits before containers are started again, as the kubelet has them: none before the first restart, then ten seconds,
 * twice as long each time, up to five minutes; forgotten when a container ran for twice that.
 */
export class Backoff {
  readonly #entries = new Map<string, Entry>();

  /** Until when the container waits that ended at `endedAt`; undefined: it may be started, or `now` is later. */
  until(key: string, endedAt: number, now: number): number | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || isExpired(entry, endedAt)) return undefined;
    const due = endedAt + entry.waitMs;
    return now < due ? due : undefined;
  }

  /** How long the wait is that the container is in. */
  waitMs(key: string): number {
    return this.#entries.get(key)?.waitMs ?? 0;
  }

  /** It is started again after it ended: the next wait is longer. */
  next(key: string, endedAt: number, now: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined || isExpired(entry, endedAt))
      this.#entries.set(key, { waitMs: INITIAL_MS, updatedAt: now });
    else this.#entries.set(key, { waitMs: Math.min(entry.waitMs * 2, MAX_MS), updatedAt: now });
  }

  /** All that begins so. */
  forget(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key);
  }
}

function isExpired({ updatedAt }: Entry, endedAt: number): boolean {
  return endedAt - updatedAt > 2 * MAX_MS;
}
