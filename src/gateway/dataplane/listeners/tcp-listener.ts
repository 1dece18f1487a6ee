import { createServer, type Server, type Socket } from 'node:net';
import type { ClientSettings, FilterChain, GatewayModel, Listener, Refusal } from '../../model/index.ts';
import type { PlaneContext } from '../proxy/context.ts';
import { DomainTable } from '../router/index.ts';
import { Chain } from './chain.ts';
import { readClientHello } from './client-hello.ts';
import { peek } from './first-bytes.ts';
import { takeProxyHeader } from './peers.ts';

/** As long as a client may take to say which chain it wants. */
const HELLO_TIMEOUT_MS = 15_000;

/** A port of TCP: it accepts connections and gives each to the chain that has its server name. */
export class TcpListener {
  readonly #plane: PlaneContext;
  readonly #sockets = new Set<Socket>();
  /** Those that have not said yet which chain they want. */
  readonly #undecided = new Set<Socket>();
  readonly #chains = new Map<string, Chain>();
  #byServerName = new DomainTable<Chain>();
  #rest: Chain | undefined;
  /** Whether the first bytes decide. */
  #sniffs = false;
  #settings: ClientSettings | undefined;
  #server: Server | undefined;

  constructor(plane: PlaneContext) {
    this.#plane = plane;
  }

  /** @throws if it cannot be bound */
  async bind(address: string, port: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    server.on('connection', (socket) => this.#accept(socket));
    await this.#plane.bind(server, address, port);
    server.on('error', this.#plane.onError);
    this.#server = server;
  }

  /** Where it is bound. */
  get port(): number {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** What its chains did not take. */
  get refusals(): readonly Refusal[] {
    return [...this.#chains.values()].flatMap(({ refusals }) => refusals);
  }

  /** Connections that stay meet what it says now; those of chains that are gone end. */
  update(listener: Listener, model: GatewayModel): void {
    this.#settings = listener.settings;
    const table = new DomainTable<Chain>();
    this.#rest = undefined;
    for (const config of listener.chains) {
      const chain = this.#chains.get(config.name) ?? new Chain(this.#plane);
      this.#chains.set(config.name, chain);
      chain.update(config, listener.port, listener.settings, model);
      for (const name of config.serverNames ?? []) table.set(name, chain);
      if (config.serverNames === undefined) this.#rest = chain;
    }
    this.#byServerName = table;
    this.#sniffs = listener.chains.some(needsFirstBytes);
    this.#dropChains(new Set(listener.chains.map(({ name }) => name)));
  }

  /** Takes no new connections; those that there are end when their requests are answered. */
  drain(): void {
    this.#server?.close();
    this.#server = undefined;
    for (const socket of this.#undecided) socket.destroy();
    for (const chain of this.#chains.values()) chain.drain();
  }

  /** All connections end. */
  destroy(): void {
    this.drain();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Connections that there are. */
  get connections(): number {
    return this.#sockets.size;
  }

  #dropChains(stay: ReadonlySet<string>): void {
    for (const [name, chain] of this.#chains) {
      if (stay.has(name)) continue;
      chain.drain();
      this.#chains.delete(name);
    }
  }

  #accept(socket: Socket): void {
    const { connectionLimit, tcpKeepalive } = this.#settings ?? {};
    socket.on('error', () => socket.destroy());
    if (connectionLimit !== undefined && this.#sockets.size >= connectionLimit.connections) {
      const { closeDelayMs = 0 } = connectionLimit;
      if (closeDelayMs === 0) socket.destroy();
      else setTimeout(() => socket.destroy(), closeDelayMs).unref();
      return;
    }
    if (tcpKeepalive !== undefined) socket.setKeepAlive(true, tcpKeepalive.idleMs ?? 60_000);
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#undecided.delete(socket);
    });
    const proxied = this.#settings?.proxyProtocol;
    if (proxied === undefined) {
      this.#sort(socket);
      return;
    }
    this.#undecided.add(socket);
    takeProxyHeader(socket, proxied === 'Required', HELLO_TIMEOUT_MS, () => {
      this.#undecided.delete(socket);
      this.#sort(socket);
    });
  }

  #sort(socket: Socket): void {
    if (!this.#sniffs) {
      this.#give(socket, this.#rest, false);
      return;
    }
    this.#undecided.add(socket);
    const decide = (bytes: Buffer) => this.#chainOf(bytes);
    peek(socket, HELLO_TIMEOUT_MS, decide, ({ chain, inTls }) => {
      this.#undecided.delete(socket);
      this.#give(socket, chain, inTls);
    });
  }

  #give(socket: Socket, chain: Chain | undefined, inTls: boolean): void {
    if (chain === undefined) socket.destroy();
    else chain.take(socket, inTls);
  }

  /** Undefined: the first bytes do not say it yet. */
  #chainOf(bytes: Buffer): { readonly chain: Chain | undefined; readonly inTls: boolean } | undefined {
    const first = readClientHello(bytes);
    if (first.type === 'more') return undefined;
    if (first.type === 'not-tls') return { chain: this.#rest, inTls: false };
    const named = first.serverName === undefined ? undefined : this.#byServerName.get(first.serverName);
    return { chain: named ?? this.#rest, inTls: true };
  }
}

function needsFirstBytes({ tls, serverNames }: FilterChain): boolean {
  return tls !== undefined || serverNames !== undefined;
}
