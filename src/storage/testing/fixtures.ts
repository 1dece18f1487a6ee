import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Storage, StorageEvent, Watch } from '../storage.ts';

/** A clock that stands still until it is moved. */
export class FakeClock implements Clock {
  #now = 1_700_000_000_000;
  #timers: { readonly at: number; readonly call: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#now + ms, call };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves the time, calling what is due in the order of its time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.call();
    }
    this.#now = end;
  }
}

/** Random numbers that a seed repeats (mulberry32). */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** A directory that is gone after `use`. */
export async function withDirectory<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-storage-'));
  try {
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What a watch has delivered so far. */
export interface Recorded {
  readonly watch: Watch;
  readonly events: StorageEvent[];
  readonly batches: (readonly StorageEvent[])[];
  readonly errors: Error[];
}

/** Watches, and keeps what comes. */
export function record(storage: Storage, prefix: string, after: number, signal?: AbortSignal): Recorded {
  const events: StorageEvent[] = [];
  const batches: (readonly StorageEvent[])[] = [];
  const errors: Error[] = [];
  const onEvents = (batch: readonly StorageEvent[]): void => {
    batches.push(batch);
    events.push(...batch);
  };
  const watch = storage.watch({ prefix, after, onEvents, onError: (error) => errors.push(error), signal });
  return { watch, events, batches, errors };
}

/** Lets the event loop turn, so that what is scheduled happens. */
export async function turns(count = 3): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resume) => setImmediate(resume));
}

/** `+key=value@revision` or `-key@revision`, with `(was value)`: an event in one line. */
export function line({ type, key, revision, entry, previous }: StorageEvent): string {
  const was = previous ? ` (was ${text(previous.value)})` : '';
  return type === 'put' ? `+${key}=${text(entry!.value)}@${revision}${was}` : `-${key}@${revision}${was}`;
}

/** The bytes of a text. */
export function bytes(value: string): Uint8Array {
  return Buffer.from(value);
}

/** The text of bytes. */
export function text(value: Uint8Array): string {
  return Buffer.from(value).toString();
}
