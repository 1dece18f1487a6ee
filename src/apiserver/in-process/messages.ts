import type { X509Certificate } from 'node:crypto';
import type { IncomingHttpHeaders, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';
import { Readable, Writable } from 'node:stream';

/** A request to a server in this process. */
export interface InProcessRequest {
  readonly method: string;
  /** The target: an escaped path that begins with a slash, and the query. */
  readonly path: string;
  /** By names in lower case, one line for each value. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** Aborted: the client goes away, also while the answer is read. */
  readonly signal?: AbortSignal;
}

/** The answer to it, as soon as its head is there. */
export interface InProcessResponse {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** To be read to its end, or given up by ending the iteration; rejects if the server breaks the answer off. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** What stands for a connection, in the form of the TLS socket that others have. */
export interface InProcessSocket {
  readonly remoteAddress: string;
  /** Whether its certificate is of a CA whose certificates are taken. */
  readonly authorized: boolean;
  getPeerX509Certificate(): X509Certificate | undefined;
  getPeerCertificate(): object;
}

/** The request as the server's parts see one that came over HTTP/2. */
export class ReceivedRequest extends Readable {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[] = [];
  readonly complete = true;
  readonly httpVersionMajor = 2;
  readonly socket: InProcessSocket;
  /** The whole body, for who need not have it as a stream. */
  readonly bytes: Buffer;

  constructor({ method, path, headers, body }: InProcessRequest, socket: InProcessSocket) {
    super();
    this.method = method;
    this.url = path;
    this.socket = socket;
    const bytes = typeof body === 'string' ? Buffer.from(body) : bufferOf(body);
    const joined: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) {
      for (const line of typeof value === 'string' ? [value] : value) this.rawHeaders.push(name, line);
      joined[name] = typeof value === 'string' ? value : value.join(name === 'cookie' ? '; ' : ', ');
    }
    if (bytes !== undefined) joined['content-length'] ??= String(bytes.length);
    this.headers = joined;
    this.bytes = bytes ?? Buffer.alloc(0);
    if (this.bytes.length > 0) this.push(this.bytes);
    this.push(null);
  }

  override _read(): void {}
}

/** So much may be written before it is read. */
const MOST_UNREAD_BYTES = 64 * 1024;

/**
 * The answer that the server's parts write, and the client reads: a pipe that holds only so much unread.
 *
 * Who writes is done when all is written, also if the last of it is not read yet, as with a socket.
 */
export class WrittenResponse extends Writable {
  readonly req: ReceivedRequest;
  statusCode = 200;
  headersSent = false;
  #broken = false;
  #isWhole = false;
  readonly #unread: Buffer[] = [];
  #unreadBytes = 0;
  #wakeReader: () => void = () => {};
  #goOnWriting: (() => void) | undefined;
  readonly #headers: OutgoingHttpHeaders = {};
  readonly #begun: (response: InProcessResponse) => void;

  /** @param begun called when the head is there */
  constructor(req: ReceivedRequest, begun: (response: InProcessResponse) => void) {
    super();
    this.req = req;
    this.#begun = begun;
    // breaking off is told to who reads, and to nobody else
    this.on('error', () => {});
  }

  setHeader(name: string, value: number | string | readonly string[]): this {
    this.#headers[name.toLowerCase()] = value as OutgoingHttpHeader;
    return this;
  }

  getHeader(name: string): OutgoingHttpHeader | undefined {
    return this.#headers[name.toLowerCase()];
  }

  writeHead(code: number, headers: OutgoingHttpHeaders = {}): this {
    if (this.headersSent) return this;
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) this.setHeader(name, value as string);
    this.statusCode = code;
    this.headersSent = true;
    this.setHeader('date', new Date().toUTCString());
    const written = Object.entries(this.#headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? [...value] : String(value),
    ]);
    this.#begun({ status: code, headers: Object.fromEntries(written), body: this.#read() });
    return this;
  }

  flushHeaders(): void {
    this.writeHead(this.statusCode);
  }

  /** Ends it so that who reads gets what was written, and then an error, as from a connection that breaks. */
  breakOff(): void {
    this.#broken = true;
    if (this.headersSent) this.end();
    else this.destroy();
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    try {
      for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) yield chunk;
      if (this.#broken) throw hangUp();
    } finally {
      this.destroy();
    }
  }

  /** The next of what is written, when it is there; undefined: that was all. */
  async #next(): Promise<Buffer | undefined> {
    for (;;) {
      if (this.destroyed && !this.#isWhole) throw this.errored ?? hangUp();
      const chunk = this.#unread.shift();
      if (chunk !== undefined) {
        this.#unreadBytes -= chunk.length;
        if (this.#unreadBytes <= MOST_UNREAD_BYTES) this.#goOn();
        return chunk;
      }
      if (this.#isWhole) return undefined;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  #goOn(): void {
    const goOn = this.#goOnWriting;
    this.#goOnWriting = undefined;
    goOn?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.flushHeaders();
    this.#unread.push(chunk);
    this.#unreadBytes += chunk.length;
    if (this.#unreadBytes > MOST_UNREAD_BYTES) this.#goOnWriting = callback;
    else callback();
    this.#wakeReader();
  }

  override _final(callback: () => void): void {
    this.flushHeaders();
    this.#isWhole = true;
    this.#wakeReader();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#wakeReader();
    callback(error);
  }
}

function hangUp(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

function bufferOf(bytes: Uint8Array | undefined): Buffer | undefined {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
