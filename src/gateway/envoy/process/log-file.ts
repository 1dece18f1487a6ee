import { closeSync, type FSWatcher, fstatSync, openSync, readSync, renameSync, statSync, watch } from 'node:fs';

/** A log that is larger becomes `NAME.old` when Envoy starts. */
const MOST_BYTES = 16 * 1024 * 1024;

/** A level of Envoy's log. */
export type EnvoyLogLevel = 'trace' | 'debug' | 'info' | 'warning' | 'error' | 'critical' | 'off';

/** Warnings of what is meant so: Envoy calls parts unfinished that it has had for years. */
const MEANT_SO = /marked as work-in-progress|There is no configured limit to the number of allowed active downstream/;

const LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];

/** Makes the file that a process writes to; an old one that is large is put aside. */
export function prepareLog(path: string): void {
  try {
    if (statSync(path).size > MOST_BYTES) renameSync(path, `${path}.old`);
  } catch {
    // there is none yet
  }
  closeSync(openSync(path, 'a', 0o600));
}

/**
 * Follows Envoy's log: a process that writes into a file needs nobody to read it, so it goes on when we are gone. Told are
 * lines from a level on.
 */
export class LogFollower {
  readonly #fd: number;
  readonly #watcher: FSWatcher;
  readonly #tell: (line: string) => void;
  readonly #least: number;
  #offset: number;
  #rest = '';
  #isClosed = false;

  /** Follows what is written from now on. */
  constructor(path: string, level: EnvoyLogLevel, tell: (line: string) => void) {
    this.#fd = openSync(path, 'r');
    this.#offset = fstatSync(this.#fd).size;
    this.#tell = tell;
    this.#least = LEVELS.indexOf(level);
    this.#watcher = watch(path, { persistent: false }, () => this.read());
  }

  /** Tells what is new; also done whenever the file changes. */
  read(): void {
    if (this.#isClosed) return;
    const { size } = fstatSync(this.#fd);
    if (size <= this.#offset) return;
    const buffer = Buffer.alloc(Math.min(size - this.#offset, MOST_BYTES));
    const length = readSync(this.#fd, buffer, 0, buffer.length, size - buffer.length);
    this.#offset = size;
    const lines = `${this.#rest}${buffer.toString('utf8', 0, length)}`.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  close(): void {
    this.#watcher.close();
    this.read();
    if (!this.#isClosed) closeSync(this.#fd);
    this.#isClosed = true;
  }

  /** A line that does not begin with a level has details of the one before, which are left to the file. */
  #line(line: string): void {
    const level = /^\[[^\]]*\]\[\d+\]\[(\w+)\]/.exec(line)?.[1];
    if (level !== undefined && LEVELS.indexOf(level) >= this.#least && !MEANT_SO.test(line)) this.#tell(line);
  }
}
