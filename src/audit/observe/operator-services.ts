import { connect as connectTcp, type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { isSameService, namespacedName } from 'nekube/apimachinery';
import { sleep } from 'nekube/client';
import type { CalledWebhook, WebhookAddress, WebhookService, WebhookServices } from 'nekube/envtest';
import { joinSockets } from './isolated/join-sockets.ts';
import { WebhookUses } from './webhook-uses.ts';

/** Where programs that are written with controller-runtime serve webhooks. */
export const USUAL_WEBHOOK_PORT = 9443;

/** A port of a Service of an operator's, and the port of its process that it stands for. */
export interface OperatorService extends WebhookService {
  readonly targetPort: number;
}

const HOST = '127.0.0.1';
const LOOK_EVERY_MS = 100;
/** How long a server may take to answer the first message of TLS. */
const HANDSHAKE_MS = 2000;

/**
 * The Services of an operator that is a process: the control plane calls their webhooks as in a cluster, at ports of this machine, from
 * which connections go to the operator, wherever its network is. So are those called that are known by a URL of this machine.
 */
export class OperatorServices implements WebhookServices {
  readonly all: readonly OperatorService[];
  /** Ports of this machine that lead to those of the operator. */
  readonly #relays = new Map<number, Promise<Server>>();
  /** Hosts of URLs that are not called. */
  readonly #foreign = new Set<string>();
  /** What became of all calls. */
  readonly uses = new WebhookUses();
  readonly #listeners = new Set<(call: CalledWebhook) => void>();
  /** Those that {@link unserved} asks for no more. */
  readonly #leftOut = new Set<OperatorService>();
  /** How its ports are reached now. */
  #connect: ((port: number) => Socket) | undefined;

  private constructor(all: readonly OperatorService[]) {
    this.all = all;
  }

  static async open(all: readonly OperatorService[]): Promise<OperatorServices> {
    const services = new OperatorServices(all);
    try {
      for (const { targetPort } of all) await services.#relayOf(targetPort);
    } catch (error) {
      services.close();
      throw error;
    }
    return services;
  }

  /** Where a port of the operator is reached. */
  async #relayOf(port: number): Promise<WebhookAddress> {
    const opening = this.#relays.get(port) ?? this.#openRelay(port);
    this.#relays.set(port, opening);
    return { host: HOST, port: ((await opening).address() as AddressInfo).port };
  }

  async #openRelay(port: number): Promise<Server> {
    const relay = createServer((socket) => {
      if (this.#connect === undefined) socket.destroy();
      else joinSockets(socket, this.#connect(port));
    });
    await new Promise<void>((resolve, reject) => relay.once('error', reject).listen(0, HOST, resolve));
    relay.unref();
    return relay;
  }

  /** Says how ports of the operator are reached from now on; undefined: it does not run. */
  reach(connect: ((port: number) => Socket) | undefined): void {
    this.#connect = connect;
  }

  /** @throws Error for Services of others: nobody serves them here */
  async addressOf(service: WebhookService): Promise<WebhookAddress> {
    const found = this.all.find((one) => isSameService(one, service));
    if (found === undefined)
      throw new Error(`port ${service.port} of the service ${namespacedName(service)} is served by nobody here`);
    return await this.#relayOf(found.targetPort);
  }

  /** A URL of this machine is the operator's own, which runs here. @throws Error for other hosts, which are told instead of being called */
  async addressOfUrl(url: URL): Promise<WebhookAddress> {
    if (isOfThisMachine(url)) return await this.#relayOf(portOf(url));
    this.noteForeign(url);
    throw new Error(`${url.hostname} is another host, and is not called here`);
  }

  /** Keeps the host of a URL that is not called. */
  noteForeign(url: URL): void {
    this.#foreign.add(`${url.hostname}:${portOf(url)}`);
  }

  /** Whom else the API server was to call, by URLs of webhooks: `HOST:PORT`. */
  get foreign(): readonly string[] {
    return [...this.#foreign];
  }

  onCall(call: CalledWebhook): void {
    this.uses.note(call);
    for (const listener of this.#listeners) listener(call);
  }

  /** Takes a Service out of those that {@link unserved} waits for. */
  leaveOut(service: OperatorService): void {
    this.#leftOut.add(service);
  }

  /** Waits until all Services are served with TLS, but no longer than `waitMs`; gives those that are not. */
  async unserved(waitMs: number, signal?: AbortSignal): Promise<readonly OperatorService[]> {
    const end = performance.now() + waitMs;
    for (;;) {
      const all = this.all.filter((one) => !this.#leftOut.has(one));
      const served = await Promise.all(
        all.map(({ targetPort, namespace, name }) => this.#isServed(targetPort, `${name}.${namespace}.svc`)),
      );
      const left = all.filter((_, i) => !served[i]);
      if (left.length === 0 || performance.now() > end) return left;
      await sleep(LOOK_EVERY_MS, undefined, signal);
    }
  }

  /** Whether the operator serves at a URL of this machine with TLS, or comes to within `waitMs`. */
  async isServedAt(url: URL, waitMs: number, signal?: AbortSignal): Promise<boolean> {
    for (const end = performance.now() + waitMs; ; ) {
      if (await this.#isServed(portOf(url), 'localhost')) return true;
      if (performance.now() > end) return false;
      await sleep(LOOK_EVERY_MS, undefined, signal);
    }
  }

  async #isServed(targetPort: number, servername: string): Promise<boolean> {
    const address = await this.#relayOf(targetPort);
    return await new Promise((resolve) => {
      // whether its certificate is trusted is seen when it is called
      const socket = connectTls({ ...address, servername, rejectUnauthorized: false });
      const end = (isServed: boolean): void => {
        socket.destroy();
        resolve(isServed);
      };
      socket.setTimeout(HANDSHAKE_MS, () => end(false));
      socket
        .once('secureConnect', () => end(true))
        .once('close', () => end(false))
        .on('error', () => end(false));
    });
  }

  /** Tells a listener of each call that is over from now on, until what is given back is called. */
  listen(listener: (call: CalledWebhook) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    for (const opening of this.#relays.values())
      void opening.then(
        (relay) => relay.close(),
        () => {},
      );
  }
}

/** A port of a process in the network of this machine. */
export function connectHere(port: number): Socket {
  return connectTcp(port, HOST);
}

/** Whether a URL is of the machine that whoever calls it is on. */
export function isOfThisMachine({ hostname }: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'http:' ? 80 : 443));
}
