import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ConnectionRequest, ConnectionResponse, Connections } from './connections.ts';

type AnswerHead = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** A connection that is silent so long is asked whether it lives, and is given up when it does not say so; as client-go. */
const PING_AFTER_MS = 30_000;
const PONG_WITHIN_MS = 15_000;
/** How much of a stream, and of a connection, may be under way; what Node has by itself is slow over a distance. */
const STREAM_WINDOW = 4 << 20;
const CONNECTION_WINDOW = 1 << 30;
const SESSION_MEMORY_MB = 2048;

/** So often a request is sent again that the server has not looked at, as in Go. */
const MOST_REFUSALS = 6;

/** The server has not looked at a request, so that also a write may be sent again: it said GOAWAY, or has too many. */
class RefusedError extends Error {
  readonly code = 'ECONNRESET';

  constructor(cause: Error) {
    super('the server refused the request before it looked at it', { cause });
  }
}

function isRefused({ rstCode }: ClientHttp2Stream): boolean {
  return rstCode === constants.NGHTTP2_REFUSED_STREAM;
}

/** What connections of HTTP/2 are made of. */
export interface Http2Options {
  readonly origin: string;
  /** Opens a connection that offers HTTP/2. */
  readonly open: () => Promise<Socket>;
  /** Takes over if the server does not speak it. */
  readonly fallback: () => Promise<Connections>;
}

/** Connections of HTTP/2: one, and a further one when it carries as much as the server allows. */
export class Http2Connections implements Connections {
  readonly #options: Http2Options;
  readonly #sessions = new Set<Session>();
  #opening: Promise<Session | undefined> | undefined;
  #fallback: Connections | undefined;
  #closed: Error | undefined;

  constructor(options: Http2Options) {
    this.#options = options;
  }

  async request(request: ConnectionRequest): Promise<ConnectionResponse> {
    for (let refused = 0; ; ) {
      request.signal?.throwIfAborted();
      if (this.#closed !== undefined) throw this.#closed;
      if (this.#fallback !== undefined) return this.#fallback.request(request);
      const free = [...this.#sessions].find((session) => session.hasRoom);
      if (free !== undefined) {
        const answer = await free.request(request).catch((error: unknown) => {
          if (!(error instanceof RefusedError) || ++refused > MOST_REFUSALS) throw error;
        });
        if (answer !== undefined) return answer;
        continue;
      }
      this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
      await this.#opening;
    }
  }

  async close(): Promise<void> {
    this.#closed = new Error('these connections were closed');
    await Promise.all([...this.#sessions].map((session) => session.close()));
    await this.#fallback?.close();
  }

  async destroy(reason: Error): Promise<void> {
    this.#closed = reason;
    await Promise.all([...this.#sessions].map((session) => session.destroy(reason)));
    await this.#fallback?.destroy(reason);
  }

  async #open(): Promise<Session | undefined> {
    const socket = await this.#options.open();
    if (this.#closed !== undefined) {
      socket.destroy();
      throw this.#closed;
    }
    if ((socket as TLSSocket).alpnProtocol !== 'h2') {
      socket.destroy();
      const fallback = await this.#options.fallback();
      if (this.#closed !== undefined) {
        await fallback.destroy(this.#closed);
        throw this.#closed;
      }
      this.#fallback = fallback;
      return undefined;
    }
    const session = await Session.on(this.#options.origin, socket, () => this.#sessions.delete(session));
    this.#sessions.add(session);
    return session;
  }
}

/** One connection. */
class Session {
  readonly #session: ClientHttp2Session;
  #streams = 0;
  #leaving = false;
  #reason: Error | undefined;

  static on(origin: string, socket: Socket, gone: () => void): Promise<Session> {
    return new Promise((resolve, reject) => {
      const session = connect(origin, {
        createConnection: () => socket,
        settings: { initialWindowSize: STREAM_WINDOW, enablePush: false },
        maxSessionMemory: SESSION_MEMORY_MB,
      });
      const wrapped = new Session(session);
      session.once('close', gone);
      session.once('error', reject);
      // how many streams are allowed is known with the server's settings
      session.once('remoteSettings', () => {
        session.setLocalWindowSize(CONNECTION_WINDOW);
        resolve(wrapped);
      });
      session.once('close', () =>
        reject(Object.assign(new Error('the server closed the connection'), { code: 'ECONNRESET' })),
      );
    });
  }

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
    session.on('error', (error) => (this.#reason ??= error));
    session.on('goaway', () => (this.#leaving = true));
    const alive = setInterval(() => this.#ping(), PING_AFTER_MS).unref();
    session.once('close', () => clearInterval(alive));
  }

  get hasRoom(): boolean {
    const { closed, destroyed, remoteSettings } = this.#session;
    const most = remoteSettings?.maxConcurrentStreams ?? 100;
    return !closed && !destroyed && !this.#leaving && this.#streams < most;
  }

  request({ method, path, headers, body, signal }: ConnectionRequest): Promise<ConnectionResponse> {
    return new Promise((resolve, reject) => {
      let isAnswered = false;
      const fields = { ':method': method, ':path': path, ...headers } as OutgoingHttpHeaders;
      const stream = this.#session.request(fields, { endStream: body === null });
      this.#begin(stream, signal);
      // the third argument is in Node's documentation, but not in its types
      stream.once('response', ({ ':status': status }: AnswerHead, _flags: number, raw: readonly string[] = []) => {
        isAnswered = true;
        resolve({ status: status!, headers: headersOf(raw), body: stream });
      });
      // what fails later fails the body, which the caller reads
      stream.on('error', (error) => reject(this.#reason ?? (isRefused(stream) ? new RefusedError(error) : error)));
      stream.once('close', () => {
        if (isAnswered) return;
        const broke = Object.assign(new Error('the server closed the connection'), { code: 'ECONNRESET' });
        reject(this.#reason ?? broke);
      });
      if (body !== null) stream.end(body);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#session.close(resolve));
  }

  /**
   * Ends in the next phase of the event loop. Who calls may do so in answer to something that is still being read
   * (promises are settled in there), and Node frees streams that it goes on reading when their session is destroyed then.
   */
  async destroy(reason: Error): Promise<void> {
    this.#reason = reason;
    this.#leaving = true;
    await new Promise((resolve) => setImmediate(resolve));
    this.#session.destroy(reason);
  }

  /** A connection without streams does not keep the process alive. */
  #begin(stream: ClientHttp2Stream, signal: AbortSignal | null): void {
    if (this.#streams++ === 0) this.#session.ref();
    cancelWhenDestroyed(stream);
    const abort = (): void =>
      void stream.destroy(signal!.reason instanceof Error ? signal!.reason : new Error('aborted'));
    signal?.addEventListener('abort', abort, { once: true });
    stream.once('close', () => {
      signal?.removeEventListener('abort', abort);
      if (--this.#streams === 0 && !this.#session.destroyed) this.#session.unref();
    });
  }

  #ping(): void {
    if (this.#session.closed || this.#session.destroyed) return;
    const lost = Object.assign(new Error('the server does not answer'), { code: 'ECONNRESET' });
    const late = setTimeout(() => void this.destroy(lost), PONG_WITHIN_MS).unref();
    this.#session.ping(() => clearTimeout(late));
  }
}

/**
 * Tells the server that a stream is cancelled when it is destroyed before its end: by a signal, or by who leaves a body.
 *
 * Node tells it NO_ERROR or INTERNAL_ERROR otherwise, and at once. When that happens in answer to something that it is
 * reading on the connection, it goes on reading in streams that it has freed; a cancellation it puts off until then.
 */
function cancelWhenDestroyed(stream: ClientHttp2Stream): void {
  const destroy = stream.destroy.bind(stream);
  stream.destroy = (error) => {
    if (!stream.closed && !stream.destroyed) stream.close(constants.NGHTTP2_CANCEL);
    return destroy(error);
  };
}

/** The headers by name, with a list for what came several times: Node's own joins those to one text. */
function headersOf(raw: readonly string[]): ConnectionResponse['headers'] {
  const headers: Record<string, string | string[]> = {};
  for (let i = 0; i < raw.length; i += 2) {
    const [name, value] = [raw[i]!, raw[i + 1]!];
    if (name.startsWith(':')) continue;
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}
