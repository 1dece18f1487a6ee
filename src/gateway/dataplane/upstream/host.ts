import type { Http1Client, Http1ClientOwner } from '../http/http1-client.ts';
import { Http1Client as Http1 } from '../http/http1-client.ts';
import { Http2Client, type Http2ClientOwner } from '../http/http2-client.ts';
import type { Failure } from '../http/message.ts';
import type { Sweeper } from '../http/sweeper.ts';
import type { Connecting } from './connect.ts';
import type { Limits } from './limits.ts';

/** A connection that takes a request. */
export type ClientConnection = Http1Client | Http2Client;

/** Hears of a connection, or why there is none: once. */
export type Acquired = (connection: ClientConnection | undefined, failure?: Failure) => void;

/** What the hosts of a cluster have in common. */
export interface HostParts {
  readonly sweeper: Sweeper;
  readonly protocol: 'HTTP/1.1' | 'HTTP/2';
  readonly scheme: 'http' | 'https';
  readonly idleTimeoutMs: number;
  readonly maxRequestsPerConnection: number;
  readonly limits: Limits;
  /** Opens a connection. */
  readonly connect: (address: string, port: number) => Connecting;
}

/** Who waits for a connection. */
interface Waiting {
  acquired: Acquired | undefined;
}

/** An endpoint and the connections to it. */
export class Host implements Http1ClientOwner, Http2ClientOwner {
  readonly address: string;
  readonly port: number;
  /** `address:port`, as sessions name it. */
  readonly name: string;
  /** Requests that it has now. */
  active = 0;
  /** It failed too often: left out until then, by the sweeper's clock. */
  ejectedUntil = 0;
  consecutiveFailures = 0;
  /** By checks; without any all are. */
  healthy = true;
  /** It may be chosen since then, by the sweeper's clock. */
  since: number;
  /** Is called when it is no endpoint any more. */
  onClose: (() => void) | undefined;
  readonly #parts: HostParts;
  readonly #idle: Http1Client[] = [];
  readonly #connections = new Set<ClientConnection>();
  readonly #connecting = new Set<Connecting>();
  readonly #waiting: Waiting[] = [];
  #closed = false;

  constructor(address: string, port: number, parts: HostParts) {
    this.address = address;
    this.port = port;
    this.name = `${address.includes(':') ? `[${address}]` : address}:${port}`;
    this.#parts = parts;
    this.since = parts.sweeper.now;
  }

  get sweeper(): Sweeper {
    return this.#parts.sweeper;
  }

  get idleTimeoutMs(): number {
    return this.#parts.idleTimeoutMs;
  }

  /** Asks for a connection, which may be there at once. @returns what ends the waiting */
  acquire(acquired: Acquired): () => void {
    const ready = this.#parts.protocol === 'HTTP/1.1' ? this.#idle.pop() : this.#withRoom();
    if (ready !== undefined) {
      acquired(ready);
      return () => {};
    }
    const waiting: Waiting = { acquired };
    this.#queue(waiting);
    return () => {
      waiting.acquired = undefined;
    };
  }

  /** A connection took its last request or is idle again. */
  idle(connection: Http1Client): void {
    if (connection.used >= this.#parts.maxRequestsPerConnection) {
      connection.close();
      this.pump();
      return;
    }
    // who waits was sent here while this was an endpoint, and gets its answer from it
    const next = this.#nextWaiting();
    if (next !== undefined) next(connection);
    else if (this.#closed) connection.close();
    else this.#idle.push(connection);
  }

  gone(connection: ClientConnection): void {
    if (!this.#connections.delete(connection)) return;
    this.#parts.limits.connections--;
    const at = this.#idle.indexOf(connection as Http1Client);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#parts.limits.freed();
  }

  /** Opens connections for those who wait, as far as it may. */
  pump(): void {
    const wanted = this.#parts.protocol === 'HTTP/1.1' ? this.#live() : Math.min(1, this.#live());
    while (this.#connecting.size < wanted) {
      // the first connection of a host is always allowed, or it would never be reached
      const first = this.#connections.size === 0 && this.#connecting.size === 0;
      if (!first && !this.#parts.limits.mayConnect) return;
      this.#connect();
    }
  }

  /** It is no endpoint any more: what is idle ends, and what is in use when it is over. */
  close(): void {
    this.#closed = true;
    this.onClose?.();
    for (const connection of [...this.#connections]) connection.close();
  }

  #live(): number {
    return this.#waiting.filter(({ acquired }) => acquired !== undefined).length;
  }

  #withRoom(): Http2Client | undefined {
    for (const connection of this.#connections) {
      const http2 = connection as Http2Client;
      if (http2.open < http2.capacity && http2.used < this.#parts.maxRequestsPerConnection) return http2;
    }
    return undefined;
  }

  #queue(waiting: Waiting): void {
    const { limits } = this.#parts;
    if (this.#live() >= limits.maxPending) {
      waiting.acquired?.(undefined, { reason: 'overflow', message: 'overflow' });
      return;
    }
    this.#waiting.push(waiting);
    this.pump();
  }

  #connect(): void {
    const { limits, connect } = this.#parts;
    limits.connections++;
    const connecting = connect(this.address, this.port);
    this.#connecting.add(connecting);
    connecting.done.then(
      (socket) => {
        this.#connecting.delete(connecting);
        const http2 = connecting.protocol() ?? this.#parts.protocol;
        const connection =
          http2 === 'HTTP/2' ? new Http2Client(socket, this.#parts.scheme, this) : new Http1(socket, this);
        this.#connections.add(connection);
        this.#connected(connection);
      },
      (error: Error) => {
        this.#connecting.delete(connecting);
        limits.connections--;
        this.#failed(error);
        limits.freed();
      },
    );
  }

  #connected(connection: ClientConnection): void {
    if (connection instanceof Http1) {
      this.idle(connection);
      return;
    }
    for (let next = this.#nextWaiting(); next !== undefined; next = this.#nextWaiting()) next(connection);
    if (this.#closed) connection.close();
  }

  /** One connection that was refused is one request that failed; of HTTP/2 all had waited for it. */
  #failed(error: Error): void {
    const failure: Failure = { reason: 'connect', message: error.message };
    if (this.#parts.protocol === 'HTTP/1.1') this.#nextWaiting()?.(undefined, failure);
    else for (let next = this.#nextWaiting(); next !== undefined; next = this.#nextWaiting()) next(undefined, failure);
  }

  #nextWaiting(): Acquired | undefined {
    for (let waiting = this.#waiting.shift(); waiting !== undefined; waiting = this.#waiting.shift()) {
      if (waiting.acquired !== undefined) return waiting.acquired;
    }
    return undefined;
  }
}
