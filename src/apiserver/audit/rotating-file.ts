import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { makeFolder } from 'nekube/files';

/** When a file is put aside, and what becomes of those that were. */
export interface RotationOptions {
  /** 0: never. */
  readonly maxBytes: number;
  /** How many old files stay; 0: all. */
  readonly maxBackups: number;
  /** How long they stay; 0: for good. */
  readonly maxAgeDays: number;
  /** Old files become `.gz`. */
  readonly compress: boolean;
  readonly now: () => Date;
}

const MODE = 0o600;
const DAY_MS = 86_400_000;

/**
 * A file that is appended to, and put aside when it would become too large: `audit.log` becomes
 * `audit-2026-01-02T03-04-05.678.log`, as Go's lumberjack does it.
 */
export class RotatingFile {
  readonly #path: string;
  readonly #options: RotationOptions;
  #file: number;
  #bytes: number;
  /** A line was written in part, since the disk was full. */
  #broken = false;
  #tidying: Promise<void> = Promise.resolve();

  /** Opens the file, and makes it and its folder if need be. @throws Error of the file system */
  constructor(path: string, options: RotationOptions) {
    this.#path = path;
    this.#options = options;
    makeFolder(dirname(path), { mode: 0o700 });
    this.#file = openSync(path, 'a', MODE);
    this.#bytes = fstatSync(this.#file).size;
  }

  /** Appends text. @throws Error of the file system, or for a text that no file may hold */
  write(text: string): void {
    const bytes = Buffer.from(this.#broken ? `\n${text}` : text);
    const { maxBytes } = this.#options;
    if (maxBytes > 0 && bytes.byteLength > maxBytes)
      throw new Error(`write length ${bytes.byteLength} exceeds maximum file size ${maxBytes}`);
    if (maxBytes > 0 && this.#bytes + bytes.byteLength > maxBytes) this.#rotate();
    let written = 0;
    try {
      while (written < bytes.byteLength) written += writeSync(this.#file, bytes, written);
      this.#broken = false;
    } finally {
      this.#bytes += written;
      if (written > 0 && written < bytes.byteLength) this.#broken = true;
    }
  }

  #rotate(): void {
    closeSync(this.#file);
    try {
      renameSync(this.#path, this.#backupPath());
    } finally {
      // whatever went wrong, there is a file to write to
      this.#file = openSync(this.#path, 'a', MODE);
      this.#bytes = fstatSync(this.#file).size;
    }
    this.#tidying = this.#tidying.then(() => this.#tidy()).catch(() => {});
  }

  #backupPath(): string {
    const stamp = this.#options.now().toISOString().replaceAll(':', '-').slice(0, -1);
    const { name, ext } = this.#parts();
    const free = join(dirname(this.#path), `${name}-${stamp}${ext}`);
    // two in one millisecond: the older one must not be lost
    return existsSync(free) ? this.#nextFree(name, ext) : free;
  }

  #nextFree(name: string, ext: string): string {
    for (let ms = this.#options.now().getTime() + 1; ; ms++) {
      const stamp = new Date(ms).toISOString().replaceAll(':', '-').slice(0, -1);
      const path = join(dirname(this.#path), `${name}-${stamp}${ext}`);
      if (!existsSync(path) && !existsSync(`${path}.gz`)) return path;
    }
  }

  #parts(): { readonly name: string; readonly ext: string } {
    const ext = extname(this.#path);
    return { name: basename(this.#path, ext), ext };
  }

  /** Removes what is too old or too many, and compresses the rest. */
  async #tidy(): Promise<void> {
    const { maxBackups, maxAgeDays, compress, now } = this.#options;
    const backups = this.#backups();
    const kept = new Set(maxBackups > 0 ? backups.slice(0, maxBackups) : backups);
    const cutoff = maxAgeDays > 0 ? now().getTime() - maxAgeDays * DAY_MS : -Infinity;
    for (const backup of backups) {
      if (kept.has(backup) && backup.time >= cutoff) continue;
      kept.delete(backup);
      rmSync(backup.path, { force: true });
    }
    if (!compress) return;
    for (const { path } of kept) if (!path.endsWith('.gz')) await compressFile(path);
  }

  /** The newest first. */
  #backups(): { readonly path: string; readonly time: number }[] {
    const { name, ext } = this.#parts();
    const folder = dirname(this.#path);
    return readdirSync(folder)
      .flatMap((file) => {
        const plain = file.endsWith('.gz') ? file.slice(0, -'.gz'.length) : file;
        if (!plain.startsWith(`${name}-`) || !plain.endsWith(ext)) return [];
        const time = parseStamp(plain.slice(name.length + 1, plain.length - ext.length));
        return time === undefined ? [] : [{ path: join(folder, file), time }];
      })
      .sort((a, b) => b.time - a.time);
  }

  /** Closes the file when what was put aside is tidied up. */
  async close(): Promise<void> {
    await this.#tidying;
    closeSync(this.#file);
  }
}

/** `2026-01-02T03-04-05.678` as milliseconds. */
function parseStamp(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})$/.exec(text);
  const time = match ? Date.parse(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** The plain file goes when the compressed one is whole. */
async function compressFile(path: string): Promise<void> {
  const packed = `${path}.gz`;
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(packed, { mode: statSync(path).mode }));
  } catch (error) {
    rmSync(packed, { force: true });
    throw error;
  }
  rmSync(path);
}
