import type { Clock } from '../storage.ts';
import { Journal, type JournalRecord } from './journal.ts';
import { type Lease, LeaseTable } from './leases.ts';
import { Revisions, type Version } from './revisions.ts';

/** Where the data is, and what to do when it cannot be written. */
export interface DatabaseOptions {
  readonly dir: string;
  readonly fsync: boolean;
  readonly clock: Clock;
  readonly newId: () => bigint;
  readonly onFailure: (error: Error) => void;
}

/** A journal of so many bytes is written anew when it is compacted, if less than half of it is needed. */
const REWRITE_BYTES = 4 * 1024 * 1024;
/** Records of a journal that is written anew hold so many versions. */
const BATCH = 1000;

/**
 * Keys and leases with the journal that keeps them.
 *
 * What changes them is seen at once by the next who changes something; to tell anybody of it, await `flushed`.
 */
export class Database {
  readonly revisions = new Revisions();
  readonly leases: LeaseTable;
  readonly #journal: Journal;
  #listeners = new Set<() => void>();
  #told = 0;
  #isTelling = false;

  /** @throws DamagedError, or an error of the system */
  constructor({ dir, fsync, clock, newId, onFailure }: DatabaseOptions) {
    this.leases = new LeaseTable(clock, newId, (id) => this.#expire(id));
    this.#journal = Journal.open(dir, { fsync, onFailure, onRecord: (entry) => this.#restore(entry) });
    this.#told = this.revisions.revision;
  }

  /** The newest revision that is written, which watchers may be told of. */
  get told(): number {
    return this.#told;
  }

  /** Bytes of the file. */
  get size(): number {
    return this.#journal.size;
  }

  /**
   * Calls when there are changes that watchers may be told of; the result ends it. What a listener throws is a bug, and
   * ends the process as an uncaught exception; the other listeners are told all the same.
   */
  onTold(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Ends the transaction that is open. */
  commit(): void {
    const versions = this.revisions.commit();
    if (versions.length === 0) return;
    for (const { key, lease } of versions) this.leases.attach(key, lease);
    this.#journal.append({ revision: this.revisions.revision, versions });
    this.#tell();
  }

  /** Grants a lease. @throws RpcError */
  grant(id: bigint, ttlSeconds: number): Lease {
    const lease = this.leases.grant(id, ttlSeconds);
    this.#journal.append({ granted: lease.id, ttlSeconds: lease.ttlSeconds });
    return lease;
  }

  /** Ends a lease with its keys, in one revision. @throws RpcError if there is none */
  revoke(id: bigint): void {
    const lease = this.leases.get(id);
    const keys = [...lease.keys].sort();
    this.leases.remove(lease);
    this.#journal.append({ revoked: id });
    for (const key of keys) this.revisions.delete({ key, end: undefined });
    this.commit();
  }

  /** Forgets what was replaced up to a revision. @throws RpcError */
  async compact(revision: number): Promise<void> {
    this.revisions.compact(revision);
    this.#journal.append({ compacted: revision });
    await this.flushed();
    if (this.#journal.size > REWRITE_BYTES && this.#journal.size > 2 * this.revisions.bytes)
      this.#journal.rewrite(this.#everything());
  }

  /** Waits until all changes are written; undefined if they are. */
  flushed(): Promise<void> | undefined {
    return this.#journal.flushed();
  }

  async close(): Promise<void> {
    this.leases.close();
    await this.#journal.close();
  }

  #expire(id: bigint): void {
    if (this.leases.find(id) !== undefined) this.revoke(id);
  }

  /** Tells the listeners, once for all changes that are written together. */
  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    // a failure to write is told by `onFailure`, and to whoever waits for `flushed`
    void this.#toldLater().catch(() => {});
  }

  /** What was added while something was written is told when that is written, too. */
  async #toldLater(): Promise<void> {
    while (this.#told < this.revisions.revision) {
      await this.flushed();
      this.#told = this.#journal.revision;
      for (const listener of this.#listeners) callLoudly(listener);
    }
    this.#isTelling = false;
  }

  #restore({ revision, versions, compacted, granted, ttlSeconds, revoked }: JournalRecord): void {
    if (granted !== 0n) this.leases.restore(granted, ttlSeconds);
    if (revision > 0) this.revisions.restore(versions, revision);
    for (const { key, lease } of versions) this.leases.attach(key, lease);
    if (compacted > 0) this.revisions.compact(compacted);
    const lease = revoked === 0n ? undefined : this.leases.find(revoked);
    if (lease !== undefined) this.leases.remove(lease);
  }

  /** Records that make all of this again. */
  *#everything(): Iterable<Partial<JournalRecord>> {
    const { revision, compacted } = this.revisions;
    for (const { id, ttlSeconds } of this.leases.all()) yield { granted: id, ttlSeconds };
    let batch: Version[] = [];
    for (const version of this.revisions.everything()) {
      const before = batch.at(-1);
      if (before !== undefined && batch.length >= BATCH && before.modRevision < version.modRevision) {
        yield { revision: before.modRevision, versions: batch };
        batch = [];
      }
      batch.push(version);
    }
    yield { revision, versions: batch };
    if (compacted > 0) yield { compacted };
  }
}

/** What is thrown does not come back here, and does not get lost. */
function callLoudly(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
