import { writeSync } from 'node:fs';
import { eventJson, eventText, type StagedEvent } from './event.ts';
import { RotatingFile } from './rotating-file.ts';

/** How events reach a log: written before the request goes on, or later, together. */
export type AuditMode = 'batch' | 'blocking' | 'blocking-strict';

/** kube-apiserver's `--audit-log-*`. */
export interface AuditLogOptions {
  /** A file; `-` is standard output. */
  readonly path: string;
  /** Megabytes after which the file is put aside; 0: never. Default 100. */
  readonly maxSize?: number;
  /** Days that old files stay; 0: for good. Default 366. */
  readonly maxAge?: number;
  /** Old files that stay; 0: all. Default 100. */
  readonly maxBackup?: number;
  /** Old files are compressed; default no. */
  readonly compress?: boolean;
  /** Lines of JSON, or the one-line form of old; default `json`. */
  readonly format?: 'json' | 'legacy';
  /** Default `blocking`. With `blocking-strict` a request whose event cannot be written fails. */
  readonly mode?: AuditMode;
  /** How many events may wait in mode `batch`; more are lost, and that is logged. Default 10,000. */
  readonly bufferSize?: number;
  /** Events above `maxEventSize` lose the objects in them, and those that are still too large are left out. Default no. */
  readonly truncate?: boolean;
  /** In bytes; default 102,400. */
  readonly maxEventSize?: number;
}

/** Where events end. */
export interface AuditBackend {
  /** False when the event could not be kept and that matters. */
  take(event: StagedEvent): boolean;
  /** Writes what waits. */
  close(): Promise<void>;
}

const MEGABYTE = 1024 * 1024;
/** A failing log says so no more often than this. */
const COMPLAIN_EVERY_MS = 10_000;

/**
 * Opens the log that the options name.
 *
 * @param complain gets a line when events cannot be written; never an event's content
 * @throws Error of the file system
 */
export function openAuditLog(
  options: AuditLogOptions,
  now: () => Date,
  complain: (line: string) => void,
): AuditBackend {
  const { path, mode = 'blocking', format = 'json', bufferSize = 10_000 } = options;
  const writer = path === '-' ? stdout : new RotatingFile(path, rotationOf(options, now));
  const write = guarded((text) => writer.write(text), now, complain);
  const line = format === 'json' ? lineMaker(options, complain) : (event: StagedEvent) => `${eventText(event)}\n`;
  if (mode === 'batch') return new BatchingLog(line, write, () => writer.close(), { bufferSize, complain });
  return {
    take: (event) => write(line(event)) || mode === 'blocking',
    close: () => writer.close(),
  };
}

const stdout = {
  write: (text: string): void => void writeSync(1, text),
  close: async (): Promise<void> => {},
};

function rotationOf(options: AuditLogOptions, now: () => Date): ConstructorParameters<typeof RotatingFile>[1] {
  const { maxSize = 100, maxBackup = 100, maxAge = 366, compress = false } = options;
  return { maxBytes: maxSize * MEGABYTE, maxBackups: maxBackup, maxAgeDays: maxAge, compress, now };
}

/** Writing that tells whether it succeeded, and complains now and then if not. */
function guarded(
  write: (text: string) => void,
  now: () => Date,
  complain: (line: string) => void,
): (text: string) => boolean {
  let lost = 0;
  let complained = -Infinity;
  return (text) => {
    if (text === '') return true;
    try {
      write(text);
      return true;
    } catch (error) {
      lost++;
      if (now().getTime() - complained >= COMPLAIN_EVERY_MS) {
        complained = now().getTime();
        complain(`Error in audit plugin 'log' affecting ${lost} audit events: ${(error as Error).message}`);
        lost = 0;
      }
      return false;
    }
  };
}

/** Lines of JSON; empty for an event that is too large even without its objects. */
function lineMaker(
  { truncate = false, maxEventSize = 100 * 1024 }: AuditLogOptions,
  complain: (line: string) => void,
): (event: StagedEvent) => string {
  if (!truncate) return (event) => `${eventJson(event)}\n`;
  return (staged) => {
    const whole = `${eventJson(staged)}\n`;
    if (Buffer.byteLength(whole) <= maxEventSize) return whole;
    const { requestObject: _request, responseObject: _response, ...event } = staged.event;
    const annotations = new Map(event.annotations).set('audit.k8s.io/truncated', { value: 'true', level: 'Metadata' });
    const short = `${eventJson({ ...staged, event: { ...event, annotations } })}\n`;
    if (Buffer.byteLength(short) <= maxEventSize) return short;
    complain("Error in audit plugin 'truncate' affecting 1 audit events: event is too large even after truncating");
    return '';
  };
}

/** Keeps lines, and writes them together at the next turn of the event loop. */
class BatchingLog implements AuditBackend {
  readonly #line: (event: StagedEvent) => string;
  readonly #write: (text: string) => boolean;
  readonly #close: () => Promise<void>;
  readonly #options: { readonly bufferSize: number; readonly complain: (line: string) => void };
  #lines: string[] = [];

  constructor(
    line: (event: StagedEvent) => string,
    write: (text: string) => boolean,
    close: () => Promise<void>,
    options: { readonly bufferSize: number; readonly complain: (line: string) => void },
  ) {
    this.#line = line;
    this.#write = write;
    this.#close = close;
    this.#options = options;
  }

  take(event: StagedEvent): boolean {
    if (this.#lines.length >= this.#options.bufferSize) {
      this.#options.complain("Error in audit plugin 'buffered' affecting 1 audit events: audit buffer queue blocked");
      return true;
    }
    // the event goes on changing, so its line is made now
    if (this.#lines.push(this.#line(event)) === 1) setImmediate(() => this.#flush());
    return true;
  }

  #flush(): void {
    for (const line of this.#lines.splice(0)) this.#write(line);
  }

  async close(): Promise<void> {
    this.#flush();
    await this.#close();
  }
}
