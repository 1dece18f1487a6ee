import type { MvccIndex } from './mvcc.ts';
import type { Clock, StorageOptions } from './storage.ts';

/** What an event costs beyond the bytes it replaced: a version, an entry and their places in lists. */
const eventOverheadBytes = 256;

/** What the history may be cut back to when it is too large, so that cutting is not done for each write. */
const keptShare = 7 / 8;

/**
 * Decides when to forget history: what is older than some minutes, and more when there is much of it.
 *
 * Ages are known in steps of a tenth of the allowed age. While there is no history, nothing runs.
 */
export class Retention {
  readonly #index: MvccIndex;
  readonly #clock: Clock;
  readonly #compact: (revision: number) => void;
  readonly #ageMs: number;
  readonly #limitBytes: number;
  /** Revisions that were the newest at some time, oldest first. */
  readonly #marks: { readonly time: number; readonly revision: number }[] = [];
  #newest = 0;
  #cancel: (() => void) | undefined;

  constructor(index: MvccIndex, clock: Clock, options: StorageOptions, compact: (revision: number) => void) {
    this.#index = index;
    this.#clock = clock;
    this.#compact = compact;
    this.#ageMs = (options.historySeconds ?? 300) * 1000;
    this.#limitBytes = options.historyBytes ?? 64 * 1024 * 1024;
  }

  /** To be called when revisions became durable. */
  wrote(revision: number): void {
    this.#newest = revision;
    if (this.#ageMs > 0 && !this.#cancel) this.#arm();
    if (this.#limitBytes > 0 && this.#heldBytes() > this.#limitBytes) {
      const fitting = this.#index.revisionToHold(this.#limitBytes * keptShare, eventOverheadBytes);
      this.#compact(Math.min(fitting, revision));
    }
  }

  /** Forgets nothing any more. */
  close(): void {
    this.#cancel?.();
  }

  #heldBytes(): number {
    const { historyBytes, historyEvents } = this.#index.sizes;
    return historyBytes + historyEvents * eventOverheadBytes;
  }

  #arm(): void {
    this.#cancel = this.#clock.after(this.#ageMs / 10, () => this.#tick());
  }

  #tick(): void {
    this.#cancel = undefined;
    const now = this.#clock.now();
    let old = 0;
    while (this.#marks[0] && this.#marks[0].time <= now - this.#ageMs) old = this.#marks.shift()!.revision;
    if (old > this.#index.compacted) this.#compact(old);
    if (this.#newest > (this.#marks.at(-1)?.revision ?? 0)) this.#marks.push({ time: now, revision: this.#newest });
    if (this.#index.sizes.historyEvents > 0) this.#arm();
  }
}
