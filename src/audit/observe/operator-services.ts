import { connect as connectTcp, type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { isSameService, namespacedName } from 'nekube/apimachinery';
import { sleep } from 'nekube/client';
import type { CalledWebhook, WebhookService, WebhookServices } from 'nekube/envtest';
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
 * which connections go to the operator, wherever its network is.
 */
export class OperatorServices implements WebhookServices {
  readonly all: readonly OperatorService[];
  readonly #ports = new Map<number, number>();
  readonly #relays: Server[] = [];
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
      for (const port of new Set(all.map(({ targetPort }) => targetPort))) await services.#relay(port);
    } catch (error) {
      services.close();
      throw error;
    }
    return services;
  }

  async #relay(port: number): Promise<void> {
    const relay = createServer((socket) => {
      if (this.#connect === undefined) socket.destroy();
      else joinSockets(socket, this.#connect(port));
    });
    await new Promise<void>((resolve, reject) => relay.once('error', reject).listen(0, HOST, resolve));
    relay.unref();
    this.#relays.push(relay);
    this.#ports.set(port, (relay.address() as AddressInfo).port);
  }

  /** Says how ports of the operator are reached from now on; undefined: it does not run. */
  reach(connect: ((port: number) => Socket) | undefined): void {
    this.#connect = connect;
  }

  /** @throws Error for Services of others: nobody serves them here */
  addressOf(service: WebhookService): { readonly host: string; readonly port: number } {
    const found = this.all.find((one) => isSameService(one, service));
    if (found === undefined)
      throw new Error(`port ${service.port} of the service ${namespacedName(service)} is served by nobody here`);
    return { host: HOST, port: this.#ports.get(found.targetPort)! };
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
      const served = await Promise.all(all.map((one) => this.#isServed(one)));
      const left = all.filter((_, i) => !served[i]);
      if (left.length === 0 || performance.now() > end) return left;
      await sleep(LOOK_EVERY_MS, undefined, signal);
    }
  }

  #isServed({ targetPort, namespace, name }: OperatorService): Promise<boolean> {
    return new Promise((resolve) => {
      const servername = `${name}.${namespace}.svc`;
      // whether its certificate is trusted is seen when it is called
      const socket = connectTls({
        host: HOST,
        port: this.#ports.get(targetPort)!,
        servername,
        rejectUnauthorized: false,
      });
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
    for (const relay of this.#relays) relay.close();
  }
}

/** A port of a process in the network of this machine. */
export function connectHere(port: number): Socket {
  return connectTcp(port, HOST);
}
