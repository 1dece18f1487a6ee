import { type Clock, systemClock } from 'nekube/client';
import { noMetrics, type QueueMetrics, type QueueState } from '../hooks.ts';
import { Heap, type HeapItem } from './heap.ts';
import { exponentialLimiter, type RateLimiter } from './rate-limiters.ts';

/** How something is added. */
export interface AddOptions {
  /** Not before so many milliseconds have passed. Default: now. */
  readonly afterMs?: number;
  /** Not before the rate limiter lets it; with `afterMs` the shorter wait counts. */
  readonly rateLimited?: boolean;
  /** Higher comes first; default 0. */
  readonly priority?: number;
}

/** What one may add to; the part of a queue that sources and handlers see. */
export interface RequestQueue<T> {
  add(item: T, options?: AddOptions): void;
}

/** How a queue is made. */
export interface WorkQueueOptions<T> {
  /** What makes two items the same, as a key of a Map; default: the item itself. */
  readonly keyOf?: (item: T) => unknown;
  /** Default: 5 ms, doubled by each failure of a key, at most 1000 s. */
  readonly rateLimiter?: RateLimiter;
  /**
   * True, the default: as controller-runtime's priority queue. A key is in the queue once, with the higher priority and
   * the shorter wait of all that was added. False: as client-go's queue. Priorities count for nothing, and a key that waits
   * for its time and is also added now comes twice.
   */
  readonly priorities?: boolean;
  readonly clock?: Clock;
  readonly metrics?: QueueMetrics;
}

/** A key that is in. */
interface Entry<T> extends HeapItem {
  readonly key: unknown;
  readonly item: T;
  priority: number;
  /** First in, first out among equals. */
  order: number;
  /** When its wait is over; 0: it has none. */
  readyAt: number;
  /** Since when it could be taken, were its key not in work. */
  addedAt: number;
}

/** What a worker got. */
export interface Taken<T> {
  readonly item: T;
  readonly priority: number;
}

/**
 * Keys that need work, each at most once, and never two workers at the same.
 *
 * A key that is added while it is worked on (it is *dirty*) comes again after `done`. Among keys that could be taken, the
 * higher priority comes first, and of equal ones that which came first. Waits are measured by `clock.elapsed`, so that
 * nobody waits longer because somebody set the machine's clock.
 */
export class WorkQueue<T> implements RequestQueue<T> {
  readonly #options: Required<WorkQueueOptions<T>>;
  /** All that need work now, by key. Those not in work themselves are in `#ready`, too. */
  readonly #dirty = new Map<unknown, Entry<T>>();
  readonly #ready = new Heap<Entry<T>>(comesFirst);
  /** All that wait for their time, by key, and in its order. */
  readonly #later = new Map<unknown, Entry<T>>();
  readonly #waiting = new Heap<Entry<T>>(
    (a, b) => a.readyAt < b.readyAt || (a.readyAt === b.readyAt && comesFirst(a, b)),
  );
  /** When the work at a key began. */
  readonly #processing = new Map<unknown, number>();
  readonly #workers: ((taken: Taken<T> | undefined) => void)[] = [];
  #drained: (() => void)[] = [];
  #orders = 1;
  #isShuttingDown = false;
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(options: WorkQueueOptions<T> = {}) {
    const metrics = options.metrics ?? noMetrics.queue('');
    this.#options = {
      keyOf: options.keyOf ?? ((item) => item),
      rateLimiter: options.rateLimiter ?? exponentialLimiter(),
      priorities: options.priorities ?? true,
      clock: options.clock ?? systemClock,
      metrics,
    };
    metrics.observe(() => this.#state());
  }

  /** How many keys a worker could take now. */
  get length(): number {
    return this.#ready.size;
  }

  get isShuttingDown(): boolean {
    return this.#isShuttingDown;
  }

  /** Adds a key, unless the queue is shutting down. */
  add(item: T, { afterMs = 0, rateLimited = false, priority = 0 }: AddOptions = {}): void {
    if (this.#isShuttingDown) return;
    const { keyOf, rateLimiter, metrics, priorities } = this.#options;
    const key = keyOf(item);
    const limitedMs = rateLimited ? rateLimiter.when(key) : 0;
    const waitMs = rateLimited && (afterMs <= 0 || limitedMs < afterMs) ? limitedMs : afterMs;
    const counted = priorities ? priority : 0;
    if (waitMs > 0) {
      metrics.retried();
      this.#addLater(key, item, waitMs, counted);
    } else {
      this.#addNow(key, item, counted);
    }
  }

  addAfter(item: T, afterMs: number): void {
    this.add(item, { afterMs });
  }

  addRateLimited(item: T): void {
    this.add(item, { rateLimited: true });
  }

  /** A key is through: its failures no longer count. Says nothing of whether it is in the queue. */
  forget(item: T): void {
    this.#options.rateLimiter.forget(this.#options.keyOf(item));
  }

  /** How often a key has failed since it was forgotten. */
  numRequeues(item: T): number {
    return this.#options.rateLimiter.numRequeues(this.#options.keyOf(item));
  }

  /**
   * The next key, as soon as there is one; undefined when the queue is shutting down and there is none left. Whoever gets
   * one must call `done`.
   */
  get(): Promise<Taken<T> | undefined> {
    const taken = this.take();
    if (taken !== undefined || this.#isShuttingDown) return Promise.resolve(taken);
    return new Promise((resolve) => this.#workers.push(resolve));
  }

  /** The next key, if there is one now. */
  take(): Taken<T> | undefined {
    const entry = this.#ready.pop();
    if (entry === undefined) return undefined;
    const now = this.#options.clock.elapsed();
    this.#dirty.delete(entry.key);
    this.#processing.set(entry.key, now);
    this.#options.metrics.taken(now - entry.addedAt);
    return { item: entry.item, priority: entry.priority };
  }

  /** The work at a key is over. If it was added meanwhile it can be taken again. */
  done(item: T): void {
    const key = this.#options.keyOf(item);
    const began = this.#processing.get(key);
    if (began === undefined) return;
    this.#processing.delete(key);
    this.#options.metrics.done(this.#options.clock.elapsed() - began);
    const again = this.#dirty.get(key);
    if (again !== undefined) {
      if (!this.#options.priorities) again.order = this.#orders++;
      this.#ready.push(again);
      this.#offer();
    }
    this.#endIfDrained();
  }

  /**
   * Takes nothing more in, and gives up what waits for its time. Workers still get what is left, or nothing if that is to
   * be dropped.
   */
  shutDown({ drop = false } = {}): void {
    this.#isShuttingDown = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#later.clear();
    while (this.#waiting.pop() !== undefined);
    if (drop) this.#dropAll();
    for (const worker of this.#workers.splice(0)) worker(undefined);
    for (const drained of this.#drained.splice(0)) drained();
  }

  /** As `shutDown`, and resolves when all that is left is done; or when somebody calls `shutDown`. */
  shutDownWithDrain(): Promise<void> {
    this.shutDown();
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#endIfDrained();
    });
  }

  #dropAll(): void {
    while (this.#ready.pop() !== undefined);
    this.#dirty.clear();
  }

  #addNow(key: unknown, item: T, priority: number): void {
    const dirty = this.#dirty.get(key);
    if (dirty !== undefined) return this.#raise(dirty, priority, this.#processing.has(key) ? undefined : this.#ready);
    const waited = this.#options.priorities ? this.#later.get(key) : undefined;
    if (waited === undefined) return this.#makeReady(this.#newEntry(key, item, priority));
    this.#waiting.remove(waited);
    this.#later.delete(key);
    this.#raise(waited, priority, undefined);
    this.#makeReady(waited);
    this.#schedule();
  }

  #addLater(key: unknown, item: T, waitMs: number, priority: number): void {
    const dirty = this.#options.priorities ? this.#dirty.get(key) : undefined;
    if (dirty !== undefined) return this.#raise(dirty, priority, this.#processing.has(key) ? undefined : this.#ready);
    const readyAt = this.#options.clock.elapsed() + waitMs;
    const waiting = this.#later.get(key);
    if (waiting === undefined) {
      const entry = this.#newEntry(key, item, priority);
      entry.readyAt = readyAt;
      this.#later.set(key, entry);
      this.#waiting.push(entry);
    } else {
      waiting.readyAt = Math.min(waiting.readyAt, readyAt);
      this.#raise(waiting, priority, undefined);
      this.#waiting.moved(waiting);
    }
    this.#schedule();
  }

  #newEntry(key: unknown, item: T, priority: number): Entry<T> {
    return { key, item, priority, order: this.#orders++, readyAt: 0, addedAt: 0, at: 0 };
  }

  /** Keeps the higher priority; who rises goes behind all that have it already. */
  #raise(entry: Entry<T>, priority: number, heap: Heap<Entry<T>> | undefined): void {
    if (priority <= entry.priority) return;
    entry.priority = priority;
    entry.order = this.#orders++;
    heap?.moved(entry);
  }

  #makeReady(entry: Entry<T>): void {
    entry.readyAt = 0;
    entry.addedAt = this.#options.clock.elapsed();
    this.#dirty.set(entry.key, entry);
    this.#options.metrics.added(entry.priority);
    if (this.#processing.has(entry.key)) return;
    this.#ready.push(entry);
    this.#offer();
  }

  /** Gives what there is to workers that wait. */
  #offer(): void {
    while (this.#workers.length > 0 && this.#ready.size > 0) this.#workers.shift()!(this.take());
  }

  /** Sees to it that somebody looks when the next wait is over. */
  #schedule(): void {
    const at = this.#waiting.first?.readyAt;
    if (at === this.#timer?.at) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (at === undefined) return;
    const { clock } = this.#options;
    this.#timer = { at, cancel: clock.after(Math.max(0, at - clock.elapsed()), () => this.#wake()) };
  }

  #wake(): void {
    this.#timer = undefined;
    const now = this.#options.clock.elapsed();
    const due: Entry<T>[] = [];
    while (this.#waiting.size > 0 && this.#waiting.first!.readyAt <= now) due.push(this.#waiting.pop()!);
    for (const entry of due) this.#endWait(entry);
    this.#schedule();
  }

  #endWait(entry: Entry<T>): void {
    this.#later.delete(entry.key);
    if (this.#dirty.has(entry.key)) return;
    entry.order = this.#orders++;
    this.#makeReady(entry);
  }

  #endIfDrained(): void {
    if (!this.#isShuttingDown || this.#processing.size > 0 || this.#dirty.size > 0) return;
    for (const drained of this.#drained.splice(0)) drained();
  }

  #state(): QueueState {
    const now = this.#options.clock.elapsed();
    const depths = new Map<number, number>();
    for (const { priority } of this.#dirty.values()) depths.set(priority, (depths.get(priority) ?? 0) + 1);
    const running = [...this.#processing.values()].map((began) => now - began);
    return {
      depths,
      unfinishedMs: running.reduce((sum, ms) => sum + ms, 0),
      longestRunningMs: running.reduce((longest, ms) => Math.max(longest, ms), 0),
    };
  }
}

function comesFirst<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.priority > b.priority || (a.priority === b.priority && a.order < b.order);
}
