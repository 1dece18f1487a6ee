import { setMaxListeners } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Composition, compose } from './composition.ts';
import type { ConnectionUpgrade, HttpRequest, HttpResponse } from './context.ts';
import { HttpsListener } from './https-listener.ts';
import { connectInProcess, type InProcessConnection } from './in-process/connection.ts';
import { receiver } from './receive.ts';
import type { ServerOptions } from './server-options.ts';
import { startParts } from './startup.ts';

/** The address of a server without one: under which it is known in its cluster. */
const IN_CLUSTER = 'kubernetes.default.svc:443';

/** A server that is ready. */
export interface RunningServer {
  /** `https://HOST:PORT` as clients reach it; without a socket the name that it has in its cluster. */
  readonly url: string;
  /** Reaches the server without a socket: requests and answers are those that TLS would carry, to the byte. */
  connect(as?: { readonly certificate?: string }): InProcessConnection;
  /** Lets the process end while nobody but the server keeps it. */
  unref(): void;
  /** Ends all watches and connections, and waits for the requests that are on their way. */
  close(): Promise<void>;
}

/**
 * Starts an API server: makes what a fresh cluster has, listens with TLS (if it is to), and resolves when it is ready.
 *
 * @throws Error if the address is in use or the storage fails
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = new ApiServer(options);
  try {
    await server.start();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

class ApiServer implements RunningServer {
  readonly #options: ServerOptions;
  readonly #closing = new AbortController();
  readonly #parts: Composition;
  readonly #receive: (request: HttpRequest, response: HttpResponse, upgrade?: ConnectionUpgrade) => Promise<void>;
  #listener: HttpsListener | undefined;
  #address = IN_CLUSTER;
  /** Until it settles, requests wait: neither rules of access nor admission policies have been read. */
  #starting: Promise<void> | undefined;
  #begin: () => void = () => {};

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#starting = new Promise((resolve) => (this.#begin = resolve));
    const { signal: closing } = this.#closing;
    // each informer and each watch listens to it
    setMaxListeners(0, closing);
    this.#parts = compose(options, { closing, address: () => this.#address });
    const receive = receiver(this.#parts.serve, this.#parts.now);
    this.#receive = async (request, response, upgrade) => {
      if (this.#starting !== undefined) await this.#starting;
      if (!response.destroyed) await receive(request, response, upgrade);
    };
  }

  get url(): string {
    return `https://${this.#address.replace(/:443$/, '')}`;
  }

  async start(): Promise<void> {
    const address = await this.#listen();
    if (address !== undefined) this.#address = textOf(address);
    await startParts(this.#parts, {
      address,
      bootstrapped: this.#options.bootstrapped ?? false,
      closing: this.#closing.signal,
    });
    this.#starting = undefined;
    this.#begin();
  }

  connect({ certificate }: { readonly certificate?: string } = {}): InProcessConnection {
    return connectInProcess({
      ...(certificate !== undefined && { certificate }),
      clientCas: this.#parts.clientCas,
      closing: this.#closing.signal,
      receive: this.#receive,
    });
  }

  unref(): void {
    this.#listener?.unref();
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#listener?.close();
    await this.#parts.close();
  }

  async #listen(): Promise<AddressInfo | undefined> {
    const { listen, pki } = this.#options;
    if (listen === undefined) return undefined;
    const tls = { cert: pki.servingCert, key: pki.servingKey, clientCas: this.#parts.clientCas };
    this.#listener = new HttpsListener(tls, this.#receive);
    return this.#listener.listen(listen);
  }
}

/** `HOST:PORT`. */
function textOf({ family, address, port }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}
