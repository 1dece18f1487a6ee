import type { Socket } from 'node:net';
import type { ClientSettings, FilterChain, GatewayModel, Refusal } from '../../model/index.ts';
import type { ChainContext, PlaneContext } from '../proxy/context.ts';
import { Router } from '../router/index.ts';
import { type Drainable, serveHttp } from './http-connection.ts';
import { serveStream } from './stream-proxy.ts';
import { secretsOf, TlsTerminator } from './tls-terminator.ts';

/** A filter chain that connections are given to. Those that stay meet what it says at their next request. */
export class Chain {
  /** What of it was not taken: the last good version of that is in use, if there was one. */
  refusals: readonly Refusal[] = [];
  readonly #plane: PlaneContext;
  readonly #connections = new Set<Drainable>();
  #config: FilterChain | undefined;
  #context: ChainContext | undefined;
  #terminator: TlsTerminator | undefined;
  /** What the terminator was made of. */
  #material: readonly unknown[] = [];

  constructor(plane: PlaneContext) {
    this.#plane = plane;
  }

  /** This is what it does now. */
  update(config: FilterChain, port: number, settings: ClientSettings | undefined, model: GatewayModel): void {
    const before = this.#config;
    this.#config = config;
    const refusals: Refusal[] = [];
    if (config.http !== undefined) this.#updateRouting(config, port, settings, before);
    for (const { route, message } of this.#context?.router.bad ?? []) {
      refusals.push({ source: route.source, message: `an expression of the route cannot be used: ${message}` });
    }
    const error = this.#updateTls(config, model);
    if (error !== undefined) refusals.push({ source: config.source, message: error });
    this.refusals = refusals;
  }

  /** Serves a connection, which is paused; `inTls` says that it begins with a ClientHello. */
  take(socket: Socket, inTls: boolean): void {
    const { tls } = this.#config!;
    if (tls === undefined) this.#serve(socket);
    else if (inTls && this.#terminator !== undefined) this.#terminator.take(socket);
    else socket.destroy();
  }

  /** Its connections end when their requests are answered. */
  drain(): void {
    for (const connection of this.#connections) connection.drain();
  }

  #serve(socket: Socket): void {
    const { http, stream } = this.#config!;
    if (http !== undefined) {
      serveHttp(
        socket,
        this.#plane,
        () => this.#context!,
        (connection) => {
          this.#connections.add(connection);
          socket.once('close', () => this.#connections.delete(connection));
        },
      );
    } else if (stream !== undefined) serveStream(socket, stream, this.#plane);
  }

  #updateRouting(
    { name, http, tls }: FilterChain,
    port: number,
    settings: ClientSettings | undefined,
    before: FilterChain | undefined,
  ): void {
    const same = before?.http === http && this.#context !== undefined;
    const router = same ? this.#context!.router : new Router(http!);
    this.#context = { name, router, scheme: tls === undefined ? 'http' : 'https', port, settings };
  }

  /** @returns why it was not taken */
  #updateTls({ tls, http }: FilterChain, model: GatewayModel): string | undefined {
    if (tls === undefined) {
      this.#terminator = undefined;
      this.#material = [];
      return undefined;
    }
    const material = [tls, ...secretsOf(tls).map((name) => model.secrets.get(name))];
    const same = material.length === this.#material.length && material.every((one, i) => one === this.#material[i]);
    if (same && this.#terminator !== undefined) return undefined;
    try {
      // who has begun a handshake goes on with the old one, and who is connected hears of nothing
      this.#terminator = new TlsTerminator(tls, model.secrets, http !== undefined, (socket) => this.#serve(socket));
      this.#material = material;
      return undefined;
    } catch (error) {
      this.#material = [];
      return `its certificate cannot be used: ${(error as Error).message}`;
    }
  }
}
