import { CompactedError, FutureRevisionError } from '../errors.ts';
import { MvccIndex, type Version } from '../mvcc.ts';
import { Retention } from '../retention.ts';
import type {
  Clock,
  Entry,
  RangeOptions,
  RangeResult,
  StorageOptions,
  StorageStats,
  Watch,
  WatchOptions,
} from '../storage.ts';
import { WatchHub } from '../watch.ts';

/** A change as it came from etcd; without an entry the key was deleted. */
export interface Change {
  readonly key: string;
  readonly revision: number;
  readonly entry: Entry | undefined;
}

interface Waiter {
  readonly revision: number;
  readonly done: () => void;
}

/**
 * The copy in this process of what etcd holds, as of a revision that moves on: reads, lists and watches are served from
 * it, back to the revision at which it begins.
 */
export class Mirror {
  readonly #clock: Clock;
  readonly #options: StorageOptions;
  #index = new MvccIndex();
  #hub: WatchHub;
  #retention: Retention;
  #revision = 0;
  #waiters: Waiter[] = [];

  constructor(clock: Clock, options: StorageOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#hub = new WatchHub(this.#index, 0, clock);
    this.#retention = this.#newRetention();
  }

  /** All that etcd holds is known up to this revision. */
  get revision(): number {
    return this.#revision;
  }

  get compacted(): number {
    return this.#index.compacted;
  }

  get stats(): StorageStats {
    return { ...this.#index.sizes, watches: this.#hub.size };
  }

  /**
   * Begins anew with the entries of a revision. Watches that there are end with a CompactedError, since what happened
   * in between cannot be told.
   */
  load(entries: readonly Entry[], revision: number): void {
    const old = this.#hub;
    const before = this.#revision;
    this.#retention.close();
    this.#index = new MvccIndex();
    for (const entry of [...entries].sort((a, b) => a.modRevision - b.modRevision))
      this.#index.append(entry.key, entry.modRevision, entry);
    // an etcd that is empty and was never compacted can be read from its first revision on
    this.#index.compact(revision === 1 ? 0 : revision);
    this.#hub = new WatchHub(this.#index, revision, this.#clock);
    this.#retention = this.#newRetention();
    this.#advance(revision);
    old.close(new CompactedError(before, revision));
  }

  /** Takes in what happened, in the order of revisions. */
  apply(changes: readonly Change[], revision: number): void {
    const versions = changes.map(({ key, revision: at, entry }) => this.#index.append(key, at, entry));
    this.#hub.publish(versions, revision);
    this.#advance(revision);
    this.#retention.wrote(revision);
  }

  /** Resolves once all up to a revision is known, or with `close`. */
  reached(revision: number): Promise<void> {
    if (revision <= this.#revision) return Promise.resolve();
    return new Promise((done) => this.#waiters.push({ revision, done }));
  }

  get(key: string, revision = this.#revision): Entry | undefined {
    return this.#index.at(key, this.#readable(revision));
  }

  range(prefix: string, { after, limit = 0, revision = this.#revision }: RangeOptions): RangeResult {
    return this.#index.range({ prefix, after, limit, revision: this.#readable(revision) });
  }

  /** The version that a write has made, if it is known here. */
  versionOf(key: string, revision: number): Version | undefined {
    let version = this.#index.head(key);
    while (version !== undefined && version.revision > revision) version = version.previous;
    return version?.revision === revision ? version : undefined;
  }

  watch(options: WatchOptions): Watch {
    return this.#hub.watch(options);
  }

  /** Forgets what was replaced up to a revision that is known. */
  compact(revision: number): void {
    if (revision > this.#index.compacted) this.#index.compact(revision);
  }

  /** Delivers what is pending, and ends all watches; nobody waits any more. */
  close(): void {
    for (const { done } of this.#waiters.splice(0)) done();
    this.#retention.close();
    this.#hub.close();
  }

  #newRetention(): Retention {
    return new Retention(this.#index, this.#clock, this.#options, (revision) => this.compact(revision));
  }

  #readable(revision: number): number {
    if (revision > this.#revision) throw new FutureRevisionError(revision, this.#revision);
    if (revision < this.#index.compacted) throw new CompactedError(revision, this.#index.compacted);
    return revision;
  }

  #advance(revision: number): void {
    this.#revision = revision;
    if (this.#waiters.length === 0) return;
    const due = this.#waiters.filter((waiter) => waiter.revision <= revision);
    if (due.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => waiter.revision > revision);
    for (const { done } of due) done();
  }
}
