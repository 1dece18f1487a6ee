import { setMaxListeners } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Composition, compose } from './composition.ts';
import { HttpsListener } from './https-listener.ts';
import { receiver } from './receive.ts';
import type { ServerOptions } from './server-options.ts';
import { startParts } from './startup.ts';

/** A server that is ready. */
export interface RunningServer {
  /** `https://HOST:PORT` as clients reach it. */
  readonly url: string;
  /** Ends all watches and connections, and waits for the requests that are on their way. */
  close(): Promise<void>;
}

/**
 * Starts an API server: makes what a fresh cluster has, listens with TLS, and resolves when it is ready.
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
  readonly #listener: HttpsListener;
  #address = '';
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
    const { servingCert: cert, servingKey: key } = options.pki;
    const { serve, now, clientCas } = this.#parts;
    const receive = receiver(serve, now);
    this.#listener = new HttpsListener({ cert, key, clientCas }, async (request, response) => {
      if (this.#starting !== undefined) await this.#starting;
      if (!response.destroyed) await receive(request, response);
    });
  }

  get url(): string {
    return `https://${this.#address}`;
  }

  async start(): Promise<void> {
    const address = await this.#listener.listen(this.#options.listen);
    this.#address = textOf(address);
    await startParts(this.#parts, address, this.#closing.signal);
    this.#starting = undefined;
    this.#begin();
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#listener.close();
    await this.#parts.close();
  }
}

/** `HOST:PORT`. */
function textOf({ family, address, port }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}
