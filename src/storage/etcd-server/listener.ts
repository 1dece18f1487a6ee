import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2Session } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Methods, serveCall } from './grpc.ts';

/** Where to listen; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** What HTTP/1.1 is answered: the status, the type and the text of a path; undefined for one that there is not. */
export type Pages = (path: string) => { readonly type: string; readonly text: string } | undefined;

/** How every connection of HTTP/2 begins. */
const PREFACE = Buffer.from('PRI * HTTP/2.0');
const WINDOW_BYTES = 1024 * 1024;
/** MiB that the streams of one connection may hold; what a client does not read is bounded by the streams themselves. */
const SESSION_MEMORY = 1024;

/** Serves gRPC over HTTP/2 and pages over HTTP/1.1 at one port, told apart by how a connection begins. */
export class Listener {
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<Http2Session>();
  readonly #servers: Server[] = [];
  readonly #http2 = createHttp2Server({
    settings: { initialWindowSize: WINDOW_BYTES },
    maxSessionMemory: SESSION_MEMORY,
  });
  readonly #http1;

  constructor(methods: Methods, pages: Pages) {
    this.#http1 = createHttpServer((request, response) => servePage(pages, request, response));
    this.#http2.on('stream', (stream, headers) => serveCall(methods, stream, headers));
    this.#http2.on('session', (session) => {
      session.setLocalWindowSize(16 * WINDOW_BYTES);
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
      session.on('error', () => {});
    });
    this.#http2.on('sessionError', () => {});
  }

  /** Listens at one more address; gives its URL. @throws an error of the system */
  async listen({ host, port }: ListenAddress): Promise<string> {
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    this.#servers.push(server);
    const { port: taken } = server.address() as AddressInfo;
    return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
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
    let begun = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      begun = Buffer.concat([begun, chunk]);
      const length = Math.min(begun.length, PREFACE.length);
      const isHttp2 = begun.subarray(0, length).equals(PREFACE.subarray(0, length));
      if (isHttp2 && length < PREFACE.length) return;
      socket.off('data', read);
      socket.pause();
      socket.unshift(begun);
      (isHttp2 ? this.#http2 : this.#http1).emit('connection', socket);
      if (!isHttp2) socket.resume();
    };
    socket.on('data', read);
  }
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
