import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2Session } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, type TlsOptions } from 'node:tls';
import { keepAlive } from './keep-alive.ts';
import { type Methods, serveCall } from './serve-call.ts';

/** Where to listen; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** A Unix socket, by its path; the folder says who may come. */
export interface ListenPath {
  readonly path: string;
}

/** PEM texts: who we are, and who signs clients, which are then asked for their certificates and refused without. */
export interface ListenTls {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string;
}

/** How to serve. */
export interface ListenerOptions {
  /** Requests of more bytes are refused; default 4 MiB, as gRPC has it. */
  readonly mostBytes?: number;
  /** Default: without TLS. */
  readonly tls?: ListenTls;
  /** What HTTP/1.1 is answered; default: nothing is found. */
  readonly pages?: Pages;
  /** Clients of which nothing is heard are asked for a sign of life, and given up without; default false. */
  readonly keepAlive?: boolean;
  /** So long may a client take to say in which protocol it speaks; default 30,000 ms. */
  readonly beginMs?: number;
}

/** What HTTP/1.1 is answered: the status, the type and the text of a path; undefined for one that there is not. */
export type Pages = (path: string) => { readonly type: string; readonly text: string } | undefined;

/** How every connection of HTTP/2 begins. */
const PREFACE = Buffer.from('PRI * HTTP/2.0');
const BEGIN_MS = 30_000;
const WINDOW_BYTES = 1024 * 1024;
const MOST_BYTES = 4 * 1024 * 1024;
/** MiB that the streams of one connection may hold; what a client does not read is bounded by the streams themselves. */
const SESSION_MEMORY = 1024;

/**
 * Serves gRPC over HTTP/2 and pages over HTTP/1.1 at one port, with or without TLS. They are told apart by how a connection
 * begins.
 */
export class Listener {
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<Http2Session>();
  readonly #servers: Server[] = [];
  readonly #http2 = createHttp2Server({
    settings: { initialWindowSize: WINDOW_BYTES },
    maxSessionMemory: SESSION_MEMORY,
  });
  readonly #http1;
  readonly #beginMs: number;
  #tls: TlsOptions | undefined;

  constructor(methods: Methods, options: ListenerOptions = {}) {
    const { pages = () => undefined, mostBytes = MOST_BYTES, beginMs = BEGIN_MS, tls } = options;
    this.#beginMs = beginMs;
    this.#tls = tls && tlsOptions(tls);
    this.#http1 = createHttpServer((request, response) => servePage(pages, request, response));
    this.#http2.on('stream', (stream, headers) => serveCall({ methods, mostBytes }, stream, headers));
    this.#http2.on('session', (session) => {
      session.setLocalWindowSize(16 * WINDOW_BYTES);
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
      session.on('error', () => {});
      if (options.keepAlive === true) keepAlive(session);
    });
    this.#http2.on('sessionError', () => {});
  }

  /** Listens at one more address; gives its URL. @throws an error of the system */
  async listen(address: ListenAddress | ListenPath): Promise<string> {
    const accept = (socket: Socket): void => this.#accept(socket);
    const server = this.#tls
      ? createTlsServer({ ...this.#tls, noDelay: true }, accept)
      : createServer({ noDelay: true }, accept);
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(address, resolve);
    });
    this.#servers.push(server);
    if ('path' in address) return `unix:${address.path}`;
    const { port } = server.address() as AddressInfo;
    const { host } = address;
    return `${this.#tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  /** New connections are served with these; those that there are go on. */
  renewTls(tls: ListenTls): void {
    this.#tls = tlsOptions(tls);
    for (const server of this.#servers) (server as TlsServer).setSecureContext(this.#tls);
  }

  /** Takes no more connections, and ends those that there are. */
  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    // not while one of them is being read, perhaps by who calls: Node would go on in memory that it has freed
    await new Promise((resolve) => setImmediate(resolve));
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
    this.#http1.close();
    this.#http2.close();
    await Promise.all(closed);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    const silent = setTimeout(() => socket.destroy(), this.#beginMs);
    silent.unref();
    socket.once('close', () => clearTimeout(silent));
    let begun = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      begun = Buffer.concat([begun, chunk]);
      const length = Math.min(begun.length, PREFACE.length);
      const isHttp2 = begun.subarray(0, length).equals(PREFACE.subarray(0, length));
      if (isHttp2 && length < PREFACE.length) return;
      clearTimeout(silent);
      socket.off('data', read);
      socket.pause();
      socket.unshift(begun);
      (isHttp2 ? this.#http2 : this.#http1).emit('connection', socket);
      if (!isHttp2) socket.resume();
    };
    socket.on('data', read);
  }
}

function tlsOptions({ cert, key, clientCa }: ListenTls): TlsOptions {
  const asked = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return { cert, key, ...asked, ALPNProtocols: ['h2', 'http/1.1'], minVersion: 'TLSv1.2' };
}

function servePage(pages: Pages, request: IncomingMessage, response: ServerResponse): void {
  const page = request.method === 'GET' ? pages((request.url ?? '').split('?')[0]!) : undefined;
  if (page === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
    return void response.end('404 page not found\n');
  }
  response.writeHead(200, { 'content-type': page.type });
  response.end(page.text);
}
