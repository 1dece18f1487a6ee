import { SortedKeys } from './sorted-keys.ts';
import type { Entry, RangeResult, StorageEvent } from './storage.ts';

/** A key's state from a revision on: an entry, or nothing after a deletion. The newest one leads to the older ones. */
export interface Version {
  readonly key: string;
  readonly revision: number;
  readonly entry: Entry | undefined;
  /** The version before this one, until it is compacted. */
  previous: Version | undefined;
}

interface Key {
  readonly key: string;
  head: Version;
}

/** What `range` reads. */
export interface RangeQuery {
  readonly prefix: string;
  readonly after: string | undefined;
  readonly limit: number;
  readonly revision: number;
}

/**
 * All versions of all keys since the compacted revision, in memory: the pure centre of every store of this process.
 *
 * It has no notion of durability: it can show any revision, and forget the newest ones again (`rollback`). Reading a
 * key costs a look-up; a range costs the keys that it spans; compaction costs the events that it forgets.
 */
export class MvccIndex {
  readonly #keys = new Map<string, Key>();
  readonly #ordered = new SortedKeys<Key>();
  readonly #log = new RevisionLog();
  #compacted = 0;
  #entries = 0;
  #valueBytes = 0;
  #historyBytes = 0;

  /** Versions before this revision are gone, but for those that were current then. */
  get compacted(): number {
    return this.#compacted;
  }

  /** Sizes: keys that exist and their bytes, events since the compacted revision and the bytes they replaced. */
  get sizes(): { entries: number; valueBytes: number; historyEvents: number; historyBytes: number } {
    const { length: historyEvents } = this.#log;
    return { entries: this.#entries, valueBytes: this.#valueBytes, historyEvents, historyBytes: this.#historyBytes };
  }

  /** The newest version of a key; one without an entry is a deletion. */
  head(key: string): Version | undefined {
    return this.#keys.get(key)?.head;
  }

  /** The key as of a revision that is not compacted. */
  at(key: string, revision: number): Entry | undefined {
    return visible(this.#keys.get(key)?.head, revision);
  }

  /** The keys of a prefix as of a revision that is not compacted. */
  range({ prefix, after, limit, revision }: RangeQuery): RangeResult {
    const entries: Entry[] = [];
    let remaining = 0;
    this.#ordered.walk(prefix, after, (item) => {
      const entry = visible(item.head, revision);
      if (entry === undefined) return;
      if (limit > 0 && entries.length >= limit) remaining++;
      else entries.push(entry);
    });
    return { entries, revision, more: remaining > 0, remaining };
  }

  /** Makes a version the newest of its key; its revision is higher than all before. */
  append(key: string, revision: number, entry: Entry | undefined): Version {
    const known = this.#keys.get(key);
    const version: Version = { key, revision, entry, previous: known?.head };
    if (known) known.head = version;
    else this.#addKey(version);
    this.#log.push(version);
    this.#account(version, 1);
    return version;
  }

  /** Forgets all versions after a revision, as if they had never been. */
  rollback(revision: number): void {
    for (let version = this.#log.last(); version && version.revision > revision; version = this.#log.last()) {
      this.#log.pop();
      this.#account(version, -1);
      const { previous } = version;
      if (previous && (previous.entry || previous.revision > this.#compacted))
        this.#keys.get(version.key)!.head = previous;
      else this.#removeKey(version.key);
    }
  }

  /**
   * Forgets what was replaced up to a revision. Returns the revisions of the versions that are gone, in an order in
   * which they can be deleted one by one: a deletion comes after all that it deleted.
   */
  compact(revision: number): number[] {
    const gone: number[] = [];
    this.#compacted = revision;
    for (const version of this.#log.shift(revision)) {
      this.#historyBytes -= bytesOf(version.previous);
      if (version.previous?.entry) gone.push(version.previous.revision);
      version.previous = undefined;
      if (version.entry) continue;
      gone.push(version.revision);
      if (this.#keys.get(version.key)?.head === version) this.#removeKey(version.key);
    }
    return gone;
  }

  /** The revision to compact to, so that no more than `bytes` of history stay; `perEvent` bytes are added for each. */
  revisionToHold(bytes: number, perEvent: number): number {
    let excess = this.#historyBytes + perEvent * this.#log.length - bytes;
    let revision = this.#compacted;
    for (let i = 0; excess > 0 && i < this.#log.length; i++) {
      const version = this.#log.at(i)!;
      excess -= bytesOf(version.previous) + perEvent;
      revision = version.revision;
    }
    return revision;
  }

  /** The versions after one revision and up to another, oldest first. */
  between(after: number, upTo: number): Version[] {
    const versions: Version[] = [];
    for (let i = this.#log.firstAfter(after); i < this.#log.length; i++) {
      const version = this.#log.at(i)!;
      if (version.revision > upTo) break;
      versions.push(version);
    }
    return versions;
  }

  #addKey(version: Version): void {
    const item = { key: version.key, head: version };
    this.#keys.set(version.key, item);
    this.#ordered.insert(item);
  }

  #removeKey(key: string): void {
    this.#keys.delete(key);
    this.#ordered.remove(key);
  }

  #account(version: Version, sign: 1 | -1): void {
    const before = bytesOf(version.previous);
    this.#valueBytes += sign * (bytesOf(version) - before);
    this.#historyBytes += sign * before;
    this.#entries += sign * (Number(version.entry !== undefined) - Number(version.previous?.entry !== undefined));
  }
}

/** The change that made a version. Call it before its predecessor is compacted. */
export function eventOf({ key, revision, entry, previous }: Version): StorageEvent {
  return { type: entry ? 'put' : 'delete', key, revision, entry, previous: previous?.entry };
}

function visible(head: Version | undefined, revision: number): Entry | undefined {
  let version = head;
  while (version && version.revision > revision) version = version.previous;
  return version?.entry;
}

function bytesOf(version: Version | undefined): number {
  return version?.entry?.value.length ?? 0;
}

/** Versions in the order of their revisions: grows at the end, shrinks at both. */
class RevisionLog {
  #items: Version[] = [];
  #start = 0;

  get length(): number {
    return this.#items.length - this.#start;
  }

  at(i: number): Version | undefined {
    return this.#items[this.#start + i];
  }

  last(): Version | undefined {
    return this.length > 0 ? this.#items.at(-1) : undefined;
  }

  push(version: Version): void {
    this.#items.push(version);
  }

  pop(): void {
    this.#items.pop();
  }

  /** The index of the first version after a revision. */
  firstAfter(revision: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle)!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Removes and returns the versions up to a revision. */
  shift(revision: number): Version[] {
    const count = this.firstAfter(revision);
    const shifted = this.#items.slice(this.#start, this.#start + count);
    this.#items.fill(undefined as unknown as Version, this.#start, this.#start + count);
    this.#start += count;
    if (this.#start > this.#items.length >> 1) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return shifted;
  }
}
