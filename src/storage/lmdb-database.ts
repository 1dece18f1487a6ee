import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Key, RootDatabase } from 'lmdb';
import { StorageFullError } from './errors.ts';
import { Reserve } from './reserve.ts';

/** The size of pages in new data: several objects of usual size fit, and a commit of one still writes little. */
const pageBytes = 8192;

/** Pages that any commit may need: tree paths, the lists of free pages. */
const commitPages = 64;

/** How keys are written: numbers and texts in LMDB's own order, or bytes as they are. */
export type KeyEncoding = 'ordered-binary' | 'binary';

/** Opens LMDB's file in a directory. Loading the native module takes longer than that; who needs no disk does not load it. */
export async function openDatabase<K extends Key>(
  dir: string,
  { readOnly, keyEncoding = 'ordered-binary' }: { readonly readOnly: boolean; readonly keyEncoding?: KeyEncoding },
): Promise<RootDatabase<Buffer, K>> {
  const { open } = await import('lmdb');
  // with overlapping syncs a commit would be acknowledged before it is on the disk
  const durable = { encoding: 'binary', overlappingSync: false } as const;
  const database = open<Buffer, K>({
    path: dir,
    noSubdir: false,
    pageSize: pageBytes,
    readOnly,
    ...(keyEncoding === 'binary' && { keyEncoding }),
    ...durable,
  });
  // LMDB makes its files readable by all, and they hold secrets
  if (!readOnly)
    for (const name of ['data.mdb', 'lock.mdb']) if (existsSync(join(dir, name))) chmodSync(join(dir, name), 0o600);
  return database;
}

/** The room on the disk that commits of a database need, taken before they begin. */
export class CommitRoom {
  readonly #dir: string;
  readonly #reserve: Reserve;

  private constructor(dir: string, reserve: Reserve) {
    this.#dir = dir;
    this.#reserve = reserve;
  }

  /** For the open database of a directory. */
  static async open(dir: string): Promise<CommitRoom> {
    return new CommitRoom(dir, await Reserve.open(join(dir, 'data.mdb')));
  }

  /**
   * Takes the room that a commit needs in the worst case.
   *
   * @param touched pages that change beside the values: of keys that go, and of keys that come in no order
   * @throws StorageFullError
   */
  async take(
    database: { getStats(): unknown },
    values: readonly { readonly length: number }[],
    touched: number,
  ): Promise<void> {
    const { pageSize, lastPageNumber } = database.getStats() as { pageSize: number; lastPageNumber: number };
    let pages = commitPages + touched;
    for (const bytes of values) pages += 2 + Math.ceil(bytes.length / pageSize);
    try {
      await this.#reserve.ensure((lastPageNumber + 1 + pages) * pageSize);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG' ? new StorageFullError(this.#dir, error) : error;
    }
  }

  close(): Promise<void> {
    return this.#reserve.close();
  }
}
