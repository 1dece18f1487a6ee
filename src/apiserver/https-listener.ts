import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { DEFAULT_CIPHERS } from 'node:tls';
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ConnectionUpgrade, HttpRequest, HttpResponse } from './context.ts';

/** An idle connection, and one on which a request's head does not arrive, is closed after so long. */
const HEADERS_TIMEOUT_MS = 30_000;
/** How long a request may take to arrive whole. */
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_HEADER_BYTES = 64 * 1024;
/** Those of TLS 1.3, the cheapest first, then Node's own for TLS 1.2. */
const CIPHERS = `TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:${DEFAULT_CIPHERS}`;
const MAX_STREAMS = 250;
/** Node refuses further requests of a connection on which more than this waits to be read: watches have bounds of their own. */
const SESSION_MEMORY_MB = 2048;
/** After this long `close` cuts off what has not ended. */
const CLOSE_GRACE_MS = 500;

/** With what the server shows who it is, and finds out who its clients are; PEM. */
export interface ListenerTls {
  readonly cert: string;
  readonly key: string;
  /** Whose client certificates are asked for. One of another CA is no failure here. */
  readonly clientCas: readonly string[];
}

/** Serves a request; over HTTP/1.1 its connection may be had for another protocol. Never rejects. */
type Receive = (request: HttpRequest, response: HttpResponse, upgrade?: ConnectionUpgrade) => Promise<void>;

/** Takes connections of HTTP/1.1 and HTTP/2 over TLS, and ends them. */
export class HttpsListener {
  readonly #http: Http2SecureServer;
  readonly #receive: Receive;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  /** What is being served last on each connection of HTTP/1.1. */
  readonly #turns = new WeakMap<object, Promise<void>>();

  /** @param receive serves a request; it never rejects */
  constructor({ cert, key, clientCas }: ListenerTls, receive: Receive) {
    this.#receive = receive;
    this.#http = createSecureServer({
      allowHTTP1: true,
      // Node sets this for HTTP/2 only: an event of a watch over HTTP/1.1 must not wait until the last one is acknowledged
      noDelay: true,
      cert,
      key,
      ca: [...clientCas],
      requestCert: true,
      rejectUnauthorized: false,
      ciphers: CIPHERS,
      honorCipherOrder: true,
      settings: { maxConcurrentStreams: MAX_STREAMS },
      maxSessionMemory: SESSION_MEMORY_MB,
    } as Parameters<typeof createSecureServer>[0]);
    this.#http.on('request', (request: HttpRequest, response: HttpResponse) => void this.#inTurn(request, response));
    this.#http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
    this.#http.on('connection', (socket: Socket) => track(this.#sockets, socket));
    this.#http.on('session', (session: ServerHttp2Session) => track(this.#sessions, session));
    this.#http.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#http.on('sessionError', () => {});
    // HTTP/1.1 on a server of HTTP/2 takes none of these as an option
    Object.assign(this.#http, {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
  }

  /** Begins to take connections. @throws Error if the address is in use */
  async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, host, () => {
        this.#http.off('error', reject);
        resolve();
      });
    });
    return this.#http.address() as AddressInfo;
  }

  /** Lets the process end while it listens, and while connections are open that nobody else waits for. */
  unref(): void {
    this.#http.unref();
    for (const socket of this.#sockets) socket.unref();
    this.#http.on('connection', (socket: Socket) => socket.unref());
  }

  /** Takes nothing more, and resolves when all connections have ended. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    const cut = setTimeout(() => {
      for (const session of this.#sessions) session.destroy();
      for (const socket of this.#sockets) socket.destroy();
    }, CLOSE_GRACE_MS);
    await closed;
    clearTimeout(cut);
  }

  /** What asks for another protocol is the last request on its connection, whether it gets it or not. */
  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    socket.on('error', () => socket.destroy());
    if (hasBody(request)) {
      // Node has let go of the body by now
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      return;
    }
    response.assignSocket(socket);
    const end = (): void => void socket.end();
    response.once('finish', end);
    const take = (): Duplex => {
      response.off('finish', end);
      response.detachSocket(socket);
      if (head.length > 0) socket.unshift(head);
      return socket;
    };
    void this.#inTurn(request, response, { take });
  }

  /** Requests that come pipelined on one connection of HTTP/1.1 are served one after the other (RFC 9112, 9.3.2). */
  async #inTurn(request: HttpRequest, response: HttpResponse, upgrade?: ConnectionUpgrade): Promise<void> {
    if (request.httpVersionMajor !== 1) return this.#receive(request, response);
    const { socket } = request;
    const before = this.#turns.get(socket);
    const serve = () => this.#receive(request, response, upgrade);
    const turn = before === undefined ? serve() : before.then(serve);
    this.#turns.set(socket, turn);
    await turn;
    if (this.#turns.get(socket) === turn) this.#turns.delete(socket);
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
}

/** What `close` has to end. */
interface Ending {
  once(event: 'close', listener: () => void): unknown;
  on(event: 'error', listener: () => void): unknown;
}

function track<T extends Ending>(set: Set<T>, member: T): void {
  set.add(member);
  member.on('error', () => {});
  member.once('close', () => set.delete(member));
}
