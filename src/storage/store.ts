import { systemClock } from './clock.ts';
import { ClosedError, CompactedError, FutureRevisionError } from './errors.ts';
import { Expiry } from './expiry.ts';
import type { Journal, JournalRecord } from './journal.ts';
import { MvccIndex, type Version } from './mvcc.ts';
import { Retention } from './retention.ts';
import {
  checkAtOnce,
  type Entry,
  type LocalStorage,
  type NewEntry,
  type RangeOptions,
  type RangeResult,
  type StorageOptions,
  type StorageStats,
  type Watch,
  type WatchOptions,
  type Write,
  type WriteResult,
} from './storage.ts';
import { WatchHub } from './watch.ts';

/** At most so many old records are deleted along with a commit, so that new ones do not wait long for them. */
const goneLimit = 1000;

/** How long to wait before deleting an expired key again, when there was no room to do it. */
const expiryRetryMs = 5000;

/** So many separate losses are remembered for `settled`. */
const lostLimit = 64;

/** What a journal held when it was opened. */
export interface Journaled {
  readonly records: Iterable<JournalRecord>;
  /** The newest revision that was ever durable, and the compacted one. */
  readonly revision: number;
  readonly compacted: number;
}

/** A submitted write that is not durable yet. */
interface Pending {
  readonly version: Version;
  readonly result: Promise<WriteResult>;
  readonly done: (result: WriteResult) => void;
  readonly failed: (error: unknown) => void;
}

/** Revisions whose writes were lost, and why. */
interface Lost {
  readonly from: number;
  readonly to: number;
  readonly error: unknown;
}

/**
 * A store of this process: versions in memory, and a journal that makes them durable; without one they are at once.
 *
 * Writes enter the index when they are submitted. Those of a turn of the event loop, and those that arrive while a
 * commit is under way, are committed together. Reads see the index as of the newest durable revision, so a write that
 * is not durable yet is invisible, and one that fails is rolled back before anybody but `head` saw it.
 */
export class Store implements LocalStorage {
  readonly #index = new MvccIndex();
  readonly #journal: Journal | undefined;
  readonly #hub: WatchHub;
  readonly #expiry: Expiry;
  readonly #retention: Retention;
  #durable: number;
  #assigned: number;
  /** In the order of their revisions, without a gap. */
  #pending: Pending[] = [];
  #gone: number[] = [];
  #compactedDurably: number;
  #compactions: { readonly done: () => void; readonly failed: (error: unknown) => void }[] = [];
  #lost: Lost[] = [];
  #committing: Promise<void> | undefined;
  #closed = false;

  constructor(journal: Journal | undefined, journaled: Journaled, options: StorageOptions = {}) {
    const clock = options.clock ?? systemClock;
    this.#journal = journal;
    this.#durable = journaled.revision;
    this.#assigned = journaled.revision;
    this.#compactedDurably = journaled.compacted;
    for (const { key, revision, entry } of journaled.records) this.#index.append(key, revision, entry);
    // what an interrupted compaction left behind goes now
    this.#gone = this.#index.compact(journaled.compacted);
    this.#hub = new WatchHub(this.#index, this.#durable, clock);
    this.#expiry = new Expiry(clock, (key, revision) => this.#expire(key, revision));
    this.#retention = new Retention(this.#index, clock, options, (revision) => this.#compactInMemory(revision));
    for (const entry of this.range('').entries) this.#expiry.add(entry);
    if (this.#index.sizes.historyEvents > 0) this.#retention.wrote(this.#durable);
    if (journal) this.#commitSoon(journal);
  }

  get revision(): number {
    return this.#durable;
  }

  get compactedRevision(): number {
    return this.#index.compacted;
  }

  get stats(): StorageStats {
    return { ...this.#index.sizes, watches: this.#hub.size };
  }

  get(key: string, options: { readonly revision?: number } = {}): Entry | undefined {
    return this.#index.at(key, this.#readable(options.revision));
  }

  head(key: string): Entry | undefined {
    return this.#index.head(key)?.entry;
  }

  range(prefix: string, { after, limit = 0, revision }: RangeOptions = {}): RangeResult {
    return this.#index.range({ prefix, after, limit, revision: this.#readable(revision) });
  }

  write(write: Write): Promise<WriteResult> {
    if (this.#closed) return Promise.reject(new ClosedError());
    const { key, value, expect } = write;
    const current = this.head(key);
    const refused = expect !== undefined && expect !== (current?.modRevision ?? 0);
    if (refused || (value === null && !current)) return Promise.resolve({ ok: false, current });
    const revision = ++this.#assigned;
    const entry = value === null ? undefined : this.#newEntry(write, revision, current);
    return this.#submit(this.#index.append(key, revision, entry));
  }

  /** What is submitted in one turn is committed together. */
  async createAll(entries: readonly NewEntry[]): Promise<boolean> {
    checkAtOnce(entries);
    if (this.#closed) throw new ClosedError();
    if (entries.some(({ key }) => this.head(key) !== undefined)) return false;
    await Promise.all(entries.map((entry) => this.write(entry)));
    return true;
  }

  settled(revision: number): Promise<void> {
    const lost = this.#lost.find(({ from, to }) => from <= revision && revision <= to);
    if (lost) return Promise.reject(lost.error);
    if (revision <= this.#durable) return Promise.resolve();
    const pending = this.#pending[revision - (this.#pending[0]?.version.revision ?? 0)];
    if (!pending) return Promise.reject(new FutureRevisionError(revision, this.#assigned));
    return pending.result.then(() => {});
  }

  watch(options: WatchOptions): Watch {
    return this.#hub.watch(options);
  }

  async compact(revision: number): Promise<void> {
    if (this.#closed) throw new ClosedError();
    if (revision > this.#durable) throw new FutureRevisionError(revision, this.#durable);
    if (revision <= this.#index.compacted) return;
    this.#compactInMemory(revision);
    if (!this.#journal) return;
    await new Promise<void>((done, failed) => {
      this.#compactions.push({ done, failed });
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#expiry.close();
    this.#retention.close();
    while (this.#committing) await this.#committing;
    try {
      this.#hub.close();
    } finally {
      await this.#journal?.close();
    }
  }

  /** The revision to read at. */
  #readable(revision: number | undefined): number {
    if (revision === undefined) return this.#durable;
    if (revision > this.#durable) throw new FutureRevisionError(revision, this.#durable);
    if (revision < this.#index.compacted) throw new CompactedError(revision, this.#index.compacted);
    return revision;
  }

  #newEntry({ key, value, ttlSeconds }: Write, revision: number, current: Entry | undefined): Entry {
    return {
      key,
      value: value!,
      createRevision: current?.createRevision ?? revision,
      modRevision: revision,
      expiresAt: ttlSeconds === undefined ? undefined : this.#expiry.deadline(ttlSeconds),
    };
  }

  #submit(version: Version): Promise<WriteResult> {
    if (!this.#journal) {
      this.#landed([version]);
      return Promise.resolve(resultOf(version, version.previous?.entry));
    }
    let done!: Pending['done'];
    let failed!: Pending['failed'];
    const result = new Promise<WriteResult>((resolve, reject) => {
      done = resolve;
      failed = reject;
    });
    this.#pending.push({ version, result, done, failed });
    this.#commitSoon(this.#journal);
    return result;
  }

  /** Starts the loop of commits, unless it runs. */
  #commitSoon(journal: Journal): void {
    if (!this.#committing && this.#hasWork()) this.#committing = this.#commitAll(journal);
  }

  /** Something has to become durable; a closed store leaves old records for the next start. */
  #hasWork(): boolean {
    if (this.#pending.length > 0 || this.#compactions.length > 0) return true;
    return !this.#closed && (this.#gone.length > 0 || this.#compactedDurably < this.#index.compacted);
  }

  /** Commits what there is, a turn of the event loop at a time, until nothing is left or a commit fails. */
  async #commitAll(journal: Journal): Promise<void> {
    while (this.#hasWork()) {
      await new Promise((resume) => setImmediate(resume));
      const batch = this.#pending.slice();
      const gone = this.#gone.splice(0, goneLimit);
      const compactions = this.#compactions.splice(0);
      const compacted = this.#index.compacted;
      try {
        const changed = compacted > this.#compactedDurably ? compacted : undefined;
        await journal.commit({ records: batch.map(({ version }) => version), gone, compacted: changed });
      } catch (error) {
        this.#gone = gone.concat(this.#gone);
        for (const { failed } of compactions) failed(error);
        this.#lose(error);
        break;
      }
      this.#compactedDurably = compacted;
      this.#pending.splice(0, batch.length);
      this.#acknowledge(batch);
      for (const { done } of compactions) done();
    }
    this.#committing = undefined;
  }

  #acknowledge(batch: readonly Pending[]): void {
    const results = batch.map(({ version }) => resultOf(version, version.previous?.entry));
    this.#landed(batch.map(({ version }) => version));
    batch.forEach(({ done }, i) => done(results[i]!));
  }

  /** Shows versions that are durable now. */
  #landed(versions: readonly Version[]): void {
    const newest = versions.at(-1);
    if (!newest) return;
    this.#durable = newest.revision;
    this.#hub.publish(versions);
    for (const { entry } of versions) if (entry) this.#expiry.add(entry);
    this.#retention.wrote(newest.revision);
  }

  /** Takes back all that is not durable. The revisions stay used, since writers may have built on them. */
  #lose(error: unknown): void {
    const lost = this.#pending.splice(0);
    const from = lost[0]?.version.revision;
    if (from === undefined) return;
    this.#index.rollback(this.#durable);
    const before = this.#lost.at(-1);
    const widened = before && before.to + 1 === from && before.from > this.#durable;
    const range = { from: widened ? before.from : from, to: this.#assigned, error };
    this.#lost = [...(widened ? this.#lost.slice(0, -1) : this.#lost), range].slice(-lostLimit);
    for (const { failed } of lost) failed(error);
  }

  #compactInMemory(revision: number): void {
    const gone = this.#index.compact(revision);
    if (!this.#journal) return;
    this.#gone = this.#gone.concat(gone);
    this.#commitSoon(this.#journal);
  }

  /** Deletes an expired key, unless it was replaced meanwhile. */
  #expire(key: string, revision: number): void {
    if (this.head(key)?.modRevision !== revision) return;
    this.write({ key, value: null, expect: revision }).catch(() => {
      if (!this.#closed) this.#expiry.retry(key, revision, expiryRetryMs);
    });
  }
}

function resultOf({ revision, entry }: Version, previous: Entry | undefined): WriteResult {
  return { ok: true, revision, entry, previous };
}
