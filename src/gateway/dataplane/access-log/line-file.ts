import { appendFile } from 'node:fs';
import type { AccessLog } from '../../model/index.ts';

type FileSink = Extract<AccessLog['sink'], { type: 'File' }>;

/** More that is not written yet is dropped: a full disk takes no memory. */
const MOST_PENDING = 1_048_576;

const files = new WeakMap<FileSink, LineFile>();

/** Where a log's lines go, as long as the model says so. Of several logs at one path each adds whole lines. */
export function lineFile(sink: FileSink, onError: (error: unknown) => void): LineFile {
  let file = files.get(sink);
  if (file === undefined) files.set(sink, (file = new LineFile(sink.path, onError)));
  return file;
}

/** Adds lines to a file, in order, some at once; it is open only while they are written, so it may be moved away. */
export class LineFile {
  readonly #path: string;
  readonly #onError: (error: unknown) => void;
  #pending = '';
  #writing = false;
  #failed = false;

  constructor(path: string, onError: (error: unknown) => void) {
    this.#path = path;
    this.#onError = onError;
  }

  write(line: string): void {
    if (this.#path === '/dev/null') return;
    if (this.#path === '/dev/stdout') process.stdout.write(line);
    else if (this.#path === '/dev/stderr') process.stderr.write(line);
    else if (this.#pending.length + line.length <= MOST_PENDING) {
      this.#pending += line;
      if (!this.#writing) this.#flush();
    }
  }

  #flush(): void {
    const lines = this.#pending;
    this.#pending = '';
    this.#writing = true;
    appendFile(this.#path, lines, { mode: 0o600 }, (error) => {
      this.#writing = false;
      // a file that cannot be written is told once, and again when it could in between
      if (error !== null && !this.#failed) this.#onError(error);
      this.#failed = error !== null;
      if (this.#pending !== '') this.#flush();
    });
  }
}
