import {
  createWriteStream,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  type WriteStream,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Readable } from 'node:stream';
import { formatNanoTime } from './nano-time.ts';

/** A pod, by what its folder of logs is named after. */
export interface LoggedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** A line may be so long in a log; what is longer stands in several, as containerd has it. */
const MAX_LINE_BYTES = 16 * 1024;
const NEWLINE = 0x0a;

/** No file system has longer names. */
const LONGEST_NAME = 255;

/**
 * The folder with the logs of a pod, below that of all logs: `NAMESPACE_NAME_UID`, as in /var/log/pods. Of a name that would make it
 * too long the beginning is enough, since no two pods have the same uid.
 */
export function podLogsDir(logsDir: string, { namespace, name, uid }: LoggedPod): string {
  const room = LONGEST_NAME - namespace.length - uid.length - 2;
  return join(logsDir, `${namespace}_${name.slice(0, room)}_${uid}`);
}

/** The log of one run of a container: `CONTAINER/RESTARTS.log`. What was rotated stands beside it, with the time behind. */
export function containerLogPath(logsDir: string, pod: LoggedPod, container: string, restartCount: number): string {
  return join(podLogsDir(logsDir, pod), container, `${restartCount}.log`);
}

/** How much is kept of a run, as the kubelet does by default. */
export interface LogLimits {
  readonly maxBytes: number;
  readonly maxFiles: number;
}

/** The kubelet's defaults. */
export const LOG_LIMITS: LogLimits = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 };

/**
 * Writes what a container says to a file in the format of the CRI: `TIME stdout|stderr F|P LINE`, where P is a line that goes
 * on. A file that is full is renamed `PATH.YYYYMMDD-HHMMSS`, and the oldest of those goes.
 */
export class ContainerLog {
  readonly #path: string;
  readonly #limits: LogLimits;
  readonly #now: () => number;
  #file: WriteStream;
  #bytes = 0;

  constructor(path: string, now: () => number, limits: LogLimits = LOG_LIMITS) {
    this.#path = path;
    this.#now = now;
    this.#limits = limits;
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    this.#file = this.#open();
  }

  /** Takes in all that a stream gives; resolves at its end. */
  async follow(stream: Readable, name: 'stdout' | 'stderr'): Promise<void> {
    let rest: Buffer = Buffer.alloc(0);
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        rest = this.#lines(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), name);
      }
    } catch {
      // the stream broke: what came before counts
    }
    if (rest.length > 0) this.#line(rest, name, 'F');
  }

  /** Resolves when all is in the file, and that is closed. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      // it is closed already where it could not be written
      if (this.#file.closed) return resolve();
      this.#file.once('close', resolve);
      this.#file.end();
    });
  }

  #lines(bytes: Buffer, name: string): Buffer {
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      const stop = end < 0 ? bytes.length : end;
      while (stop - start > MAX_LINE_BYTES) {
        this.#line(bytes.subarray(start, start + MAX_LINE_BYTES), name, 'P');
        start += MAX_LINE_BYTES;
      }
      if (end < 0) return bytes.subarray(start);
      this.#line(bytes.subarray(start, end), name, 'F');
      start = end + 1;
    }
  }

  #line(text: Buffer, name: string, tag: 'F' | 'P'): void {
    const head = Buffer.from(`${formatNanoTime(this.#now())} ${name} ${tag} `);
    if (this.#bytes > 0 && this.#bytes + head.length + text.length > this.#limits.maxBytes) this.#rotate();
    const line = Buffer.concat([head, text, Buffer.of(NEWLINE)]);
    this.#bytes += line.length;
    this.#file.write(line);
  }

  #rotate(): void {
    this.#file.end();
    try {
      renameSync(this.#path, freeName(this.#path, this.#now()));
      for (const old of rotatedLogs(this.#path).slice(0, -Math.max(1, this.#limits.maxFiles - 1))) rmSync(old);
    } catch {
      // the folder is gone with its pod
    }
    this.#file = this.#open();
  }

  #open(): WriteStream {
    const file = createWriteStream(this.#path, { flags: 'a', mode: 0o640, ...this.#descriptor() });
    // a log that cannot be written must not end the container
    file.on('error', () => {});
    this.#bytes = sizeOf(this.#path);
    return file;
  }

  /** The file is there from now on, so that it can be renamed at once. */
  #descriptor(): { readonly fd?: number } {
    try {
      return { fd: openSync(this.#path, 'a', 0o640) };
    } catch {
      return {};
    }
  }
}

/** A name that nothing was rotated to, after those that were: a log that grows fast is ahead of the time. */
function freeName(path: string, now: number): string {
  const last = rotatedLogs(path).at(-1) ?? '';
  for (let at = now; ; at += 1000) {
    const stamp = new Date(at).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
    const name = `${path}.${stamp}`;
    if (name > last) return name;
  }
}

/** What was rotated of a log, the oldest first. */
export function rotatedLogs(path: string): string[] {
  const dir = dirname(path);
  try {
    const names = readdirSync(dir).map((name) => join(dir, name));
    return names.filter((name) => name.startsWith(`${path}.`)).sort();
  } catch {
    return [];
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
