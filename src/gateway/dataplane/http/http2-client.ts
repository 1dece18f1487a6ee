import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Socket } from 'node:net';
import type { HeaderList } from './header-list.ts';
import { dropConnectionHeaders } from './hop-by-hop.ts';
import { fromHttp2, rawOf, sendTrailers, toHttp2 } from './http2-headers.ts';
import type { ClientStream, ClientStreamHandler, Failure, RawConnection, RequestMessage } from './message.ts';
import type { Expiring, Sweeper } from './sweeper.ts';

/** What all streams of a connection may hold. */
const SESSION_MEMORY_MB = 64;

/** What a connection tells who keeps it. */
export interface Http2ClientOwner {
  readonly sweeper: Sweeper;
  readonly idleTimeoutMs: number;
  /** It takes no more requests. */
  gone(connection: Http2Client): void;
}

/** A connection of HTTP/2 to an endpoint: many requests at a time. */
export class Http2Client implements Expiring {
  deadline: number;
  /** Requests that are not answered yet. */
  open = 0;
  used = 0;
  readonly #session: ClientHttp2Session;
  readonly #owner: Http2ClientOwner;
  readonly #scheme: 'http' | 'https';
  #closing = false;

  constructor(socket: Socket, scheme: 'http' | 'https', owner: Http2ClientOwner) {
    this.#owner = owner;
    this.#scheme = scheme;
    this.deadline = owner.sweeper.now + owner.idleTimeoutMs;
    owner.sweeper.add(this);
    this.#session = connect(`${scheme}://endpoint`, {
      createConnection: () => socket,
      maxSessionMemory: SESSION_MEMORY_MB,
      settings: { enablePush: false, initialWindowSize: 1_048_576 },
    });
    this.#session.setMaxListeners(0);
    this.#session.on('connect', () => this.#session.setLocalWindowSize(16_777_216));
    this.#session.on('goaway', () => this.close());
    this.#session.on('error', () => this.#session.destroy());
    this.#session.on('close', () => this.#gone());
  }

  /** Streams that it may have at once. */
  get capacity(): number {
    return this.#session.remoteSettings?.maxConcurrentStreams ?? 100;
  }

  /** Begins a request; `ended` says that no body follows. */
  request(message: RequestMessage, ended: boolean, handler: ClientStreamHandler): ClientStream {
    const { method, authority, path, headers } = message;
    dropConnectionHeaders(headers);
    const pseudo = { ':method': method, ':scheme': this.#scheme, ':authority': authority, ':path': path };
    const reused = this.used > 0;
    const stream = this.#session.request(toHttp2(pseudo, headers), { endStream: ended, waitForTrailers: !ended });
    this.used++;
    this.open++;
    this.deadline = Number.POSITIVE_INFINITY;
    stream.on('close', () => this.#streamClosed());
    return new Http2Exchange(stream, handler, reused);
  }

  /** Closes it when its requests are answered. */
  close(): void {
    this.#gone();
    if (!this.#session.closed) this.#session.close();
  }

  expire(): void {
    if (this.open === 0) this.close();
  }

  #streamClosed(): void {
    this.open--;
    if (this.open === 0) this.deadline = this.#owner.sweeper.now + this.#owner.idleTimeoutMs;
  }

  #gone(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#owner.sweeper.delete(this);
    this.#owner.gone(this);
  }
}

/** A request, and its answer. */
class Http2Exchange implements ClientStream {
  readonly #stream: ClientHttp2Stream;
  readonly #handler: ClientStreamHandler;
  readonly #reused: boolean;
  #trailers: HeaderList | undefined;
  #state: 'waiting' | 'answering' | 'over' = 'waiting';

  constructor(stream: ClientHttp2Stream, handler: ClientStreamHandler, reused: boolean) {
    this.#stream = stream;
    this.#handler = handler;
    this.#reused = reused;
    let received: HeaderList | undefined;
    stream.on('response', (headers, flags, raw?: string[]) =>
      this.#head(headers[':status'] ?? 502, flags, raw ?? rawOf(headers)),
    );
    stream.on('trailers', (headers, _flags, raw?: string[]) => {
      received = fromHttp2(raw ?? rawOf(headers));
    });
    stream.on('drain', () => handler.drain());
    stream.on('wantTrailers', () => sendTrailers(stream, this.#trailers));
    stream.on('end', () => this.#ended(received));
    stream.on('error', () => {});
    stream.on('close', () => this.#closed());
  }

  write(chunk: Buffer): boolean {
    return this.#stream.writable ? this.#stream.write(chunk) : true;
  }

  end(trailers?: HeaderList): void {
    this.#trailers = trailers;
    if (this.#stream.writable) this.#stream.end();
  }

  reset(): void {
    this.#state = 'over';
    if (!this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  takeOver(): RawConnection {
    throw new TypeError('a stream of HTTP/2 is no connection of its own');
  }

  #head(status: number, flags: number, raw: readonly string[]): void {
    if (this.#state !== 'waiting') return;
    const headers = fromHttp2(raw);
    dropConnectionHeaders(headers);
    const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    this.#state = ended ? 'over' : 'answering';
    this.#handler.head({ status, headers }, ended);
    if (ended) this.#stream.resume();
    else this.#stream.on('data', (chunk: Buffer) => this.#state === 'answering' && this.#handler.data(chunk));
  }

  #ended(trailers: HeaderList | undefined): void {
    if (this.#state !== 'answering' || this.#stream.aborted || (this.#stream.rstCode ?? 0) !== 0) return;
    this.#state = 'over';
    this.#handler.end(trailers);
  }

  #closed(): void {
    if (this.#state === 'over') return;
    const begun = this.#state === 'answering';
    this.#state = 'over';
    const refused = this.#stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
    const failure: Failure = {
      reason: refused ? 'refused' : 'reset',
      message: refused ? 'remote refused stream reset' : 'connection termination',
    };
    this.#handler.failed(
      this.#reused && !begun && !refused && this.#stream.session?.destroyed !== false
        ? { ...failure, stale: true }
        : failure,
    );
  }
}
