/** A value, or a promise of it: stores in this process answer at once, those on the network later. */
export type Awaitable<T> = T | Promise<T>;

/**
 * One version of a key.
 *
 * Entries are immutable and shared: the same version is the same object in reads, ranges, events and `previous`, so
 * that what is derived from it can be kept in a `WeakMap`. Nobody may change the bytes of `value`.
 */
export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  /** The revision that made the key, or made it again after a deletion. */
  readonly createRevision: number;
  /** The revision of this version; it names the version. */
  readonly modRevision: number;
  /** When the key is going to be deleted, in milliseconds since 1970; absent: never. */
  readonly expiresAt?: number;
}

/** A change of one key. */
export interface StorageEvent {
  readonly type: 'put' | 'delete';
  readonly key: string;
  readonly revision: number;
  /** What the key is now; absent for a deletion. */
  readonly entry?: Entry;
  /** What the key was just before; absent when it did not exist. */
  readonly previous?: Entry;
}

/** A change to make. */
export interface Write {
  readonly key: string;
  /** The new value, which then belongs to the store and must not be changed; `null` deletes the key. */
  readonly value: Uint8Array | null;
  /** The `modRevision` that the key must have, 0 for "must not exist"; absent: no condition. */
  readonly expect?: number;
  /** Deletes the key so many seconds from now, by a write of its own; absent: it stays. A later write replaces it. */
  readonly ttlSeconds?: number;
}

/**
 * What became of a write. If refused, `current` is the newest version of the key, which may not be durable yet: a
 * base for trying again, not something to show. Deleting a key that does not exist is refused too.
 */
export type WriteResult =
  | { readonly ok: true; readonly revision: number; readonly entry?: Entry; readonly previous?: Entry }
  | { readonly ok: false; readonly current?: Entry };

/** So many keys can be made at once: etcd does no more in a transaction. */
export const MOST_AT_ONCE = 128;

/** A key that is made. */
export interface NewEntry {
  readonly key: string;
  /** It then belongs to the store and must not be changed. */
  readonly value: Uint8Array;
}

/** How new what is read must be. */
export interface ReadOptions {
  /**
   * What this process has heard of is enough, although other processes may have written since, and saves asking them: for
   * the first try of a compare-and-set, and for who does not mind. What was acknowledged by this process is always there.
   * In stores of this process there is nothing else.
   */
  readonly mayLag?: boolean;
}

/** Which version of a key to read. */
export interface GetOptions extends ReadOptions {
  /** As of this revision; absent: the newest durable one. */
  readonly revision?: number;
}

/** Which part of a prefix to read, and as of when. */
export interface RangeOptions extends ReadOptions {
  /** Only keys after this one. */
  readonly after?: string;
  /** At most so many entries; absent or 0: all. */
  readonly limit?: number;
  /** As of this revision; absent: the newest durable one. */
  readonly revision?: number;
}

/** Entries in the order of their keys, all as of `revision`. */
export interface RangeResult {
  readonly entries: readonly Entry[];
  readonly revision: number;
  /** True if keys follow that `limit` cut off; `remaining` says how many. */
  readonly more: boolean;
  readonly remaining: number;
}

/** What to watch, and whom to tell. */
export interface WatchOptions {
  readonly prefix: string;
  /** Deliver what happened after this revision; one in the future is waited for. */
  readonly after: number;
  /**
   * Gets every event exactly once and in order, batched by turns of the event loop, or by some more milliseconds when
   * many watch the same. The array is shared between watchers and not empty; all that matches up to `revision` is
   * delivered with it. Never called within `watch()`.
   */
  readonly onEvents: (events: readonly StorageEvent[], revision: number) => void;
  /** Called at most once, after which the watch is over: a CompactedError, a ClosedError, or what `onEvents` threw. */
  readonly onError: (error: Error) => void;
  /** Ends the watch when aborted. */
  readonly signal?: AbortSignal;
}

/** A running watch. */
export interface Watch {
  /** All matching events up to this revision have been delivered. */
  readonly revision: number;
  /** Ends it; nothing is delivered afterwards. May be called again. */
  close(): void;
}

/** How much is held. Bytes are those of the values. */
export interface StorageStats {
  readonly entries: number;
  readonly valueBytes: number;
  /** Events since the compacted revision, and the bytes of the versions that they replaced. */
  readonly historyEvents: number;
  readonly historyBytes: number;
  readonly watches: number;
}

/**
 * A revisioned, ordered key space, as etcd's: every write gets the next revision, reads and watches can go back to
 * any revision that is not compacted.
 *
 * An empty store is at revision 1. Keys are ordered by UTF-16 code units. A write gets its revision when it is
 * submitted and is acknowledged when it is durable; in between only `head` shows it. If it cannot be made durable it
 * is rejected, with all that were submitted after it and not yet acknowledged, and no reader ever saw any of them.
 */
export interface Storage {
  /** The newest durable revision. */
  readonly revision: number;
  /** Reads before this revision, and watches after an earlier one, fail. 0: nothing was compacted yet. */
  readonly compactedRevision: number;
  readonly stats: StorageStats;

  /**
   * The key as of a revision, by default the newest durable one.
   * @throws CompactedError, FutureRevisionError
   */
  get(key: string, options?: GetOptions): Awaitable<Entry | undefined>;

  /** The newest version, durable or not: what a writer builds on. To show it, await `settled(entry.modRevision)`. */
  head(key: string, options?: ReadOptions): Awaitable<Entry | undefined>;

  /**
   * The keys that start with `prefix`.
   * @throws CompactedError, FutureRevisionError
   */
  range(prefix: string, options?: RangeOptions): Awaitable<RangeResult>;

  /**
   * Submits a write; the promise is kept when it is durable.
   * @throws StorageFullError, ClosedError, or an I/O error: it was not made. (All as rejections.)
   */
  write(write: Write): Promise<WriteResult>;

  /**
   * Makes keys that do not exist, all of them or none, which costs a store on the network no more than a single write.
   * They have consecutive revisions or, in such a store, all the same: watchers get them in one piece, but who goes on
   * after the revision of one of them has to have seen the others.
   *
   * @returns false if one of them exists, durable or not
   * @throws RangeError for more than `MOST_AT_ONCE`, and for one that is named twice. Else as `write`.
   */
  createAll(entries: readonly NewEntry[]): Promise<boolean>;

  /** Resolves when `revision` is durable; rejects like the write of that revision, if it was lost. */
  settled(revision: number): Promise<void>;

  /** Watches a prefix. Failures to start come by `onError` too. */
  watch(options: WatchOptions): Watch;

  /**
   * Forgets what was replaced before `revision` or by it; resolves when that is durable. Older than now: no effect.
   * @throws FutureRevisionError
   */
  compact(revision: number): Promise<void>;

  /** Waits for submitted writes, ends all watches with a ClosedError, and gives the resources back. */
  close(): Promise<void>;
}

/** What `createAll` is given can be made at once. @throws RangeError */
export function checkAtOnce(entries: readonly NewEntry[]): void {
  if (entries.length > MOST_AT_ONCE) throw new RangeError(`${entries.length} keys are more than ${MOST_AT_ONCE}`);
  if (new Set(entries.map(({ key }) => key)).size < entries.length) throw new RangeError('a key is named twice');
}

/** A store in this process: reads answer at once. */
export interface LocalStorage extends Storage {
  get(key: string, options?: GetOptions): Entry | undefined;
  head(key: string, options?: ReadOptions): Entry | undefined;
  range(prefix: string, options?: RangeOptions): RangeResult;
}

/** Time, handed in so that tests can turn it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls once, after so many milliseconds; the result cancels it. Must not keep the process alive. */
  after(ms: number, call: () => void): () => void;
}

/** What all stores of this process can be told. */
export interface StorageOptions {
  readonly clock?: Clock;
  /** History older than this is compacted by itself. Default 300 (5 minutes); 0: never. */
  readonly historySeconds?: number;
  /** More history than so many bytes is compacted by itself, to half of it. Default 64 MiB; 0: no bound. */
  readonly historyBytes?: number;
}
