import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DamagedError } from './errors.ts';
import { syncDirectory } from './format.ts';
import type { JournalRecord } from './journal.ts';
import { writeLmdb } from './lmdb.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { Storage } from './storage.ts';

const formatName = 'nekube-snapshot';
const formatVersion = 1;
const digestBytes = 32;
const chunkBytes = 1024 * 1024;

/** What a snapshot holds. */
export interface SnapshotInfo {
  readonly revision: number;
  readonly entries: number;
  /** The length of the file. */
  readonly bytes: number;
}

/**
 * Writes all entries as of one revision into a file: a line of JSON, the records (each after its length), a SHA-256 of
 * all that. Writers go on meanwhile. The file appears under its name only when it is complete and on the disk; one
 * that was there is replaced.
 */
export async function saveSnapshot(storage: Storage, file: string): Promise<SnapshotInfo> {
  const { entries, revision } = await storage.range('');
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = await open(temporary, 'w', 0o600).catch((error: NodeJS.ErrnoException) => {
    // the caller knows the file by the name it will have
    throw Object.assign(error, { path: file });
  });
  try {
    const writer = new HashedWriter(handle);
    await writer.write(
      Buffer.from(
        `${JSON.stringify({ format: formatName, version: formatVersion, revision, entries: entries.length })}\n`,
      ),
    );
    for (const entry of entries) {
      const record = encodeRecord({ key: entry.key, revision: entry.modRevision, entry });
      const length = Buffer.alloc(4);
      length.writeUInt32LE(record.length);
      await writer.write(length);
      await writer.write(record);
    }
    const bytes = await writer.finish();
    await handle.sync();
    await handle.close();
    renameSync(temporary, file);
    syncDirectory(dirname(resolve(file)));
    return { revision, entries: entries.length, bytes };
  } catch (error) {
    await handle.close().catch(() => {});
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Makes a data directory from a snapshot. Revisions stay as they were; history before the snapshot is compacted.
 * `dir` must not exist or be empty, and appears complete or not at all.
 *
 * @throws DamagedError: the file is damaged or of a newer format.
 */
export async function restoreSnapshot(file: string, dir: string): Promise<SnapshotInfo> {
  const target = resolve(dir);
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new Error(`Cannot restore into "${dir}": the directory is not empty`);
  }
  const { revision, records, bytes } = readSnapshot(file);
  const temporary = `${target}.restoring-${process.pid}`;
  rmSync(temporary, { recursive: true, force: true });
  try {
    await writeLmdb(temporary, records, revision);
    renameSync(temporary, target);
    syncDirectory(dirname(target));
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  return { revision, entries: records.length, bytes };
}

/** Reads and checks a whole snapshot; its records come in the order of revisions. */
function readSnapshot(file: string): { revision: number; records: JournalRecord[]; bytes: number } {
  const bytes = readFileSync(file);
  const lineEnd = bytes.indexOf(10);
  const header = parseHeader(file, bytes.subarray(0, Math.max(lineEnd, 0)));
  const digestAt = bytes.length - digestBytes;
  const digest = createHash('sha256')
    .update(bytes.subarray(0, Math.max(digestAt, 0)))
    .digest();
  if (digestAt <= lineEnd || !digest.equals(bytes.subarray(digestAt))) {
    throw new DamagedError(file, 'its checksum is wrong', { version: formatVersion });
  }
  const records: JournalRecord[] = [];
  for (let at = lineEnd + 1; at < digestAt; ) {
    const length = bytes.readUInt32LE(at);
    const record = decodeRecord(bytes.subarray(at + 4, at + 4 + length));
    if (!record) throw new DamagedError(file, `its record ${records.length} is damaged`, { version: formatVersion });
    records.push(record);
    at += 4 + length;
  }
  if (records.length !== header.entries)
    throw new DamagedError(file, `it has ${records.length} of ${header.entries} entries`);
  records.sort((a, b) => a.revision - b.revision);
  return { revision: header.revision, records, bytes: bytes.length };
}

function parseHeader(file: string, line: Buffer): { revision: number; entries: number } {
  let header: { format?: unknown; version?: unknown; revision?: unknown; entries?: unknown } | null = null;
  try {
    header = JSON.parse(line.toString());
  } catch {
    // told below
  }
  if (header?.format !== formatName || typeof header.version !== 'number')
    throw new DamagedError(file, 'it is not a snapshot');
  if (header.version > formatVersion) {
    const detail = `its format version ${header.version} is newer than ${formatVersion}, which is the newest this nekube knows`;
    throw new DamagedError(file, detail, { version: header.version });
  }
  return { revision: Number(header.revision), entries: Number(header.entries) };
}

/** Writes in large pieces, and their digest at the end. */
class HashedWriter {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #pieces: Buffer[] = [];
  #waiting = 0;
  #written = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(bytes: Buffer): Promise<void> {
    this.#pieces.push(bytes);
    this.#waiting += bytes.length;
    if (this.#waiting >= chunkBytes) await this.#flush();
  }

  /** Writes the digest; returns the length of the file. */
  async finish(): Promise<number> {
    await this.#flush();
    const digest = this.#hash.digest();
    await this.#file.writeFile(digest);
    return this.#written + digest.length;
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pieces);
    this.#hash.update(bytes);
    await this.#file.writeFile(bytes);
    this.#written += bytes.length;
    this.#pieces = [];
    this.#waiting = 0;
  }
}
