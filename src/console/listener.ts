import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { SECURITY_HEADERS, sendFailure } from './answers.ts';

/** With what a console that is not on the loopback address shows who it is; PEM. */
export interface ConsoleTls {
  readonly cert: string;
  readonly key: string;
}

/** What a listener's requests go to. */
export interface Handlers {
  /** Whatever it rejects with is answered as a failure. */
  readonly request: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Takes the connection over; what it rejects with is answered as a failure. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;
}

const LIMITS = { headersTimeout: 20_000, requestTimeout: 60_000, maxHeaderSize: 32 * 1024, keepAliveTimeout: 60_000 };
const MOST_CONNECTIONS = 500;
/** What has not ended after so long is cut off. */
const CLOSE_GRACE_MS = 200;

/** Takes connections of HTTP/1.1, and ends them. All answers have the headers that keep browsers strict. */
export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(tls: ConsoleTls | undefined, { request: handle, upgrade }: Handlers) {
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      guard(response);
      void handle(request, response).catch((error: unknown) => sendFailure(response, error));
    };
    this.#server = tls === undefined ? createServer(LIMITS, serve) : createTlsServer({ ...LIMITS, ...tls }, serve);
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      void upgrade(request, socket, head).catch((error: unknown) => refuse(request, socket, error));
    });
  }

  /** Begins to take connections. @throws Error if the address is in use */
  async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, ...(host !== '' && { host }) }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    return this.#server.address() as AddressInfo;
  }

  /** Takes nothing more, and resolves when all connections have ended. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, CLOSE_GRACE_MS);
    await closed;
    clearTimeout(cut);
  }
}

/** An answer to who wanted another protocol. */
function refuse(request: IncomingMessage, socket: Socket, error: unknown): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.end());
  guard(response);
  sendFailure(response, error);
}

function guard(response: ServerResponse): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
}
