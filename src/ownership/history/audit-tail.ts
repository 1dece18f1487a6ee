import { type FileHandle, open, stat } from 'node:fs/promises';
import { errorText } from 'nekube/apimachinery';
import { type AuditEntry, auditEntryOf } from './audit-entry.ts';

const readBytes = 64 * 1024;
/** A line that is longer is no event of a kube-apiserver, whose requests are smaller. */
const longestLine = 16 * 1024 * 1024;

/** What a tail tells. */
export interface AuditTailOptions {
  readonly onEntry: (entry: AuditEntry) => void;
  /** A line that is no event; it is passed over. */
  readonly onProblem: (text: string) => void;
}

/**
 * Follows an audit log: all that is in the file, then what is written to it, also when it is rotated (renamed, and begun
 * anew) or cut off. It looks when it is told to. A file that is not there yet is waited for.
 */
export class AuditTail {
  readonly #path: string;
  readonly #options: AuditTailOptions;
  #file: FileHandle | undefined;
  #inode = 0;
  #offset = 0;
  #line = 0;
  /** What was read of a line that has not ended; undefined: it is too long, and passed over. */
  #rest: Buffer[] | undefined = [];
  #restBytes = 0;
  #wasMissing = false;

  constructor(path: string, options: AuditTailOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** Reads what was written since the last time. */
  async read(): Promise<void> {
    if (this.#file === undefined && !(await this.#open())) return;
    await this.#readOn();
    const now = await stat(this.#path).catch(() => undefined);
    if (now === undefined || (now.ino === this.#inode && now.size >= this.#offset)) return;
    // written between the two looks, and rotated then
    await this.#readOn();
    await this.close();
    if (await this.#open()) await this.#readOn();
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #open(): Promise<boolean> {
    try {
      this.#file = await open(this.#path, 'r');
    } catch (error) {
      if (!this.#wasMissing)
        this.#options.onProblem(`Cannot read the audit log ${this.#path}: ${errorText(error)}; waiting for it`);
      this.#wasMissing = true;
      return false;
    }
    this.#wasMissing = false;
    this.#inode = (await this.#file.stat()).ino;
    this.#offset = 0;
    this.#line = 0;
    this.#rest = [];
    this.#restBytes = 0;
    return true;
  }

  async #readOn(): Promise<void> {
    const buffer = Buffer.allocUnsafe(readBytes);
    for (;;) {
      const { bytesRead } = await this.#file!.read(buffer, 0, readBytes, this.#offset);
      if (bytesRead === 0) return;
      this.#offset += bytesRead;
      this.#take(buffer.subarray(0, bytesRead));
    }
  }

  #take(bytes: Buffer): void {
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      this.#keep(bytes.subarray(start, end));
      this.#lineEnds();
      start = end + 1;
    }
    // the buffer is used again
    this.#keep(Buffer.from(bytes.subarray(start)));
  }

  #keep(part: Buffer): void {
    this.#restBytes += part.length;
    if (this.#restBytes > longestLine) this.#rest = undefined;
    else this.#rest?.push(part);
  }

  #lineEnds(): void {
    this.#line++;
    const line = this.#rest && Buffer.concat(this.#rest).toString('utf8').trim();
    this.#rest = [];
    this.#restBytes = 0;
    if (line === '') return;
    try {
      if (line === undefined) throw new SyntaxError(`it is longer than ${longestLine} bytes`);
      const entry = auditEntryOf(line);
      if (entry !== undefined) this.#options.onEntry(entry);
    } catch (error) {
      this.#options.onProblem(`${this.#path}:${this.#line}: not read: ${errorText(error)}`);
    }
  }
}
