import type { Clock, Entry } from './storage.ts';

interface Deadline {
  readonly at: number;
  readonly key: string;
  readonly revision: number;
}

/**
 * Remembers when entries expire, and names them when they do.
 *
 * Deadlines are whole seconds, so that many entries share a timer. An entry that was replaced meanwhile is named all
 * the same: who deletes it has to compare revisions.
 */
export class Expiry {
  readonly #heap: Deadline[] = [];
  readonly #clock: Clock;
  readonly #expire: (key: string, revision: number) => void;
  #cancel: (() => void) | undefined;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, expire: (key: string, revision: number) => void) {
    this.#clock = clock;
    this.#expire = expire;
  }

  /** When something that lives so many seconds from now expires: the next whole second, in milliseconds since 1970. */
  deadline(ttlSeconds: number): number {
    return Math.ceil(this.#clock.now() / 1000 + ttlSeconds) * 1000;
  }

  /** Takes note of an entry's `expiresAt`, if it has one. */
  add(entry: Entry): void {
    if (entry.expiresAt === undefined) return;
    this.#push({ at: entry.expiresAt, key: entry.key, revision: entry.modRevision });
    this.#arm();
  }

  /** Names the entry again after so many milliseconds, because deleting it failed. */
  retry(key: string, revision: number, afterMs: number): void {
    this.#push({ at: this.#clock.now() + afterMs, key, revision });
    this.#arm();
  }

  /** Names nothing any more. */
  close(): void {
    this.#cancel?.();
    this.#heap.length = 0;
  }

  #arm(): void {
    const next = this.#heap[0]?.at;
    if (next === undefined || next >= this.#armedFor) return;
    this.#cancel?.();
    this.#armedFor = next;
    this.#cancel = this.#clock.after(next - this.#clock.now(), () => this.#run());
  }

  #run(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    for (let due = this.#heap[0]; due && due.at <= now; due = this.#heap[0]) {
      this.#pop();
      this.#expire(due.key, due.revision);
    }
    this.#arm();
  }

  #push(deadline: Deadline): void {
    const heap = this.#heap;
    let i = heap.push(deadline) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.at <= deadline.at) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = deadline;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++;
      if (heap[child]!.at >= last.at) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
  }
}
