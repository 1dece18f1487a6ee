import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Transport, TransportRequest, TransportResponse } from '../transport.ts';
import type { ConnectionResponse, Connections } from './connections.ts';
import type { Credentials, CredentialSource } from './credentials.ts';

/** So many requests go at the same time over HTTP/1.1, and the rest waits; watches and logs are not counted. */
const MOST_CONNECTIONS = 64;

/** A request that lasts as long as somebody wants it, and must not wait for a free connection. */
const LASTING = /[?&](watch|follow)=(true|1)\b|\/(proxy|exec|attach|portforward)(\/|\?|$)/;

/** How requests are made. */
export interface HttpTransportOptions {
  /** The server's URL, perhaps with a path, without a slash at its end. */
  readonly server: string;
  readonly credentials: CredentialSource;
  /** Makes connections for a certificate; `limit` is how many of HTTP/1.1. */
  readonly newConnections: (origin: string, credentials: Credentials, limit: number | null) => Connections;
  /** True: large answers may come compressed. */
  readonly compression: boolean;
}

/** Connections for requests and for what lasts, with the same certificate. */
interface Pools {
  readonly cert: string | undefined;
  readonly short: Connections;
  readonly lasting: Connections;
}

/** Requests over the network, with the credentials that are good at the time. */
export class HttpTransport implements Transport {
  readonly url: string;
  readonly #options: HttpTransportOptions;
  readonly #origin: string;
  readonly #prefix: string;
  #pools: Pools | undefined;
  /** Those whose certificate was replaced, until their last answer is read. */
  readonly #old = new Set<Pools>();
  #closed = false;

  constructor(options: HttpTransportOptions) {
    const { origin, pathname } = new URL(options.server);
    this.url = options.server;
    this.#options = options;
    this.#origin = origin;
    this.#prefix = pathname.replace(/\/$/, '');
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    const { credentials } = this.#options;
    const used = await credentials.current();
    const response = await this.#once(request, used);
    if (response.status !== 401 || 'authorization' in request.headers) return this.#answer(response);
    await credentials.refused(used);
    const renewed = await credentials.current();
    if (renewed === used) return this.#answer(response);
    response.body.on('error', () => {}).resume();
    return this.#answer(await this.#once(request, renewed));
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#old, ...(this.#pools === undefined ? [] : [this.#pools])];
    const gone = Object.assign(new Error('the client was closed'), { name: 'AbortError' });
    await Promise.all(all.flatMap(({ short, lasting }) => [short.destroy(gone), lasting.destroy(gone)]));
  }

  #once(request: TransportRequest, used: Credentials): Promise<ConnectionResponse> {
    if (this.#closed) throw new Error('the client was closed');
    request.signal?.throwIfAborted();
    const { method, path, headers, body, signal } = request;
    const lasting = LASTING.test(path);
    const { short, lasting: long } = this.#poolsFor(used);
    const compressed = this.#options.compression && !lasting && method === 'GET';
    return (lasting ? long : short).request({
      method,
      path: this.#prefix + path,
      headers: {
        ...(compressed && { 'accept-encoding': 'gzip' }),
        ...(used.authorization !== undefined && { authorization: used.authorization }),
        ...headers,
      },
      body: body ?? null,
      signal: signal ?? null,
    });
  }

  #answer({ status, headers, body }: ConnectionResponse): TransportResponse {
    if (headers['content-encoding'] !== 'gzip') return { status, headers, body };
    const { 'content-encoding': _, 'content-length': __, ...rest } = headers;
    return { status, headers: rest, body: pipeline(body, createGunzip(), () => {}) };
  }

  #poolsFor(credentials: Credentials): Pools {
    const held = this.#pools;
    if (held !== undefined && held.cert === credentials.cert) return held;
    if (held !== undefined) this.#retire(held);
    const { newConnections } = this.#options;
    const pools = {
      cert: credentials.cert,
      short: newConnections(this.#origin, credentials, MOST_CONNECTIONS),
      lasting: newConnections(this.#origin, credentials, null),
    };
    this.#pools = pools;
    return pools;
  }

  #retire(pools: Pools): void {
    this.#old.add(pools);
    void Promise.allSettled([pools.short.close(), pools.lasting.close()]).then(() => this.#old.delete(pools));
  }
}
