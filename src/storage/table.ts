import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { RootDatabase } from 'lmdb';
import { makeFolder } from 'nekube/files';
import { DamagedError } from './errors.ts';
import { createData, inspectDirectory } from './format.ts';
import { CommitRoom, openDatabase } from './lmdb-database.ts';
import { claimDirectory } from './lock.ts';

const format = 'nekube-table';
const checksumBytes = 4;
/** A key that comes somewhere in the tree changes the pages above it, and may split them. */
const pagesOfPut = 3;

/** So many bytes fit into a key. */
export const longestTableKeyBytes = 1900;

/** A range of keys, in their order as bytes. */
export interface TableRange {
  readonly from: Buffer;
  /** The first key that is not in it. */
  readonly to: Buffer;
  /** From the last to the first. */
  readonly reverse?: boolean;
}

/** Changes that are made together, or not at all. */
export interface TableBatch {
  readonly put?: readonly (readonly [key: Buffer, value: Buffer])[];
  readonly remove?: readonly Buffer[];
}

/**
 * An ordered map from bytes to bytes on the disk: for records that are more than memory holds. (`Storage` is what has
 * revisions and watches, and keeps an index of all in memory.) Reads are synchronous; one process writes, others may read.
 */
export interface Table {
  get(key: Buffer): Buffer | undefined;
  /** As of when the loop begins. @throws DamagedError at a damaged value */
  range(range: TableRange): Iterable<readonly [key: Buffer, value: Buffer]>;
  /** Resolves when it is on the disk. @throws StorageFullError, after which all is as before */
  write(batch: TableBatch): Promise<void>;
  /** Bytes of pages in use; the file may be longer. */
  readonly usedBytes: number;
  close(): Promise<void>;
}

/** How a table is opened. */
export interface TableOptions {
  /** Without claiming it, also while another process has it; it must exist. Every read sees what is there then. */
  readonly readOnly?: boolean;
}

/**
 * Opens the table in a directory, or begins it if there is none.
 *
 * @throws LockedError: another process has it open
 * @throws DamagedError: it is damaged, foreign or of a newer format; it was not touched
 */
export async function openTable(dir: string, { readOnly = false }: TableOptions = {}): Promise<Table> {
  if (readOnly) return await openReader(dir);
  makeFolder(dir, { mode: 0o700 });
  inspectDirectory(dir, { trees: false, format });
  const release = claimDirectory(dir);
  try {
    if (inspectDirectory(dir, { trees: true, format }) === 'data') return await openWriter(dir, release);
    return await createData(dir, () => begin(dir, release), format);
  } catch (error) {
    release();
    throw error;
  }
}

async function openReader(dir: string): Promise<Table> {
  if (inspectDirectory(dir, { trees: false, format }) === 'new') throw new DamagedError(dir, 'it holds no data');
  const database = await openDatabase<Buffer>(dir, { readOnly: true, keyEncoding: 'binary' });
  return new LmdbTable(dir, database, undefined, () => {});
}

async function openWriter(dir: string, release: () => void): Promise<LmdbTable> {
  const database = await openDatabase<Buffer>(dir, { readOnly: false, keyEncoding: 'binary' });
  return new LmdbTable(dir, database, await CommitRoom.open(dir), release);
}

/** A file to which nothing was ever written has no second header, and would be taken for damaged. */
async function begin(dir: string, release: () => void): Promise<LmdbTable> {
  const table = await openWriter(dir, release);
  const key = Buffer.from([0]);
  await table.write({ put: [[key, Buffer.alloc(0)]] });
  await table.write({ remove: [key] });
  return table;
}

class LmdbTable implements Table {
  readonly #dir: string;
  readonly #database: RootDatabase<Buffer, Buffer>;
  readonly #room: CommitRoom | undefined;
  readonly #release: () => void;
  #broken: unknown;

  constructor(dir: string, database: RootDatabase<Buffer, Buffer>, room: CommitRoom | undefined, release: () => void) {
    this.#dir = dir;
    this.#database = database;
    this.#room = room;
    this.#release = release;
  }

  get usedBytes(): number {
    const stats = this.#database.getStats() as Record<
      'pageSize' | 'treeBranchPageCount' | 'treeLeafPageCount' | 'overflowPages',
      number
    >;
    return stats.pageSize * (stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages);
  }

  get(key: Buffer): Buffer | undefined {
    const stored = this.#database.get(key);
    return stored && this.#checked(stored);
  }

  *range({ from, to, reverse = false }: TableRange): Generator<readonly [Buffer, Buffer]> {
    if (from.compare(to) >= 0) return;
    const bounds = reverse ? { start: to, end: from, reverse } : { start: from, end: to };
    for (const { key, value } of this.#database.getRange({ ...bounds, snapshot: true })) {
      // LMDB's ranges begin with their start, whichever way they go, and end before their end
      if (reverse && key.compare(to) >= 0) continue;
      yield [key, this.#checked(value)];
    }
    if (!reverse) return;
    const first = this.get(from);
    if (first !== undefined) yield [from, first];
  }

  async write({ put = [], remove = [] }: TableBatch): Promise<void> {
    if (this.#room === undefined) throw new Error(`Cannot write to table "${this.#dir}": it was opened read-only`);
    if (this.#broken) throw this.#broken;
    for (const [key] of put) checkKey(key);
    const values = put.map(([, value]) => withChecksum(value));
    await this.#room.take(this.#database, values, pagesOfPut * put.length + 2 * remove.length);
    try {
      await this.#database.batch(() => {
        for (const key of remove) this.#database.remove(key);
        put.forEach(([key], i) => this.#database.put(key, values[i]!));
      });
    } catch (error) {
      // what is on the disk now is known only after opening it again
      this.#broken = error;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#database.close();
    await this.#room?.close();
    this.#release();
  }

  #checked(stored: Buffer): Buffer {
    const value = stored.subarray(checksumBytes);
    if (stored.length < checksumBytes || stored.readUInt32LE(0) !== crc32(value))
      throw new DamagedError(join(this.#dir, 'data.mdb'), 'one of its values is damaged');
    return value;
  }
}

function checkKey(key: Buffer): void {
  if (key.length === 0 || key.length > longestTableKeyBytes)
    throw new RangeError(`key of ${key.length} bytes: it must have 1 to ${longestTableKeyBytes}`);
}

function withChecksum(value: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(checksumBytes + value.length);
  bytes.set(value, checksumBytes);
  bytes.writeUInt32LE(crc32(value), 0);
  return bytes;
}
