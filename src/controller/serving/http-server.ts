import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KeyPair } from 'nekube/pki';
import type { CertificateSource } from './certificate-source.ts';

/** Serves one request; a rejection is a bug, and ends the connection. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** How a server listens. */
export interface HttpServerOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Absent: plain HTTP, which is for loopback alone. */
  readonly certificates?: CertificateSource;
  /** PEM. Clients must show a certificate that this CA signed. */
  readonly clientCa?: string;
  /** How long requests may take to end when the server closes; default 60,000. */
  readonly gracefulStopMs?: number;
}

/** As Go's servers in controller-runtime. */
const TIMES = { keepAliveTimeout: 90_000, headersTimeout: 32_000, requestTimeout: 60_000 };
const MAX_HEADER_BYTES = 64 * 1024;
const LOOPBACK = /^(127(\.\d+){3}|::1|localhost)$/;

/** A server of HTTP/1.1 over TLS, whose certificate may change while it serves. */
export class HttpServer {
  readonly #server: Server | SecureServer;
  readonly #options: HttpServerOptions;
  #closing = false;
  #unsubscribe = (): void => {};

  /** @throws RangeError for plain HTTP that others than this machine could reach */
  constructor(options: HttpServerOptions, listener: RequestListener) {
    this.#options = options;
    const { certificates, host = '127.0.0.1' } = options;
    if (certificates === undefined && !LOOPBACK.test(host)) {
      throw new RangeError(`Cannot serve plain HTTP at ${host}: it must be a loopback address, or have a certificate`);
    }
    const common = { ...TIMES, maxHeaderSize: MAX_HEADER_BYTES };
    const serve = (request: IncomingMessage, response: ServerResponse): void =>
      this.#serve(listener, request, response);
    this.#server =
      certificates === undefined
        ? createServer(common, serve)
        : createSecureServer(
            { ...common, ...this.#tls(certificates.current), requestCert: options.clientCa !== undefined },
            serve,
          );
    if (certificates !== undefined) {
      const secure = this.#server as SecureServer;
      secure.on('tlsClientError', (_error, socket) => socket.destroy());
      this.#unsubscribe = certificates.subscribe((pair) => secure.setSecureContext(this.#tls(pair)));
    }
  }

  #tls({ cert, key }: KeyPair): { cert: string; key: string; minVersion: 'TLSv1.2'; ca?: string } {
    const { clientCa } = this.#options;
    return { cert, key, minVersion: 'TLSv1.2', ...(clientCa !== undefined && { ca: clientCa }) };
  }

  #serve(listener: RequestListener, request: IncomingMessage, response: ServerResponse): void {
    if (this.#closing) response.setHeader('Connection', 'close');
    response.on('error', () => {});
    listener(request, response).catch(() => response.destroy());
  }

  /** Begins to take connections. @throws Error if the address is in use */
  async listen(): Promise<AddressInfo> {
    const { host = '127.0.0.1', port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    return this.#server.address() as AddressInfo;
  }

  /** Takes nothing more, and resolves when what is being served has ended, or its time is over. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#unsubscribe();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const idle = setInterval(() => this.#server.closeIdleConnections(), 50);
    const cut = setTimeout(() => this.#server.closeAllConnections(), this.#options.gracefulStopMs ?? 60_000);
    this.#server.closeIdleConnections();
    await closed;
    clearInterval(idle);
    clearTimeout(cut);
  }
}

/** `https://127.0.0.1:9443` */
export function urlOf(secure: boolean, { address, family, port }: AddressInfo): string {
  return `${secure ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
