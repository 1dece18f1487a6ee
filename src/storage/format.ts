import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DamagedError } from './errors.ts';
import { checkLmdbFile } from './lmdb-file.ts';

/** The version of what is in a data directory; a reader of version N refuses N+1. */
const formatVersion = 1;

/** What a data directory is said to hold, so that nobody takes one thing for the other. */
export type FormatName = 'nekube-storage' | 'nekube-table';

/** What LMDB writes into a directory. */
const dataFile = 'data.mdb';
const databaseFiles = [dataFile, 'lock.mdb'];

/**
 * Looks at a data directory without changing it: `new` when there is no data yet (or its creation was interrupted),
 * `data` when it can be opened.
 *
 * `trees` looks at all of it, which nobody may write to meanwhile.
 *
 * @throws DamagedError: the data is of a newer or an unknown format, or damaged.
 */
export function inspectDirectory(
  dir: string,
  { trees, format = 'nekube-storage' }: { readonly trees: boolean; readonly format?: FormatName },
): 'new' | 'data' {
  const data = join(dir, dataFile);
  const path = formatFile(dir);
  if (!existsSync(path)) {
    if (existsSync(data) && !existsSync(creatingFile(dir))) throw new DamagedError(data, 'its format file is missing');
    return 'new';
  }
  const version = readVersion(path, format);
  if (version > formatVersion) {
    const detail = `its format version ${version} is newer than ${formatVersion}, which is the newest this nekube knows`;
    throw new DamagedError(dir, detail, { version });
  }
  checkLmdbFile(data, { trees });
  return 'data';
}

/** Runs `create` so that a crash at any time leaves a directory that is new or complete. */
export async function createData<T>(
  dir: string,
  create: () => Promise<T>,
  format: FormatName = 'nekube-storage',
): Promise<T> {
  for (const name of databaseFiles) rmSync(join(dir, name), { force: true });
  writeFileSync(creatingFile(dir), `${JSON.stringify({ format, version: formatVersion })}\n`, {
    flush: true,
  });
  const created = await create();
  renameSync(creatingFile(dir), formatFile(dir));
  syncDirectory(dir);
  return created;
}

/** Makes the names in a directory durable. */
export function syncDirectory(dir: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function formatFile(dir: string): string {
  return join(dir, 'format.json');
}

function creatingFile(dir: string): string {
  return join(dir, 'format.json.creating');
}

function readVersion(path: string, name: FormatName): number {
  let format: { readonly format?: unknown; readonly version?: unknown } | null;
  try {
    format = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new DamagedError(path, 'it is not a format file', { cause });
  }
  if (format?.format !== name || typeof format.version !== 'number') {
    throw new DamagedError(path, `it does not describe the format ${name}`);
  }
  return format.version;
}
