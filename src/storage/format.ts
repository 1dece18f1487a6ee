import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DamagedError } from './errors.ts';

/** The version of what is in a data directory; a reader of version N refuses N+1. */
const formatVersion = 1;
const formatName = 'nekube-storage';

/** What LMDB writes into a directory. */
const dataFile = 'data.mdb';
const databaseFiles = [dataFile, 'lock.mdb'];

/** Offsets in LMDB's first two pages, each of which describes the whole file; the one of the newer transaction holds. */
const meta = {
  pageBytes: 48,
  magicAt: 24,
  lastPageAt: 144,
  transactionAt: 152,
  length: 160,
  magic: 0xbeefc0de,
} as const;

/**
 * Looks at a data directory without changing it: `new` when there is no data yet (or its creation was interrupted),
 * `data` when it can be opened.
 *
 * @throws DamagedError: the data is of a newer or an unknown format, or obviously cut off.
 */
export function inspectDirectory(dir: string): 'new' | 'data' {
  const data = join(dir, dataFile);
  const path = formatFile(dir);
  if (!existsSync(path)) {
    if (existsSync(data) && !existsSync(creatingFile(dir))) throw new DamagedError(data, 'its format file is missing');
    return 'new';
  }
  const version = readVersion(path);
  if (version > formatVersion) {
    const detail = `its format version ${version} is newer than ${formatVersion}, which is the newest this nekube knows`;
    throw new DamagedError(dir, detail, { version });
  }
  checkDataFile(data);
  return 'data';
}

/** Runs `create` so that a crash at any time leaves a directory that is new or complete. */
export async function createData<T>(dir: string, create: () => Promise<T>): Promise<T> {
  for (const name of databaseFiles) rmSync(join(dir, name), { force: true });
  writeFileSync(creatingFile(dir), `${JSON.stringify({ format: formatName, version: formatVersion })}\n`, {
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

function readVersion(path: string): number {
  let format: { readonly format?: unknown; readonly version?: unknown } | null;
  try {
    format = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new DamagedError(path, 'it is not a format file', { cause });
  }
  if (format?.format !== formatName || typeof format.version !== 'number') {
    throw new DamagedError(path, `it does not describe the format ${formatName}`);
  }
  return format.version;
}

/** LMDB maps its file and dies when it is shorter than its pages, so that is found out before. */
function checkDataFile(path: string): void {
  if (!existsSync(path)) throw new DamagedError(path, 'the file is missing');
  const first = readMeta(path, 0);
  if (!first) throw new DamagedError(path, 'it is not a database');
  const second = readMeta(path, first.pageBytes);
  if (!second || second.pageBytes !== first.pageBytes) throw new DamagedError(path, 'its second header is damaged');
  const newest = second.transaction > first.transaction ? second : first;
  const expected = (newest.lastPage + 1) * newest.pageBytes;
  const { size } = statSync(path);
  if (size < expected) throw new DamagedError(path, `it was cut off: it has ${size} bytes instead of ${expected}`);
}

function readMeta(path: string, at: number): { pageBytes: number; lastPage: number; transaction: number } | undefined {
  const bytes = Buffer.alloc(meta.length);
  const fd = openSync(path, 'r');
  try {
    if (readSync(fd, bytes, 0, bytes.length, at) < bytes.length) return undefined;
  } finally {
    closeSync(fd);
  }
  if (bytes.readUInt32LE(meta.magicAt) !== meta.magic) return undefined;
  const pageBytes = bytes.readUInt32LE(meta.pageBytes);
  if (pageBytes < 512 || pageBytes > 65_536) return undefined;
  const lastPage = Number(bytes.readBigUInt64LE(meta.lastPageAt));
  return { pageBytes, lastPage, transaction: Number(bytes.readBigUInt64LE(meta.transactionAt)) };
}
