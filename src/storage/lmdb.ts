import { join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { makeFolder } from 'nekube/files';
import { systemClock } from './clock.ts';
import { DamagedError } from './errors.ts';
import { createData, inspectDirectory } from './format.ts';
import type { Commit, Journal, JournalRecord } from './journal.ts';
import { CommitRoom, openDatabase } from './lmdb-database.ts';
import { claimDirectory } from './lock.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { Clock, LocalStorage, StorageOptions } from './storage.ts';
import { Store } from './store.ts';

/** The key under which the compacted revision is kept; records have their revision as key, from 2 on. */
const compactedKey = 0;

const firstRevision = 1;

/**
 * Revisions only grow. LMDB, told so, fills its pages; otherwise it would leave them half empty. (The declared type of
 * `put` knows only a version here.)
 */
const appended = { append: true } as unknown as number;

/** What `openLmdb` can be told beyond what all stores understand. */
export interface LmdbOptions extends StorageOptions {
  /**
   * Opens what is there as of now, without claiming it, also while another process has it: a picture that does not
   * change and refuses writes. The data must exist.
   */
  readonly readOnly?: boolean;
}

/**
 * Opens the data in a directory, or begins it if there is none. The directory may hold other files.
 *
 * @throws LockedError: another process has it open.
 * @throws DamagedError: it is damaged, foreign or of a newer format; it was not touched.
 */
export async function openLmdb(dir: string, options: LmdbOptions = {}): Promise<LocalStorage> {
  if (options.readOnly) return openPicture(dir, options);
  makeFolder(dir, { mode: 0o700 });
  inspectDirectory(dir, { trees: false });
  const journal = await openClaimed(dir, claimDirectory(dir));
  try {
    return new Store(journal, journal.load(), options);
  } catch (error) {
    await journal.close();
    throw error;
  }
}

async function openClaimed(dir: string, release: () => void): Promise<LmdbJournal> {
  try {
    return await LmdbJournal.open(dir, release);
  } catch (error) {
    release();
    throw error;
  }
}

/** Writes what a new data directory begins with, and closes it again. `records` must be in the order of revisions. */
export async function writeLmdb(dir: string, records: Iterable<JournalRecord>, compacted: number): Promise<void> {
  makeFolder(dir, { mode: 0o700 });
  const journal = await LmdbJournal.open(dir, () => {});
  try {
    let batch: JournalRecord[] = [];
    for (const record of records) {
      if (batch.push(record) < 1000) continue;
      await journal.commit({ records: batch, gone: [], compacted: undefined });
      batch = [];
    }
    await journal.commit({ records: batch, gone: [], compacted });
  } finally {
    await journal.close();
  }
}

async function openPicture(dir: string, options: StorageOptions): Promise<LocalStorage> {
  if (inspectDirectory(dir, { trees: false }) === 'new') throw new DamagedError(dir, 'it holds no data');
  const database = await openDatabase<number>(dir, { readOnly: true });
  const refusal = new Error(`Cannot write to storage "${dir}": it was opened read-only`);
  const journal: Journal = { commit: () => Promise.reject(refusal), close: () => Promise.resolve() };
  const clock: Clock = { now: (options.clock ?? systemClock).now, after: () => () => {} };
  try {
    return new Store(journal, loadAll(database, dir, false), { clock, historyBytes: 0 });
  } finally {
    await database.close();
  }
}

/** Records in an LMDB file, by revision; a commit is one transaction. */
class LmdbJournal implements Journal {
  readonly #dir: string;
  readonly #database: RootDatabase<Buffer, number>;
  readonly #room: CommitRoom;
  readonly #release: () => void;
  #broken: unknown;

  private constructor(dir: string, database: RootDatabase<Buffer, number>, room: CommitRoom, release: () => void) {
    this.#dir = dir;
    this.#database = database;
    this.#room = room;
    this.#release = release;
  }

  /** Opens or creates the data of a directory that is claimed; `release` gives the claim back at the end. */
  static async open(dir: string, release: () => void): Promise<LmdbJournal> {
    if (inspectDirectory(dir, { trees: true }) === 'data') return LmdbJournal.#open(dir, release);
    return createData(dir, async () => {
      const journal = await LmdbJournal.#open(dir, release);
      await journal.commit({ records: [], gone: [], compacted: 0 });
      return journal;
    });
  }

  static async #open(dir: string, release: () => void): Promise<LmdbJournal> {
    const database = await openDatabase<number>(dir, { readOnly: false });
    return new LmdbJournal(dir, database, await CommitRoom.open(dir), release);
  }

  /** All that is in the file. @throws DamagedError */
  load(): { records: JournalRecord[]; revision: number; compacted: number } {
    return loadAll(this.#database, this.#dir, true);
  }

  async commit({ records, gone, compacted }: Commit): Promise<void> {
    if (this.#broken) throw this.#broken;
    const encoded = records.map(encodeRecord);
    await this.#room.take(this.#database, encoded, 2 * gone.length);
    try {
      await this.#database.batch(() => {
        if (compacted !== undefined) this.#database.put(compactedKey, Buffer.from(String(compacted)));
        records.forEach(({ revision }, i) => this.#database.put(revision, encoded[i]!, appended));
        for (const revision of gone) this.#database.remove(revision);
      });
    } catch (error) {
      // what is on the disk now is known only after opening it again
      this.#broken = error;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#database.close();
    await this.#room.close();
    this.#release();
  }
}

/** Reads all records; `alone`: nobody else writes meanwhile, so their number can be checked. */
function loadAll(
  database: RootDatabase<Buffer, number>,
  dir: string,
  alone: boolean,
): { records: JournalRecord[]; revision: number; compacted: number } {
  const path = join(dir, 'data.mdb');
  const records: JournalRecord[] = [];
  let compacted: number | undefined;
  for (const { key, value } of database.getRange({ snapshot: true })) {
    if (key === compactedKey) {
      compacted = Number(value.toString());
      continue;
    }
    const record = decodeRecord(value);
    if (record?.revision !== key) throw new DamagedError(path, `the record of revision ${String(key)} is damaged`);
    records.push(record);
  }
  const { entryCount } = database.getStats() as { entryCount: number };
  if (compacted === undefined || !Number.isSafeInteger(compacted)) {
    throw new DamagedError(path, 'its compacted revision is missing');
  }
  if (alone && entryCount !== records.length + 1) {
    throw new DamagedError(path, `it has ${records.length + 1} readable records instead of ${entryCount}`);
  }
  const newest = records.at(-1)?.revision ?? firstRevision;
  return { records, revision: Math.max(newest, compacted), compacted };
}
