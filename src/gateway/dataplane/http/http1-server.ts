import type { Socket } from 'node:net';
import { type BodyDecoder, bodyDecoder } from './body-decoder.ts';
import { requestFraming } from './framing.ts';
import { HeadBuffer } from './head-buffer.ts';
import { HttpSyntaxError, parseRequestHead } from './head-parser.ts';
import { takeConnectionWords } from './hop-by-hop.ts';
import { Http1ServerStream } from './http1-server-stream.ts';
import { Http1Writer } from './http1-writer.ts';
import type { ServerStream } from './message.ts';
import { requestTarget } from './request-target.ts';
import { httpDate, statusLine } from './status-text.ts';
import type { Expiring, Sweeper } from './sweeper.ts';

/** What a listener says of its connections. */
export interface Http1ServerOptions {
  readonly sweeper: Sweeper;
  readonly maxHeadBytes: number;
  readonly headTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** From the first to the last byte of a request; Infinity: none. */
  readonly requestTimeoutMs: number;
  /** HTTP/1.0 is taken. */
  readonly http10?: { readonly defaultHost?: string };
  readonly onRequest: (stream: ServerStream) => void;
}

/** After the last answer so much of what a client still sends is read, so that it can read the answer. */
const MOST_DISCARDED_BYTES = 1_048_576;
const LINGER_MS = 1000;
const NOTHING = Buffer.alloc(0);

/**
 * A client's connection of HTTP/1. One request is answered at a time; what a client sends ahead waits in its socket. A client
 * that is gone ends its request; one that speaks no HTTP is told so and the connection ends, since nobody knows where its next
 * request would begin.
 */
export class Http1ServerConnection implements Expiring {
  deadline: number;
  readonly writer: Http1Writer;
  readonly socket: Socket;
  readonly #options: Http1ServerOptions;
  readonly #head = new HeadBuffer();
  #decoder: BodyDecoder | undefined;
  #stream: Http1ServerStream | undefined;
  /** What came for later: a request ahead of its turn, or a body that nobody takes yet. */
  #waiting: Buffer = NOTHING;
  #reading = false;
  #draining = false;
  #requestDeadline = Number.POSITIVE_INFINITY;
  /** Bytes that may still be thrown away; -1 while requests are read. */
  #discards = -1;

  constructor(socket: Socket, options: Http1ServerOptions) {
    this.socket = socket;
    this.#options = options;
    this.writer = new Http1Writer(socket);
    this.deadline = options.sweeper.now + options.headTimeoutMs;
    options.sweeper.add(this);
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('drain', () => this.#stream?.drained());
    socket.on('end', () => this.#ended());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
  }

  /** No request is read after the one that is answered. */
  drain(): void {
    this.#draining = true;
    if (this.#stream === undefined && this.#head.length === 0) this.#finish();
  }

  /** True when the answer that begins should say that it is the last. */
  get isLast(): boolean {
    return this.#draining;
  }

  expire(): void {
    const stream = this.#stream;
    if (this.#discards >= 0 || (stream === undefined && this.#head.length === 0)) {
      this.socket.destroy();
    } else if (stream === undefined || (!stream.requestEnded && !stream.responded)) {
      this.#refuse(new HttpSyntaxError(408, 'the request takes too long'));
    } else this.socket.destroy();
  }

  /** The stream of the current request wants its body now. */
  readBody(): void {
    if (!this.#reading) this.#read();
    if (this.#waiting.length === 0) this.socket.resume();
  }

  /** The request was read and answered. */
  streamDone(last: boolean): void {
    this.#stream = undefined;
    const { sweeper, idleTimeoutMs } = this.#options;
    this.#requestDeadline = Number.POSITIVE_INFINITY;
    this.deadline = sweeper.now + idleTimeoutMs;
    if (last || this.#draining) this.#finish();
    else if (!this.#reading) {
      this.#read();
      if (this.#waiting.length === 0) this.socket.resume();
    }
  }

  /** The answer is over before the request: what is left of it is not read. */
  abandonRequest(): void {
    this.#decoder = undefined;
    this.#stream = undefined;
    this.#finish();
  }

  /** Hands the socket to what comes after HTTP, with what was read already. */
  release(): Buffer {
    this.#options.sweeper.delete(this);
    this.deadline = Number.POSITIVE_INFINITY;
    for (const event of ['data', 'drain', 'end', 'error']) this.socket.removeAllListeners(event);
    const rest = this.#waiting;
    this.#waiting = NOTHING;
    this.#stream = undefined;
    return rest;
  }

  #data(chunk: Buffer): void {
    if (this.#discards >= 0) {
      this.#discards -= chunk.length;
      if (this.#discards < 0) this.socket.destroy();
      return;
    }
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk]);
    if (!this.#reading) this.#read();
  }

  /** Reads what waits, until it is another's turn. */
  #read(): void {
    this.#reading = true;
    try {
      while (this.#waiting.length > 0 && this.#discards < 0) {
        const chunk = this.#waiting;
        if (this.#stream !== undefined && (this.#decoder === undefined || !this.#stream.taken)) {
          this.socket.pause();
          break;
        }
        this.#waiting = NOTHING;
        const rest = this.#decoder === undefined ? this.#readHead(chunk) : this.#readBody(this.#decoder, chunk);
        if (rest !== undefined && rest.length > 0) this.#waiting = rest;
      }
    } catch (error) {
      if (!(error instanceof HttpSyntaxError)) throw error;
      this.#refuse(error);
    } finally {
      this.#reading = false;
    }
  }

  /** @returns what is behind the head */
  #readHead(chunk: Buffer): Buffer | undefined {
    const { sweeper, headTimeoutMs, requestTimeoutMs, maxHeadBytes } = this.#options;
    const start = this.#head.length === 0 ? skipEmptyLines(chunk) : 0;
    if (this.#head.length === 0 && start < chunk.length) {
      this.#requestDeadline = sweeper.now + requestTimeoutMs;
      this.deadline = Math.min(this.#requestDeadline, sweeper.now + headTimeoutMs);
    }
    const head = this.#head.push(chunk, start);
    if (Math.max(this.#head.length, head?.text.length ?? 0) > maxHeadBytes) {
      throw new HttpSyntaxError(431, 'the head of a request is too large');
    }
    if (head === undefined) return undefined;
    this.#begin(head.text);
    return head.end === head.bytes.length ? undefined : head.bytes.subarray(head.end);
  }

  #begin(text: string): void {
    const raw = parseRequestHead(text);
    const { http10, onRequest } = this.#options;
    if (raw.minor === 0 && http10 === undefined) throw new HttpSyntaxError(426, 'HTTP/1.0 is not taken');
    const target = requestTarget(raw, http10?.defaultHost);
    const framing = requestFraming(raw.headers, raw.minor);
    const words = takeConnectionWords(raw.headers);
    raw.headers.delete('host');
    const ended = framing.type === 'length' && framing.length === 0;
    const request = { method: raw.method, ...target, headers: raw.headers, upgrade: ended ? words.upgrade : undefined };
    const persists = raw.minor === 1 ? !words.close : words.keepAlive;
    const stream = new Http1ServerStream(this, request, { minor: raw.minor, ended, persists });
    this.#stream = stream;
    if (!ended) this.#decoder = bodyDecoder(framing, stream.body);
    this.deadline = ended ? Number.POSITIVE_INFINITY : this.#requestDeadline;
    onRequest(stream);
  }

  #readBody(decoder: BodyDecoder, chunk: Buffer): Buffer | undefined {
    const end = decoder.push(chunk, 0);
    if (end === -1) return undefined;
    this.#decoder = undefined;
    this.deadline = this.#stream === undefined ? this.deadline : Number.POSITIVE_INFINITY;
    return chunk.subarray(end);
  }

  /** Answers what is no request. */
  #refuse(error: HttpSyntaxError): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#decoder = undefined;
    const begun = stream?.responded === true;
    stream?.lost();
    if (begun) {
      this.socket.destroy();
      return;
    }
    const text = `${statusLine(error.status)}\r\ndate: ${httpDate()}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
    this.writer.begin(text, false);
    this.#finish();
  }

  #finish(): void {
    if (this.#discards >= 0) return;
    this.#discards = MOST_DISCARDED_BYTES;
    this.#waiting = NOTHING;
    this.deadline = this.#options.sweeper.now + LINGER_MS;
    this.writer.flush();
    this.socket.end();
    this.socket.resume();
  }

  #ended(): void {
    // a client that closes its side is gone, as for Envoy
    if (this.#stream === undefined && this.#discards < 0) this.socket.end();
    else this.socket.destroy();
  }

  #closed(): void {
    this.#options.sweeper.delete(this);
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.lost();
  }
}

/** Line ends before a request, which some clients send after a body (RFC 9112, 2.2). */
function skipEmptyLines(chunk: Buffer): number {
  let start = 0;
  while (start + 1 < chunk.length && chunk[start] === 0x0d && chunk[start + 1] === 0x0a) start += 2;
  return start;
}
