import { closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, readFileSync, renameSync } from 'node:fs';
import { rmSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { makeFolder } from 'nekube/files';
import { DamagedError } from '../errors.ts';
import { messages, type KeyValue } from './messages.ts';
import { MessageType } from '../protobuf.ts';

const sync = promisify(fdatasync);

/** One thing that happened: versions of a revision, a compaction, a lease that was granted or is gone. */
export interface JournalRecord {
  readonly revision: number;
  readonly versions: readonly KeyValue[];
  readonly compacted: number;
  readonly granted: bigint;
  readonly ttlSeconds: number;
  readonly revoked: bigint;
}

const record = new MessageType<JournalRecord>('Record', {
  revision: [1, 'int'],
  versions: [2, messages.keyValue, 'repeated'],
  compacted: [3, 'int'],
  granted: [4, 'id'],
  ttlSeconds: [5, 'int'],
  revoked: [6, 'id'],
});

const MAGIC = Buffer.from('nekube etcd journal 1\n');
const HEAD_BYTES = 8;

/**
 * A file to which everything that happens is appended, and from which it is read at the next start.
 *
 * Records of one turn of the event loop are written together, and then synchronised if that is asked for. A record that
 * was not written whole when the process or the machine ended is cut off. After a failure nothing is written any more.
 */
export class Journal {
  readonly #path: string;
  readonly #fsync: boolean;
  readonly #onFailure: (error: Error) => void;
  #fd: number;
  #pending: Buffer[] = [];
  #flushing: Promise<void> | undefined;
  #failure: Error | undefined;
  #appended = 0;
  #written = 0;
  /** Bytes of the file. */
  size = 0;

  private constructor(path: string, fd: number, fsync: boolean, onFailure: (error: Error) => void) {
    this.#path = path;
    this.#fd = fd;
    this.#fsync = fsync;
    this.#onFailure = onFailure;
  }

  /** Opens the file of a directory, and hands over what it holds. @throws DamagedError, or an error of the system */
  static open(dir: string, { fsync, onRecord, onFailure }: JournalOptions): Journal {
    const made = makeFolder(dir, { mode: 0o700 });
    const path = join(dir, 'journal');
    rmSync(`${path}.new`, { force: true });
    const fd = openSync(path, 'a+', 0o600);
    const journal = new Journal(path, fd, fsync, onFailure);
    const bytes = readFileSync(path);
    const whole = readRecords(path, bytes, onRecord);
    if (whole < bytes.length) ftruncateSync(fd, whole);
    journal.size = whole;
    if (whole === 0) journal.#write([MAGIC]);
    // a file is there after a crash if its directory says so, and that likewise
    if (fsync && whole === 0) syncDirectory(dir);
    if (fsync && made !== undefined) syncDirectory(dirname(resolve(made)));
    return journal;
  }

  /** The newest revision of those added since the start that is written; 0 if there is none. */
  get revision(): number {
    return this.#written;
  }

  /** Adds a record, which is written at the end of this turn. */
  append(entry: Partial<JournalRecord>): void {
    if (entry.revision !== undefined) this.#appended = entry.revision;
    this.#pending.push(...framed(entry));
  }

  /** Waits until all that was added is written; at once if it is. @throws what went wrong */
  flushed(): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#pending.length === 0 && this.#flushing === undefined) return undefined;
    if (this.#flushing === undefined) {
      this.#flushing = this.#flush().finally(() => {
        this.#flushing = undefined;
      });
      return this.#flushing;
    }
    return this.#flushing.then(() => this.flushed());
  }

  /**
   * Begins a new file with these records, in place of all that there are; not while something is being written.
   *
   * @throws an error of the system, and goes on with the file that there is
   */
  rewrite(entries: Iterable<Partial<JournalRecord>>): void {
    if (this.#flushing !== undefined || this.#failure !== undefined) return;
    const parts: Buffer[] = [MAGIC];
    for (const entry of entries) parts.push(...framed(entry));
    const fd = this.#replaced(Buffer.concat(parts));
    closeSync(this.#fd);
    this.#fd = fd;
    this.#pending = [];
    this.size = parts.reduce((sum, part) => sum + part.length, 0);
    try {
      if (this.#fsync) syncDirectory(dirname(this.#path));
      this.#written = this.#appended;
    } catch (error) {
      // which of the two files is there after a crash is not known: nothing more may be promised
      this.#fail(error as Error);
      throw error;
    }
  }

  /** Writes what is pending, and closes the file, also if that fails. */
  async close(): Promise<void> {
    try {
      await this.flushed();
    } finally {
      closeSync(this.#fd);
    }
  }

  /** A file with these bytes where the journal is; if that fails all is as it was. */
  #replaced(bytes: Buffer): number {
    const path = `${this.#path}.new`;
    const fd = openSync(path, 'w+', 0o600);
    try {
      writeWhole(fd, bytes);
      if (this.#fsync) fsyncSync(fd);
      renameSync(path, this.#path);
      return fd;
    } catch (error) {
      closeSync(fd);
      rmSync(path, { force: true });
      throw error;
    }
  }

  async #flush(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    try {
      const parts = this.#pending;
      const revision = this.#appended;
      this.#pending = [];
      this.#write(parts);
      if (this.#fsync) await sync(this.#fd);
      this.#written = revision;
    } catch (error) {
      this.#fail(error as Error);
      throw error;
    }
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#onFailure(error);
  }

  #write(parts: readonly Buffer[]): void {
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    writeWhole(this.#fd, bytes);
    this.size += bytes.length;
  }
}

/** How to open a journal. */
export interface JournalOptions {
  /** Whether what is written must survive the machine, too. */
  readonly fsync: boolean;
  readonly onRecord: (entry: JournalRecord) => void;
  readonly onFailure: (error: Error) => void;
}

/** Length and checksum, then the record. */
function framed(entry: Partial<JournalRecord>): Buffer[] {
  const payload = record.encode(entry);
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt32LE(payload.length, 0);
  head.writeUInt32LE(crc32(payload), 4);
  return [head, payload];
}

function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function writeWhole(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

/** Hands over all records that are whole; gives the number of bytes that they take. */
function readRecords(path: string, bytes: Buffer, onRecord: (entry: JournalRecord) => void): number {
  const magic = bytes.subarray(0, MAGIC.length);
  if (!magic.equals(MAGIC)) {
    if (MAGIC.subarray(0, bytes.length).equals(bytes)) return 0;
    throw new DamagedError(path, 'it is not the journal of an etcd of nekube, or of a newer one');
  }
  let at = MAGIC.length;
  while (at + HEAD_BYTES <= bytes.length) {
    const payload = payloadAt(bytes, at);
    if (payload === undefined) {
      // a tail that was not written whole is the last thing in the file
      if (hasRecordAfter(bytes, at)) throw new DamagedError(path, `a record at byte ${at} is damaged`);
      break;
    }
    onRecord(record.decode(payload));
    at += HEAD_BYTES + payload.length;
  }
  return at;
}

/** Undefined if there is no whole record. */
function payloadAt(bytes: Buffer, at: number): Buffer | undefined {
  const end = at + HEAD_BYTES + bytes.readUInt32LE(at);
  if (end > bytes.length) return undefined;
  const payload = bytes.subarray(at + HEAD_BYTES, end);
  return crc32(payload) === bytes.readUInt32LE(at + 4) ? payload : undefined;
}

/** True if anything follows the record that should be at a byte, by its length or wherever a whole one begins. */
function hasRecordAfter(bytes: Buffer, at: number): boolean {
  const end = at + HEAD_BYTES + bytes.readUInt32LE(at);
  if (bytes.subarray(end).some((byte) => byte !== 0)) return true;
  for (let next = at + 1; next + HEAD_BYTES < bytes.length; next++)
    if (bytes.readUInt32LE(next) > 0 && payloadAt(bytes, next) !== undefined) return true;
  return false;
}
