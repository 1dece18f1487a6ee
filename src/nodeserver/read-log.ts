import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type LogLine, parseLogLine } from './log-lines.ts';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 64 * 1024;
/** How often a file is looked at that is written to, where the system does not say that it was. */
const POLL_MS = 500;

/** How lines are read. */
export interface ReadOptions {
  /** Only the last lines; the lines of all files, where absent. */
  readonly tailLines?: number;
  /** Goes on when the end is reached, until this resolves; absent: the end is the end. */
  readonly until?: Promise<unknown>;
  readonly signal: AbortSignal;
}

/** The lines of a log: of what was rotated, of the file, and of what is written to it while it is followed. */
export async function* readLog(path: string, options: ReadOptions): AsyncGenerator<LogLine> {
  const tail = new LastLines(options.tailLines);
  for (const old of rotated(path)) for await (const line of linesOf(old)) yield* tail.take(line);
  const file = new FollowedFile(path);
  try {
    for await (const line of file.rest()) yield* tail.take(line);
    yield* tail.flush();
    if (options.until !== undefined) yield* follow(file, path, options.until, options.signal);
  } finally {
    await file.close();
  }
}

async function* follow(
  file: FollowedFile,
  path: string,
  until: Promise<unknown>,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const news = new News(dirname(path));
  let ended = false;
  const end = (): void => {
    ended = true;
    news.wake();
  };
  void until.then(end, end);
  signal.addEventListener('abort', end, { once: true });
  try {
    while (!signal.aborted) {
      // what is written before the end is known is read after it
      const isLast = ended;
      yield* file.rest();
      if (isLast) return;
      if (!ended) await news.wait();
    }
  } finally {
    signal.removeEventListener('abort', end);
    news.close();
  }
}

/** Tells when something was written in a folder. */
class News {
  #watcher: FSWatcher | undefined;
  readonly #timer: ReturnType<typeof setInterval>;
  #wake: () => void = () => {};
  #isNews = false;

  constructor(dir: string) {
    this.#timer = setInterval(() => this.wake(), POLL_MS).unref();
    try {
      this.#watcher = watch(dir, { persistent: false }, () => this.wake());
      this.#watcher.on('error', () => {});
    } catch {
      // it is looked at now and then
    }
  }

  wake(): void {
    this.#isNews = true;
    this.#wake();
  }

  async wait(): Promise<void> {
    if (!this.#isNews) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#isNews = false;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
  }
}

/** A file that grows, and may be renamed with another in its place. */
class FollowedFile {
  readonly #path: string;
  #handle: FileHandle | undefined;
  #at = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** The lines that have come since the last time. */
  async *rest(): AsyncGenerator<LogLine> {
    for (;;) {
      this.#handle ??= await open(this.#path).catch(() => undefined);
      if (this.#handle === undefined) return;
      yield* this.#read(this.#handle);
      if (!(await this.#wasRotated(this.#handle))) return;
      yield* this.#read(this.#handle);
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
    this.#at = 0;
    this.#rest = Buffer.alloc(0);
  }

  async *#read(handle: FileHandle): AsyncGenerator<LogLine> {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, this.#at);
      if (bytesRead === 0) return;
      this.#at += bytesRead;
      let bytes = Buffer.concat([this.#rest, chunk.subarray(0, bytesRead)]);
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
        const line = parseLogLine(bytes.subarray(0, end));
        bytes = bytes.subarray(end + 1);
        if (line !== undefined) yield line;
      }
      this.#rest = bytes;
    }
  }

  async #wasRotated(handle: FileHandle): Promise<boolean> {
    const [mine, there] = await Promise.all([handle.stat(), stat(this.#path).catch(() => undefined)]);
    return there !== undefined && there.ino !== mine.ino;
  }
}

/** Keeps the last lines, or lets all through. */
class LastLines {
  readonly #most: number | undefined;
  #kept: LogLine[] = [];
  /** Lines that are whole among those kept. */
  #whole = 0;

  constructor(most: number | undefined) {
    this.#most = most;
  }

  *take(line: LogLine): Generator<LogLine> {
    if (this.#most === undefined) {
      yield line;
      return;
    }
    this.#kept.push(line);
    if (line.isWhole) this.#whole++;
    while (this.#whole > this.#most) if (this.#kept.shift()!.isWhole) this.#whole--;
  }

  *flush(): Generator<LogLine> {
    yield* this.#kept;
    this.#kept = [];
  }
}

async function* linesOf(path: string): AsyncGenerator<LogLine> {
  const file = new FollowedFile(path);
  try {
    yield* file.rest();
  } finally {
    await file.close();
  }
}

/** What was rotated, the oldest first. */
function rotated(path: string): string[] {
  const dir = dirname(path);
  try {
    const names = readdirSync(dir).map((name) => join(dir, name));
    return names.filter((name) => name.startsWith(`${path}.`)).sort();
  } catch {
    return [];
  }
}
