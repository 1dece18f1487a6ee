import { randomBytes } from 'node:crypto';
import { openTable, type Table } from 'nekube/storage';
import type { Interval } from './coverage.ts';
import { decodeData, decodeRecord, decodeState, encodeData, encodeRecord, encodeState } from './history-codec.ts';
import { Entry, keyOf, keyOfName, numberIn, rangeOf } from './history-keys.ts';
import type { AuditedWrite, HistoryObject, HistoryRecord, NewRecord } from './history-record.ts';
import type { ObjectState } from './object-state.ts';

/** What is watched together: a kind, or some of its objects. */
export interface Scope {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The plural, and by what else it is called: so that names can be understood without a cluster. */
  readonly resource: string;
  readonly names: readonly string[];
  readonly namespaced: boolean;
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** What is written together. */
export interface HistoryBatch {
  readonly records?: readonly NewRecord[];
  readonly states?: readonly (readonly [objectId: number, state: ObjectState])[];
  /** Times in which all was seen; one that begins as an earlier one prolongs it. */
  readonly covered?: readonly (readonly [scopeId: number, interval: Interval])[];
  /** Who made what is recorded already. */
  readonly audited?: readonly (readonly [record: HistoryRecord, by: AuditedWrite])[];
}

/** What is kept of a history. */
export interface Retention {
  /** Records that were seen before go. */
  readonly before: number;
  /** The oldest go until all takes less. */
  readonly maxBytes?: number;
}

/** How a store is opened. */
export interface HistoryStoreOptions {
  /** Also while another process writes to it. */
  readonly readOnly?: boolean;
}

interface Meta {
  readonly salt: string;
}

/** So many records go in one commit. */
const PRUNED_AT_ONCE = 500;
/** So many entries are written in one commit, for each of which room is taken on the disk beforehand. */
const PUT_AT_ONCE = 1000;

/**
 * The history of fields in a directory: records by object and in the order in which they were seen, the states in which
 * objects were last seen, and the times in which nothing was missed. Memory does not grow with it. Whenever the process
 * ends, what was written is there, and what is said to be watched was.
 */
export class HistoryStore {
  readonly #table: Table;
  /** Salts the hashes of values that are not kept. */
  readonly salt: Buffer;
  #nextSeq: number;
  #nextObject: number;
  #nextScope: number;
  /** Entries of new objects and scopes, which the next batch writes. */
  readonly #fresh = new Map<string, readonly [Buffer, Buffer]>();

  private constructor(table: Table, salt: Buffer) {
    this.#table = table;
    this.salt = salt;
    this.#nextSeq = this.#lastOf(Entry.record) + 1;
    this.#nextObject = this.#lastOf(Entry.object) + 1;
    this.#nextScope = this.#lastOf(Entry.scope) + 1;
  }

  /**
   * Opens the store of a directory, or begins it.
   *
   * @throws LockedError another process writes to it
   * @throws DamagedError it is damaged, or none
   */
  static async open(dir: string, options: HistoryStoreOptions = {}): Promise<HistoryStore> {
    const table = await openTable(dir, options);
    try {
      const known = table.get(keyOf(Entry.meta));
      const meta: Meta = known ? decodeData<Meta>(known) : { salt: randomBytes(32).toString('base64') };
      if (!known && !options.readOnly) await table.write({ put: [[keyOf(Entry.meta), encodeData(meta)]] });
      return new HistoryStore(table, Buffer.from(meta.salt, 'base64'));
    } catch (error) {
      await table.close();
      throw error;
    }
  }

  /** Bytes on the disk that are in use. */
  get usedBytes(): number {
    return this.#table.usedBytes;
  }

  /** The object of a name, if there is a history of it. */
  find(group: string, kind: string, namespace: string, name: string): HistoryObject | undefined {
    const key = keyOfName(group, kind, namespace, name);
    const id = this.#get(key);
    return id && this.#object(decodeData<number>(id));
  }

  /** The object of a name, whose history begins with the next batch if there is none. */
  objectOf(named: Omit<HistoryObject, 'id'>): HistoryObject {
    const { group, version, kind, namespace, name } = named;
    const known = this.find(group, kind, namespace, name);
    if (known !== undefined && known.version === version) return known;
    const object = { ...named, id: known?.id ?? this.#nextObject++ };
    this.#putFresh(keyOfName(group, kind, namespace, name), encodeData(object.id));
    this.#putFresh(keyOf(Entry.object, object.id), encodeData(object));
    return object;
  }

  /** All objects of which there is a history, also those that begin with the next batch. */
  *objects(): Generator<HistoryObject> {
    const fresh = new Map(
      [...this.#fresh.values()]
        .filter(([key]) => key[0] === Entry.object)
        .map(([key, value]) => [numberIn(key, 0), value]),
    );
    for (const [key, value] of this.#table.range(rangeOf(Entry.object)))
      if (!fresh.has(numberIn(key, 0))) yield decodeData<HistoryObject>(value);
    for (const value of fresh.values()) yield decodeData<HistoryObject>(value);
  }

  /** The number of a scope; a new one is there with the next batch. */
  scopeId(scope: Scope): number {
    const wanted = identityOf(scope);
    for (const [id, known] of this.scopes()) if (identityOf(known) === wanted) return id;
    const id = this.#nextScope++;
    this.#putFresh(keyOf(Entry.scope, id), encodeData(scope));
    return id;
  }

  /** What was ever watched. */
  *scopes(): Generator<readonly [id: number, scope: Scope]> {
    const fresh = [...this.#fresh.values()].filter(([key]) => key[0] === Entry.scope);
    for (const [key, value] of [...this.#table.range(rangeOf(Entry.scope)), ...fresh])
      yield [numberIn(key, 0), decodeData<Scope>(value)];
  }

  /** The times in which nothing of a scope was missed. */
  covered(scopeId: number): Interval[] {
    const entries = this.#table.range(rangeOf(Entry.coverage, scopeId));
    return [...entries].map(([key, value]) => ({ from: numberIn(key, 1), to: decodeData<number>(value) }));
  }

  /** How an object was last seen. */
  state(objectId: number): ObjectState | undefined {
    const bytes = this.#table.get(keyOf(Entry.state, objectId));
    return bytes && decodeState(bytes);
  }

  /** The records of an object, or of all, in the order in which they were seen. */
  *records(objectId?: number, { reverse = false }: { readonly reverse?: boolean } = {}): Generator<HistoryRecord> {
    const objects = new Map<number, HistoryObject>();
    const objectOf = (id: number): HistoryObject => {
      let object = objects.get(id);
      if (object === undefined) objects.set(id, (object = this.#object(id)));
      return object;
    };
    if (objectId === undefined) {
      for (const [key, value] of this.#table.range({ ...rangeOf(Entry.record), reverse }))
        yield decodeRecord(numberIn(key, 0), value, objectOf);
      return;
    }
    for (const [key] of this.#table.range({ ...rangeOf(Entry.recordOf, objectId), reverse })) {
      const seq = numberIn(key, 1);
      const value = this.#table.get(keyOf(Entry.record, seq));
      if (value !== undefined) yield decodeRecord(seq, value, objectOf);
    }
  }

  /** All records that were seen since a time. */
  *recordsSince(time: number): Generator<HistoryRecord> {
    let first = this.#nextSeq;
    for (const { seq, seenAt } of this.records(undefined, { reverse: true })) {
      if (seenAt < time) break;
      first = seq;
    }
    for (let seq = first; seq < this.#nextSeq; seq++) {
      const value = this.#table.get(keyOf(Entry.record, seq));
      if (value !== undefined) yield decodeRecord(seq, value, (id) => this.#object(id));
    }
  }

  /**
   * Writes a batch; gives its records, once they are on the disk. A large one takes several commits, of which the last says
   * until when nothing was missed: if it does not come to that, what is missing is found again, as of a time not watched.
   *
   * @throws StorageFullError
   */
  async write({ records = [], states = [], covered = [], audited = [] }: HistoryBatch): Promise<HistoryRecord[]> {
    const written = new Map(this.#fresh);
    const put = new Puts(this.#table);
    for (const entry of written.values()) await put.add(entry);
    const numbered = records.map((record) => ({ ...record, seq: this.#nextSeq++ }));
    const unwritten = new Map(states);
    const last = new Map(numbered.map(({ object, seq }) => [object.id, seq]));
    for (const record of numbered) {
      const { object, seq } = record;
      const state = last.get(object.id) === seq ? unwritten.get(object.id) : undefined;
      if (state !== undefined) unwritten.delete(object.id);
      // what happened and the state after it are there together, or not at all
      await put.add(
        [keyOf(Entry.record, seq), encodeRecord(record)],
        [keyOf(Entry.recordOf, object.id, seq), Buffer.alloc(0)],
        ...(state === undefined ? [] : [[keyOf(Entry.state, object.id), encodeState(state)] as const]),
      );
    }
    for (const [id, state] of unwritten) await put.add([keyOf(Entry.state, id), encodeState(state)]);
    for (const [record, by] of audited)
      await put.add([keyOf(Entry.record, record.seq), encodeRecord({ ...record, audited: by })]);
    for (const [id, { from, to }] of covered) put.keep([keyOf(Entry.coverage, id, from), encodeData(to)]);
    await put.write();
    for (const [key, entry] of written) if (this.#fresh.get(key) === entry) this.#fresh.delete(key);
    return numbered;
  }

  /** Forgets what is too old, or too much; gives how many records went. */
  async prune({ before, maxBytes = Number.POSITIVE_INFINITY }: Retention): Promise<number> {
    let pruned = 0;
    for (;;) {
      const isTooMuch = this.usedBytes > maxBytes;
      const gone: HistoryRecord[] = [];
      for (const record of this.records()) {
        if (!(isTooMuch || record.seenAt < before) || gone.length >= PRUNED_AT_ONCE) break;
        gone.push(record);
      }
      if (gone.length === 0) break;
      await this.#remove(gone);
      pruned += gone.length;
    }
    await this.#table.write({ remove: this.#oldCoverage(before) });
    return pruned;
  }

  /** Ends it; what was not written is lost. */
  async close(): Promise<void> {
    await this.#table.close();
  }

  async #remove(gone: readonly HistoryRecord[]): Promise<void> {
    const remove = gone.flatMap(({ seq, object }) => [keyOf(Entry.record, seq), keyOf(Entry.recordOf, object.id, seq)]);
    await this.#table.write({ remove });
    const objects = new Map(gone.map(({ object }) => [object.id, object]));
    for (const { id, group, kind, namespace, name } of objects.values()) {
      if (this.state(id)?.isPresent !== false || !isEmpty(this.records(id))) continue;
      const keys = [keyOf(Entry.object, id), keyOf(Entry.state, id), keyOfName(group, kind, namespace, name)];
      await this.#table.write({ remove: keys });
    }
  }

  #oldCoverage(before: number): Buffer[] {
    const old: Buffer[] = [];
    for (const [key, value] of this.#table.range(rangeOf(Entry.coverage)))
      if (decodeData<number>(value) < before) old.push(key);
    return old;
  }

  #object(id: number): HistoryObject {
    const bytes = this.#get(keyOf(Entry.object, id));
    if (bytes === undefined) throw new RangeError(`no object ${id} in the history`);
    return decodeData<HistoryObject>(bytes);
  }

  #get(key: Buffer): Buffer | undefined {
    return this.#fresh.get(key.toString('latin1'))?.[1] ?? this.#table.get(key);
  }

  #putFresh(key: Buffer, value: Buffer): void {
    this.#fresh.set(key.toString('latin1'), [key, value]);
  }

  #lastOf(entry: Entry): number {
    for (const [key] of this.#table.range({ ...rangeOf(entry), reverse: true })) return numberIn(key, 0);
    return 0;
  }
}

type Put = readonly [Buffer, Buffer];

/** Writes entries as they come, many in a commit. */
class Puts {
  readonly #table: Table;
  #waiting: Put[] = [];

  constructor(table: Table) {
    this.#table = table;
  }

  /** Takes entries that belong into one commit, and writes when there are many. */
  async add(...entries: readonly Put[]): Promise<void> {
    this.#waiting.push(...entries);
    if (this.#waiting.length >= PUT_AT_ONCE) await this.write();
  }

  /** Takes an entry for the last commit. */
  keep(entry: Put): void {
    this.#waiting.push(entry);
  }

  /** Writes what waits. */
  async write(): Promise<void> {
    const put = this.#waiting;
    this.#waiting = [];
    await this.#table.write({ put });
  }
}

/** Scopes are the same if they select the same. */
function identityOf({ group, kind, namespace, labelSelector, fieldSelector }: Scope): string {
  return JSON.stringify([group, kind, namespace ?? null, labelSelector ?? '', fieldSelector ?? '']);
}

function isEmpty(items: Iterable<unknown>): boolean {
  for (const _ of items) return false;
  return true;
}
