/** What of a log is asked for. */
export interface LogOptions {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly stream?: 'stdout' | 'stderr';
}

/** A line of a log in the format of the CRI: `TIME STREAM F|P TEXT`. */
export interface LogLine {
  /** As it stands there, to the nanosecond. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** False for a part that goes on in the next line. */
  readonly isWhole: boolean;
  readonly text: Buffer;
}

const SPACE = 0x20;

/** Reads a line without its end. Undefined for what is none: it is passed over. */
export function parseLogLine(line: Buffer): LogLine | undefined {
  const first = line.indexOf(SPACE);
  const second = line.indexOf(SPACE, first + 1);
  const third = line.indexOf(SPACE, second + 1);
  if (first < 0 || second < 0 || third < 0) return undefined;
  const stream = line.toString('latin1', first + 1, second);
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  const isWhole = line.toString('latin1', second + 1, third) !== 'P';
  return { time: line.toString('latin1', 0, first), stream, isWhole, text: line.subarray(third + 1) };
}

/** Chooses and writes lines as they are asked for, and counts how much may still be said. */
export class LogWriter {
  readonly #options: LogOptions;
  #left: number;
  /** A line goes on, so that it has no further time. */
  #goesOn = false;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Nothing more may be said. */
  get isFull(): boolean {
    return this.#left <= 0;
  }

  /** The bytes that are sent for a line; none for one that is not asked for. */
  write(line: LogLine): Buffer {
    const { since, stream, timestamps } = this.#options;
    if (stream !== undefined && line.stream !== stream) return Buffer.alloc(0);
    if (since !== undefined && Date.parse(line.time) < since) return Buffer.alloc(0);
    const time = timestamps && !this.#goesOn ? `${line.time} ` : '';
    this.#goesOn = !line.isWhole;
    const bytes = Buffer.concat([Buffer.from(time), line.text, Buffer.from(line.isWhole ? '\n' : '')]);
    const sent = bytes.subarray(0, Math.min(bytes.length, this.#left));
    this.#left -= sent.length;
    return sent;
  }
}
