import { type IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Caller, NodeGate, nodeAccess } from './access.ts';
import { HttpError } from './http-error.ts';
import type { NodeHost } from './host.ts';
import { type NodeRequest, serveNode } from './routes.ts';
import type { Client } from 'nekube/client';

/** How a node's server is started. */
export interface NodeServerOptions {
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The serving certificate and its key, PEM. */
  readonly cert: string;
  readonly key: string;
  /** PEM of who signs the certificates of clients. */
  readonly clientCa: string;
  readonly host: NodeHost;
  /** Acts as the node: it asks whose a token is, and who may do what. */
  readonly client: Client;
  /** Milliseconds since 1970; default the system's clock. */
  readonly now?: () => number;
  /** Gets a line for what goes wrong here and is nobody's fault. */
  readonly onError?: (error: unknown, what: string) => void;
}

/** A node's server that listens. */
export interface NodeServer {
  readonly address: string;
  readonly port: number;
  /** Ends all connections. */
  close(): Promise<void>;
}

/**
 * Serves a node as its kubelet does: logs, exec, attach and port-forward of its pods, its pods, and what they use. Over TLS,
 * to whom the API lets (`nodes/proxy`, `nodes/stats`, …).
 *
 * @throws Error if the address is in use
 */
export async function startNodeServer(options: NodeServerOptions): Promise<NodeServer> {
  const { listen, cert, key, clientCa } = options;
  const sockets = new Set<Socket>();
  const server = createServer({ cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: false, noDelay: true });
  const door = new Door(options);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (request, response) => void door.serve(request, response));
  server.on('upgrade', (request, socket, head) => void door.upgrade(request, socket as Socket, head));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port, listen.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    address,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Lets requests in that may be served, and answers what goes wrong with them. */
class Door {
  readonly #options: NodeServerOptions;
  readonly #gate: NodeGate;
  readonly #now: () => number;

  constructor(options: NodeServerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#gate = new NodeGate(options.client, this.#now);
  }

  /** Never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse, take?: () => Duplex): Promise<void> {
    try {
      const url = new URL(`https://${safeHost(request)}${request.url ?? '/'}`);
      await this.#check(request, url.pathname);
      const call: NodeRequest = { request, response, url, ...(take !== undefined && { take }) };
      await serveNode(this.#options.host, call, this.#now);
    } catch (error) {
      this.#answer(response, error);
    }
  }

  async upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    const end = (): void => void socket.end();
    response.once('finish', end);
    await this.serve(request, response, () => {
      response.off('finish', end);
      response.detachSocket(socket);
      if (head.length > 0) socket.unshift(head);
      return socket;
    });
  }

  /** @throws HttpError for who is not known, or must not */
  async #check(request: IncomingMessage, path: string): Promise<void> {
    const { host } = this.#options;
    const access = nodeAccess(request.method ?? 'GET', path);
    let caller: Caller | undefined;
    let allowed = false;
    try {
      caller = await this.#gate.identify(request);
      allowed = caller !== undefined && (await this.#gate.mayAccess(caller, host.nodeName, access));
    } catch (error) {
      this.#options.onError?.(error, 'Cannot ask who may access a node');
      throw new HttpError(500, 'Authorization error');
    }
    if (caller === undefined) throw new HttpError(401, 'Unauthorized');
    if (allowed) return;
    const what = `verb=${access.verb}, resource=nodes, subresource(s)=[${access.subresources.join(' ')}]`;
    throw new HttpError(403, `Forbidden (user=${caller.username}, ${what})\n`);
  }

  #answer(response: ServerResponse, error: unknown): void {
    const isOurs = error instanceof HttpError;
    if (!isOurs) this.#options.onError?.(error, 'Cannot serve a request to a node');
    if (response.destroyed || response.writableEnded) return;
    if (response.headersSent) return void response.destroy();
    const text = error instanceof Error ? error.message : String(error);
    response.writeHead(isOurs ? error.code : 500, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(text);
  }
}

/** The host is of no concern here, but has to be one. */
function safeHost({ socket }: IncomingMessage): string {
  const { localAddress = 'localhost' } = socket;
  return isIP(localAddress) === 6 ? `[${localAddress}]` : localAddress;
}
