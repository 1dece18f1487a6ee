import { connect as connectTcp, type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { isJsonObject } from 'nekube/apimachinery';
import { sleep } from 'nekube/client';
import type { CalledWebhook, LoggedRequest, WebhookService, WebhookServices } from 'nekube/envtest';
import { joinSockets } from './isolated/join-sockets.ts';

/** A port of a Service of an operator's, and the port of its process that it stands for. */
export interface OperatorService extends WebhookService {
  readonly targetPort: number;
}

const HOST = '127.0.0.1';
const LOOK_EVERY_MS = 100;
/** How long a server may take to answer the first message of TLS. */
const HANDSHAKE_MS = 2000;

/** How often a webhook was called, and what came of that. */
export interface WebhookUse {
  readonly calls: number;
  /** It wanted the object otherwise. */
  readonly changed: number;
  readonly refused: number;
  readonly failed: number;
  /** Why the last of those that failed did. */
  readonly failure?: string;
  /** How long the calls took, in milliseconds. */
  readonly medianMs: number;
  readonly longestMs: number;
}

/**
 * The Services of an operator that is a process: the control plane calls their webhooks as in a cluster, at ports of this machine, from
 * which connections go to the operator, wherever its network is.
 */
export class OperatorServices implements WebhookServices {
  readonly all: readonly OperatorService[];
  readonly #ports = new Map<number, number>();
  readonly #relays: Server[] = [];
  readonly #calls: CalledWebhook[] = [];
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
  addressOf({ namespace, name, port }: WebhookService): { readonly host: string; readonly port: number } {
    const found = this.all.find((one) => one.namespace === namespace && one.name === name && one.port === port);
    if (found === undefined)
      throw new Error(`port ${port} of the service ${namespace}/${name} is served by nobody here`);
    return { host: HOST, port: this.#ports.get(found.targetPort)! };
  }

  onCall(call: CalledWebhook): void {
    this.#calls.push(call);
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

  /** Calls, by where they went: `NAMESPACE/NAME:PORT/PATH`, or a path alone. */
  get uses(): ReadonlyMap<string, WebhookUse> {
    const byPlace = new Map<string, CalledWebhook[]>();
    for (const call of this.#calls) {
      const place = placeOf(call.service, call.path);
      const calls = byPlace.get(place);
      if (calls === undefined) byPlace.set(place, [call]);
      else calls.push(call);
    }
    return new Map([...byPlace].map(([place, calls]) => [place, useOf(calls)]));
  }

  /** Whether a webhook refused what was asked for by a request. */
  hasRefused({ user, resource, namespace, name }: LoggedRequest): boolean {
    return this.#calls.some((call) => {
      const asked = call.asked?.request;
      if (!isRefusal(call) || !isJsonObject(asked) || !isJsonObject(asked.userInfo) || !isJsonObject(asked.resource))
        return false;
      const isIt = asked.resource.resource === resource && (asked.namespace ?? '') === namespace;
      return isIt && asked.userInfo.username === user && (name === '' || asked.name === name);
    });
  }

  /** How many calls there were, as a place among them for {@link callsFrom}. */
  get seen(): number {
    return this.#calls.length;
  }

  callsFrom(from: number): readonly CalledWebhook[] {
    return this.#calls.slice(from);
  }

  close(): void {
    for (const relay of this.#relays) relay.close();
  }
}

/** A port of a process in the network of this machine. */
export function connectHere(port: number): Socket {
  return connectTcp(port, HOST);
}

/** Where a webhook is, in a word. */
export function placeOf(service: WebhookService | undefined, path: string): string {
  return service === undefined ? path : `${service.namespace}/${service.name}:${service.port}${path}`;
}

/** Whether a webhook wants an object otherwise than it was sent. */
export function isChanged({ answered }: CalledWebhook): boolean {
  const { response } = answered ?? {};
  if (!isJsonObject(response) || typeof response.patch !== 'string') return false;
  return Buffer.from(response.patch, 'base64').toString().trim() !== '[]';
}

/** Whether a webhook refused what it was asked about. */
export function isRefusal({ answered }: CalledWebhook): boolean {
  const { response } = answered ?? {};
  return isJsonObject(response) && response.allowed === false;
}

function useOf(calls: readonly CalledWebhook[]): WebhookUse {
  const times = calls.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const failures = calls.map(({ failure }) => failure).filter((why) => why !== undefined);
  const failure = failures.at(-1);
  return {
    calls: calls.length,
    changed: calls.filter(isChanged).length,
    refused: calls.filter(isRefusal).length,
    failed: failures.length,
    ...(failure !== undefined && { failure }),
    medianMs: times[Math.floor(times.length / 2)]!,
    longestMs: times.at(-1)!,
  };
}
