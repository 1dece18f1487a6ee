import { SortedKeys } from '../sorted-keys.ts';
import { refusal } from './errors.ts';
import type { KeyValue } from './messages.ts';

/** A version of a key; version 0 is a deletion. They are shared and never changed, but for what came before. */
export interface Version extends KeyValue {
  /** What the key was before, until that is compacted. */
  before: Version | undefined;
}

interface History {
  readonly key: string;
  newest: Version;
}

/** Which keys: from `key` up to `end`, the one key, or all from it on. */
export interface Interval {
  readonly key: string;
  /** Absent: the one key; empty: no end. */
  readonly end: string | undefined;
}

/** What is put into a key. */
export interface NewValue {
  readonly value: Uint8Array;
  readonly lease: bigint;
}

/** Reads what a request calls a range: no end is one key, a zero byte is no end at all. */
export function interval({ key, rangeEnd }: { readonly key: string; readonly rangeEnd: string }): Interval {
  return { key, end: rangeEnd === '' ? undefined : rangeEnd === '\0' ? '' : rangeEnd };
}

/** True if a key lies in it. */
export function contains({ key, end }: Interval, other: string): boolean {
  return end === undefined ? other === key : other >= key && (end === '' || other < end);
}

/**
 * Keys with all their versions since the compacted revision, as etcd has them: a revision is a transaction, which may
 * change several keys.
 *
 * Transactions are made by `begin`, `put` and `delete`, and `commit`, one after another.
 */
export class Revisions {
  readonly #sorted = new SortedKeys<History>();
  readonly #histories = new Map<string, History>();
  /** All versions from the compacted revision on, in the order in which they were made. */
  #log: Version[] = [];
  #changes: Version[] = [];
  #revision = 1;
  #compacted = -1;
  #bytes = 0;

  /** The revision of the newest transaction. */
  get revision(): number {
    return this.#revision;
  }

  /** The revision before which nothing can be read; -1 if nothing was compacted. */
  get compacted(): number {
    return this.#compacted;
  }

  /** Bytes of keys and values that are held, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The revision of what the open transaction reads: with the changes that it made. */
  get reading(): number {
    return this.#changes.length > 0 ? this.#revision + 1 : this.#revision;
  }

  /** The revision to read at; 0 is the newest. @throws RpcError if there is none such */
  readable(revision: number): number {
    if (revision > this.reading) throw refusal('future');
    const at = revision <= 0 ? this.reading : revision;
    if (at < this.#compacted) throw refusal('compacted');
    return at;
  }

  /** The newest version of a key, that of the open transaction too; undefined where there is none, or it is deleted. */
  newest(key: string): Version | undefined {
    const version = this.#histories.get(key)?.newest;
    return version === undefined || version.version === 0 ? undefined : version;
  }

  /** Visits what was there at a readable revision, in the order of keys. */
  scan(range: Interval, revision: number, visit: (version: Version) => void): void {
    const show = (history: History): void => {
      const version = versionAt(history.newest, revision);
      if (version !== undefined && version.version > 0) visit(version);
    };
    if (range.end === undefined) {
      const history = this.#histories.get(range.key);
      if (history !== undefined) show(history);
      return;
    }
    this.#sorted.scan(range.key, (history) => {
      if (range.end !== '' && history.key >= range.end!) return false;
      show(history);
      return true;
    });
  }

  /** Puts a key. */
  put(key: string, { value, lease }: NewValue): Version {
    const before = this.newest(key);
    const modRevision = this.#revision + 1;
    const version = {
      key,
      value,
      lease,
      modRevision,
      createRevision: before?.createRevision ?? modRevision,
      version: (before?.version ?? 0) + 1,
      before: undefined,
    };
    return this.#change(version);
  }

  /** Deletes keys; gives what they were. */
  delete(range: Interval): Version[] {
    const found: Version[] = [];
    this.scan(range, this.#revision + 1, (version) => found.push(version));
    for (const { key } of found) this.#change(deletion(key, this.#revision + 1));
    return found;
  }

  /** Ends the transaction; its changes, if it made any, have the revision that is then the newest. */
  commit(): readonly Version[] {
    const changes = this.#changes;
    if (changes.length === 0) return changes;
    this.#changes = [];
    this.#revision++;
    return changes;
  }

  /** Takes in versions as they were once made, of one revision that is not older than the newest. */
  restore(versions: readonly KeyValue[], revision: number): void {
    for (const version of versions) this.#change({ ...version, before: undefined });
    this.#changes = [];
    this.#revision = revision;
  }

  /** Forgets what was replaced up to a revision. @throws RpcError if it was compacted before, or is not there yet */
  compact(revision: number): void {
    if (revision <= this.#compacted) throw refusal('compacted');
    if (revision > this.#revision) throw refusal('future');
    this.#compacted = revision;
    const kept = lowerBound(this.#log, revision + 1);
    for (const { key } of this.#log.slice(0, kept)) this.#forget(key, revision);
    // what was put by the very revision can still be watched
    const last = this.#log.slice(lowerBound(this.#log, revision), kept).filter(({ version }) => version > 0);
    this.#log = [...last, ...this.#log.slice(kept)];
    for (const { before } of this.#log) if (before !== undefined) this.#forget(before.key, revision);
  }

  /** The versions made from a revision on, up to another one, both with them. */
  changes(from: number, to: number): readonly Version[] {
    return this.#log.slice(lowerBound(this.#log, from), lowerBound(this.#log, to + 1));
  }

  /** All that can be read, in the order in which it was made. */
  everything(): Version[] {
    const all: Version[] = [];
    for (const { newest } of this.#histories.values())
      for (let version: Version | undefined = newest; version !== undefined; version = version.before)
        all.push(version);
    return all.sort((a, b) => a.modRevision - b.modRevision);
  }

  #change(version: Version): Version {
    const history = this.#histories.get(version.key);
    version.before = history?.newest;
    if (history !== undefined) history.newest = version;
    else {
      const created = { key: version.key, newest: version };
      this.#histories.set(version.key, created);
      this.#sorted.insert(created);
    }
    this.#bytes += sizeOf(version);
    this.#log.push(version);
    this.#changes.push(version);
    return version;
  }

  /** Cuts a history after the version that is read at a revision, and removes a key that is deleted then. */
  #forget(key: string, revision: number): void {
    const history = this.#histories.get(key);
    if (history === undefined) return;
    let last = history.newest;
    while (last.modRevision > revision && last.before !== undefined) last = last.before;
    for (let old = last.before; old !== undefined; old = old.before) this.#bytes -= sizeOf(old);
    last.before = undefined;
    if (last.version > 0 || last.modRevision > revision) return;
    if (last === history.newest) {
      this.#histories.delete(key);
      this.#sorted.remove(key);
      this.#bytes -= sizeOf(last);
    }
  }
}

function versionAt(newest: Version, revision: number): Version | undefined {
  let version: Version | undefined = newest;
  while (version !== undefined && version.modRevision > revision) version = version.before;
  return version;
}

function deletion(key: string, modRevision: number): Version {
  return { key, modRevision, createRevision: 0, version: 0, value: NOTHING, lease: 0n, before: undefined };
}

const NOTHING = new Uint8Array(0);

function sizeOf({ key, value }: Version): number {
  return key.length + value.length + 64;
}

/** Where the first version of a revision or a later one is. */
function lowerBound(log: readonly Version[], revision: number): number {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (log[middle]!.modRevision < revision) low = middle + 1;
    else high = middle;
  }
  return low;
}
