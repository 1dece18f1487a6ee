import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Listener } from '../../model/index.ts';
import type { Expiring } from '../http/sweeper.ts';
import type { PlaneContext } from '../proxy/context.ts';
import { nextBackend } from './stream-proxy.ts';

const DEFAULT_IDLE_MS = 60_000;
/** Beyond it the session that was idle for longest ends: sources of datagrams are easily invented. */
const MOST_SESSIONS = 10_000;

/** Datagrams of clients, each of which has an endpoint until it is idle. */
export class UdpListener {
  readonly #plane: PlaneContext;
  readonly #sessions = new Map<string, UdpSession>();
  #listener: Listener;
  #socket: Socket | undefined;

  constructor(listener: Listener, plane: PlaneContext) {
    this.#listener = listener;
    this.#plane = plane;
  }

  /** @throws if it cannot be bound */
  async bind(address: string, port: number): Promise<void> {
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4' });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address, port, exclusive: true }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    this.#socket = socket;
    socket.on('error', this.#plane.onError);
    socket.on('message', (message, client) => this.#received(message, client));
  }

  /** Sessions stay; new ones go where it says now. */
  update(listener: Listener): void {
    this.#listener = listener;
  }

  /** Where it is bound. */
  get port(): number {
    return this.#socket?.address().port ?? 0;
  }

  /** Nothing is taken any more, and no answer is brought. */
  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
    for (const session of this.#sessions.values()) session.expire();
  }

  /** As `close`: with datagrams there is nothing that could end by itself. */
  drain(): void {
    this.close();
  }

  #received(message: Buffer, client: RemoteInfo): void {
    const key = `${client.address} ${client.port}`;
    const session = this.#sessions.get(key) ?? this.#begin(key, client);
    if (session === undefined) return;
    // the map's order is that of last use
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    session.send(message);
  }

  #begin(key: string, client: RemoteInfo): UdpSession | undefined {
    const forward = this.#listener.chains[0]?.stream;
    const backend = forward === undefined ? undefined : nextBackend(forward)?.backend;
    const cluster = backend === undefined ? undefined : this.#plane.clusters.get(backend);
    const host = cluster?.choose({ hashKey: client.address });
    if (host === undefined) return undefined;
    if (this.#sessions.size >= MOST_SESSIONS) this.#sessions.values().next().value!.expire();
    const { sweeper } = this.#plane;
    const session = new UdpSession(host, forward!.idleTimeoutMs || DEFAULT_IDLE_MS, sweeper, {
      answer: (message) => this.#socket?.send(message, client.port, client.address, () => {}),
      ended: () => this.#sessions.delete(key),
    });
    this.#sessions.set(key, session);
    return session;
  }
}

/** A client's way to its endpoint, with a port of its own for the answers. */
class UdpSession implements Expiring {
  deadline = Number.POSITIVE_INFINITY;
  readonly #socket: Socket;
  readonly #idleMs: number;
  readonly #sweeper: PlaneContext['sweeper'];
  readonly #ended: () => void;
  #waiting: Buffer[] | undefined = [];
  #over = false;

  constructor(
    { address, port }: { readonly address: string; readonly port: number },
    idleMs: number,
    sweeper: PlaneContext['sweeper'],
    { answer, ended }: { readonly answer: (message: Buffer) => void; readonly ended: () => void },
  ) {
    this.#idleMs = idleMs;
    this.#sweeper = sweeper;
    this.#ended = ended;
    this.#socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    // an endpoint that is not there may be there for the next datagram
    this.#socket.on('error', () => {});
    this.#socket.on('message', (message) => {
      this.#touch();
      answer(message);
    });
    this.#socket.on('connect', () => this.#connected());
    this.#socket.connect(port, address);
    sweeper.add(this);
    this.#touch();
  }

  send(message: Buffer): void {
    this.#touch();
    if (this.#waiting === undefined) this.#socket.send(message, () => {});
    else if (this.#waiting.length < 100) this.#waiting.push(message);
  }

  expire(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sweeper.delete(this);
    this.#socket.close();
    this.#ended();
  }

  #connected(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const message of waiting) this.#socket.send(message, () => {});
  }

  #touch(): void {
    this.deadline = this.#sweeper.now + this.#idleMs;
  }
}
