import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { HeaderList } from './header-list.ts';
import { dropConnectionHeaders } from './hop-by-hop.ts';
import { Http2Liveness } from './http2-liveness.ts';
import { fromHttp2, rawOf, sendTrailers, toHttp2 } from './http2-headers.ts';
import type { RawConnection, RequestMessage, ResponseMessage, ServerStream, ServerStreamHandler } from './message.ts';
import type { Expiring, Sweeper } from './sweeper.ts';

/** What a listener says of its connections. */
export interface Http2ServerOptions {
  readonly sweeper: Sweeper;
  readonly maxHeadBytes: number;
  readonly idleTimeoutMs: number;
  readonly maxConcurrentStreams: number;
  readonly streamWindowBytes: number;
  readonly connectionWindowBytes: number;
  readonly onRequest: (stream: ServerStream) => void;
}

/** What all streams of a connection may hold; a connection beyond it takes no more streams. */
const SESSION_MEMORY_MB = 64;
const TARGET = /^[!-~\x80-\xff]+$/;

/** A client's connection of HTTP/2, over TLS or by prior knowledge. */
export class Http2ServerConnection implements Expiring {
  deadline: number;
  readonly #session: ServerHttp2Session;
  readonly #options: Http2ServerOptions;
  #open = 0;

  constructor(socket: Socket, options: Http2ServerOptions) {
    this.#options = options;
    this.deadline = options.sweeper.now + options.idleTimeoutMs;
    options.sweeper.add(this);
    this.#session = performServerHandshake(socket, {
      maxSessionMemory: SESSION_MEMORY_MB,
      settings: {
        enablePush: false,
        maxConcurrentStreams: options.maxConcurrentStreams,
        initialWindowSize: options.streamWindowBytes,
        maxHeaderListSize: options.maxHeadBytes,
      },
    });
    this.#session.setLocalWindowSize?.(options.connectionWindowBytes);
    this.#session.on('stream', (stream, headers, flags, raw?: string[]) =>
      this.#request(stream, flags, raw ?? rawOf(headers)),
    );
    this.#session.on('error', () => this.#session.destroy());
    this.#session.on('close', () => options.sweeper.delete(this));
    new Http2Liveness(this.#session, options.sweeper);
    socket.on('error', () => socket.destroy());
  }

  /** No request is taken any more; it closes when the last is answered. */
  drain(): void {
    if (!this.#session.closed) this.#session.close();
  }

  expire(): void {
    this.drain();
  }

  destroy(): void {
    this.#session.destroy();
  }

  #request(stream: ServerHttp2Stream, flags: number, raw: readonly string[]): void {
    stream.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    const request = requestOf(raw);
    if (request === undefined) {
      stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
      return;
    }
    this.#open++;
    this.deadline = Number.POSITIVE_INFINITY;
    stream.on('close', () => {
      this.#open--;
      if (this.#open === 0) this.deadline = this.#options.sweeper.now + this.#options.idleTimeoutMs;
    });
    this.#options.onRequest(new Http2ServerStream(stream, request, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0));
  }
}

/** Undefined for what HTTP/1.1 could not say: it might be read as something else there. */
function requestOf(raw: readonly string[]): RequestMessage | undefined {
  const headers = fromHttp2(raw);
  const pseudo = (name: string): string | undefined => raw[raw.findIndex((one, i) => i % 2 === 0 && one === name) + 1];
  const method = pseudo(':method');
  const path = pseudo(':path') ?? '';
  const authority = pseudo(':authority') ?? headers.first('host') ?? '';
  if (method === undefined || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method)) return undefined;
  if (path !== '' && !TARGET.test(path)) return undefined;
  if (!/^[A-Za-z0-9\-._~!$&'()*+,;=%:[\]]*$/.test(authority)) return undefined;
  headers.delete('host');
  dropConnectionHeaders(headers);
  return { method, authority, path, headers };
}

/** A request of HTTP/2 and its answer. */
class Http2ServerStream implements ServerStream {
  readonly protocol = 'HTTP/2';
  readonly request: RequestMessage;
  readonly requestEnded: boolean;
  readonly #stream: ServerHttp2Stream;
  #handler: ServerStreamHandler | undefined;
  /** Of the answer. */
  #trailers: HeaderList | undefined;
  /** Of the request. */
  #received: HeaderList | undefined;
  #answered = false;
  #broken = false;

  constructor(stream: ServerHttp2Stream, request: RequestMessage, ended: boolean) {
    this.#stream = stream;
    this.request = request;
    this.requestEnded = ended;
    request.headers.delete('expect');
    stream.on('drain', () => this.#handler?.drain());
    // at once: they may be here before anybody reads the body
    stream.on('trailers', (trailers, _flags, raw?: string[]) => {
      this.#received = fromHttp2(raw ?? rawOf(trailers));
    });
    stream.on('close', () => this.#closed());
    if (ended) stream.resume();
  }

  handle(handler: ServerStreamHandler): void {
    this.#handler = handler;
  }

  readBody(): void {
    const handler = this.#handler;
    if (this.requestEnded || handler === undefined) return;
    const stream = this.#stream;
    stream.on('data', (chunk: Buffer) => handler.data(chunk));
    stream.on('end', () => {
      if (!stream.aborted) handler.end(this.#received);
    });
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  respond({ status, headers }: ResponseMessage, end: boolean): void {
    if (this.#stream.destroyed || this.#stream.closed) return;
    // no status of HTTP, which HTTP/1.1 passes on and Node does not
    if (status > 599) return this.reset();
    dropConnectionHeaders(headers);
    this.#answered = end;
    this.#stream.respond(toHttp2({ ':status': status }, headers), { endStream: end, waitForTrailers: !end });
    if (end) this.#stop();
    else this.#stream.on('wantTrailers', () => this.#sendTrailers());
  }

  write(chunk: Buffer): boolean {
    return this.#stream.writable ? this.#stream.write(chunk) : true;
  }

  end(trailers?: HeaderList): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#trailers = trailers;
    this.#stream.end();
  }

  reset(): void {
    this.#answered = true;
    this.#broken = true;
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  takeOver(): RawConnection {
    throw new TypeError('a stream of HTTP/2 is no connection of its own');
  }

  #sendTrailers(): void {
    if (this.#stream.destroyed || this.#broken) return;
    sendTrailers(this.#stream, this.#trailers);
    this.#stop();
  }

  /** The client need not send the rest of what was answered already (RFC 9113, 8.1). */
  #stop(): void {
    if (this.requestEnded || this.#stream.readableEnded) return;
    this.#stream.resume();
    this.#stream.close(constants.NGHTTP2_NO_ERROR);
  }

  #closed(): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#handler?.aborted();
  }
}
