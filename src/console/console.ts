import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Impersonation, Transport } from 'nekube/client';
import { newBadRequest, newFailure } from 'nekube/apimachinery';
import { handshakeProblem, isWebSocketRequest, writeHandshake } from 'nekube/streaming';
import { DATA_POLICY, goneOrLate, jsonOf, sendJson, sendText } from './answers.ts';
import { Cluster, clusterFailure } from './cluster.ts';
import { editEndpoints } from './edit-endpoints.ts';
import type { Endpoints } from './endpoint.ts';
import { FieldHistories } from './field-history.ts';
import { ClusterHistory } from './history.ts';
import type { KepSource } from './kep-calls.ts';
import { CheckoutKeps, type KepCheckout } from './kep-checkout.ts';
import { answerKeps } from './kep-endpoint.ts';
import { ServerKeps } from './kep-server.ts';
import { type ConsoleTls, Listener } from './listener.ts';
import { ownedEndpoint } from './owned-endpoint.ts';
import { ownershipEndpoints } from './ownership-endpoints.ts';
import { PageGuard } from './page-guard.ts';
import { policiesEndpoint } from './policies-endpoint.ts';
import { proxyRequest } from './proxy.ts';
import { sessionInfo } from './session-endpoint.ts';
import { type Session, Sessions } from './sessions.ts';
import { signIn } from './sign-in.ts';
import { StaticFiles } from './static-files.ts';
import { WatchSocket } from './watch-socket.ts';

/** Of which cluster, as whom, and where. */
export interface ConsoleOptions {
  /** Reaches the cluster, with the console's credential. It stays open when the console closes. */
  readonly transport: Transport;
  /** As whom its users act, who do not ask for another; absent: as the credential. */
  readonly as?: Impersonation;
  /** Port 0 takes a free one. An address that is not the loopback's needs `tls`. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls?: ConsoleTls;
  /** Whose KEPs are shown; absent: those that were synced to the cluster. */
  readonly keps?: KepCheckout;
  /** Default: the app that the build made. */
  readonly webFolder?: string;
  /** Milliseconds, of which links and sessions expire; default: the system's clock. */
  readonly now?: () => number;
}

/** A console that is ready. */
export interface RunningConsole {
  /** `http://127.0.0.1:8090` */
  readonly url: string;
  /** A new link, which signs in once, as `as` or as the console's users do, within ten minutes. */
  link(as?: Impersonation): string;
  /** Ends all sessions and connections. */
  close(): Promise<void>;
}

/**
 * Starts a console, and resolves when it takes connections.
 *
 * @throws TypeError for an address that is not the loopback's without TLS
 * @throws Error if the address is in use
 */
export async function startConsole(options: ConsoleOptions): Promise<RunningConsole> {
  const { host, port } = options.listen;
  if (options.tls === undefined && !isLoopback(host))
    throw new TypeError(`${host || 'an address of every network'} is not the loopback address: it needs TLS`);
  const running = new Console(options);
  await running.listen(host, port);
  return running;
}

/** Whether an address is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

const BUILT_APP = fileURLToPath(new URL('../web', import.meta.url));

class Console implements RunningConsole {
  url = '';
  readonly #options: ConsoleOptions;
  readonly #sessions: Sessions;
  readonly #cluster: Cluster;
  readonly #files: StaticFiles;
  readonly #listener: Listener;
  readonly #sockets = new Set<WatchSocket>();
  readonly #history: ClusterHistory;
  readonly #fieldHistories: FieldHistories;
  readonly #endpoints: Endpoints;
  readonly #keps: KepSource;
  #guard!: PageGuard;
  #sweeping: ReturnType<typeof setInterval> | undefined;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    const now = options.now ?? Date.now;
    this.#sessions = new Sessions(now);
    this.#cluster = new Cluster(options.transport);
    this.#history = new ClusterHistory(this.#cluster.clientOf(options.as), now);
    this.#fieldHistories = new FieldHistories(now);
    this.#keps = options.keps === undefined ? new ServerKeps(now) : new CheckoutKeps(options.keps);
    this.#endpoints = {
      'GET /console/session': (request) => sessionInfo(request, this.#cluster, options.keps !== undefined),
      'POST /console/link': async ({ session }) => ({ url: this.link(session.person.as) }),
      ...this.#history.endpoints,
      ...ownershipEndpoints,
      ...editEndpoints,
      ...policiesEndpoint,
      ...ownedEndpoint,
      ...this.#fieldHistories.endpoints,
    };
    this.#files = new StaticFiles(options.webFolder ?? BUILT_APP);
    this.#listener = new Listener(options.tls, {
      request: (request, response) => this.#serve(request, response),
      upgrade: (request, socket, head) => this.#upgrade(request, socket, head),
    });
  }

  async listen(host: string, wantedPort: number): Promise<void> {
    const { tls } = this.#options;
    const { port, address } = await this.#listener.listen({ host, port: wantedPort });
    const scheme = tls === undefined ? 'http' : 'https';
    const shown = ['', '0.0.0.0', '::'].includes(host) ? 'localhost' : isIP(host) === 0 ? host : address;
    this.url = `${scheme}://${isIP(shown) === 6 ? `[${shown}]` : shown}:${port}`;
    this.#guard = new PageGuard({ scheme, host, port, ...(tls && { cert: tls.cert }) }, this.#sessions);
    this.#history.start();
    this.#sweeping = setInterval(() => this.#sessions.endIdle(), SWEEP_MS).unref();
    this.#keps.start(this.#cluster.clientOf(this.#options.as));
  }

  link(as = this.#options.as): string {
    return `${this.url}/signin?token=${this.#sessions.newLink(as)}`;
  }

  async close(): Promise<void> {
    this.#history.close();
    clearInterval(this.#sweeping);
    for (const socket of this.#sockets) socket.close();
    this.#sessions.endAll();
    await Promise.all([this.#listener.close(), this.#fieldHistories.close(), this.#keps.close()]);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#guard.checkHost(request);
    const target = request.url ?? '';
    // a proxy's form of a request names a host of its own
    if (!target.startsWith('/')) throw newBadRequest('the target must begin with a slash');
    const [path = '', query = ''] = target.split(/\?(.*)/s, 2);
    if (path === '/signin') {
      const place = { sessions: this.#sessions, cluster: this.#cluster, guard: this.#guard };
      return signIn(place, new URLSearchParams(query), request, response);
    }
    if (path.startsWith('/k8s/')) {
      const session = this.#guard.sessionOf(request);
      return proxyRequest(this.#cluster, session, { target: target.slice('/k8s'.length), request, response });
    }
    if (path.startsWith('/console/')) return this.#own(path, query, request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw newFailure(405, 'MethodNotAllowed', 'the app is read, and nothing else');
    return this.#files.serve(path, request, response);
  }

  async #own(path: string, query: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = this.#guard.sessionOf(request);
    const { method = '' } = request;
    if (method === 'POST' && path === '/console/signout') return this.#signOut(request, response);
    if (method === 'GET' && path.startsWith('/console/kep/')) return this.#answerKeps(path, query, session, response);
    const endpoint = this.#endpoints[`${method} ${path}`];
    if (endpoint === undefined) throw newFailure(404, 'NotFound', 'the console has nothing of that name');
    const body = method === 'POST' ? await jsonOf(request) : undefined;
    const signal = goneOrLate(response);
    const client = this.#cluster.clientOf(session.person.as);
    try {
      sendJson(response, await endpoint({ session, client, query: new URLSearchParams(query), body, signal }));
    } catch (error) {
      throw clusterFailure(error);
    }
  }

  async #answerKeps(path: string, query: string, { person }: Session, response: ServerResponse): Promise<void> {
    const call = { path: path.slice('/console/kep/'.length), query };
    try {
      const { body, type } = await answerKeps(this.#keps, call, this.#cluster.clientOf(person.as));
      sendText(response, body, { type, policy: DATA_POLICY });
    } catch (error) {
      throw clusterFailure(error);
    }
  }

  #signOut(request: IncomingMessage, response: ServerResponse): void {
    this.#guard.signOut(request);
    response.setHeader('set-cookie', this.#guard.cookieOf(''));
    sendJson(response, {});
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#guard.checkHost(request);
    const session = this.#guard.sessionOfUpgrade(request);
    if (request.url !== '/console/watch' || !isWebSocketRequest(request))
      throw newBadRequest('no connection of another protocol is handed on');
    const problem = handshakeProblem(request);
    if (problem !== undefined)
      throw newFailure(problem, 'BadRequest', 'the handshake of a WebSocket is not as it must be');
    const own = [...this.#sockets].filter((one) => one.session === session);
    // a browser with more pages than that has forgotten the oldest
    if (own.length >= MOST_PAGES) own[0]!.close();
    writeHandshake(socket, request, '');
    const watches = new WatchSocket(socket, head, { cluster: this.#cluster, session });
    this.#sockets.add(watches);
    void watches.closed.then(() => this.#sockets.delete(watches));
  }
}

/** So often is looked for sessions that were idle for too long. */
const SWEEP_MS = 60_000;
/** So many connections for watches a session may have. */
const MOST_PAGES = 30;
