import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type JsonValue, newUnauthorized } from 'nekube/apimachinery';
import { answer, type MetricsAnswer, type MetricsView } from './answer.ts';

/** How the API is served. */
export interface MetricsServing {
  /** The certificate of the server and its key, PEM. */
  readonly cert: string;
  readonly key: string;
  /** Who may ask: the front proxy of this CA with one of these names, or any. It has found out who asks, and that they may. */
  readonly proxyCa: string;
  readonly proxyNames: readonly string[];
}

/** A server that listens. */
export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** To everybody who is not the front proxy. */
const UNAUTHORIZED: MetricsAnswer = {
  code: 401,
  type: 'application/json',
  body: newUnauthorized().status as unknown as JsonValue,
};

/** Serves the API of resource metrics on this machine, over TLS, to the API server alone. @throws Error */
export async function serveMetrics(view: MetricsView, serving: MetricsServing): Promise<MetricsServer> {
  const { cert, key, proxyCa, proxyNames } = serving;
  const server = createServer({ cert, key, ca: proxyCa, requestCert: true, rejectUnauthorized: true });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('request', async (request, response) => {
    const { method = 'GET', url = '/', headers, socket } = request;
    const isProxy = isNamed(socket as TLSSocket, proxyNames);
    const told = isProxy ? await answer({ method, url, accept: headers.accept ?? '' }, view) : UNAUTHORIZED;
    response.writeHead(told.code, { 'content-type': told.type });
    response.end(method === 'HEAD' ? undefined : JSON.stringify(told.body));
  });
  const port = await listening(server);
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { port, close };
}

function isNamed(socket: TLSSocket, names: readonly string[]): boolean {
  const name = socket.getPeerCertificate().subject?.CN;
  return socket.authorized && (names.length === 0 || (typeof name === 'string' && names.includes(name)));
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
