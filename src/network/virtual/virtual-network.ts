import type { AddressPlan } from '../pods/address-plan.ts';
import { portVariables } from '../pods/port-variables.ts';
import type { PrivatePorts } from '../pods/private-ports.ts';
import type { AttachRequest, Endpoint, PodAttachment, PodNetwork, PodPort, Protocol } from '../pod-network.ts';
import { openHostPorts } from '../routing/host-ports.ts';

/** What a virtual network is made of. */
export interface VirtualNetworkParts {
  readonly plan: AddressPlan;
  readonly ports: PrivatePorts;
  readonly reason: string;
}

/** The one address that processes listen on. */
const HOST = '127.0.0.1';

/**
 * Pods have addresses that stand in the API alone. Their processes listen on ports of 127.0.0.1 that nobody else has, of
 * which they are told by their environment; whoever reaches a pod asks here where it is.
 */
export class VirtualNetwork implements PodNetwork {
  readonly mode = 'virtual';
  readonly reason: string;
  readonly #plan: AddressPlan;
  readonly #ports: PrivatePorts;
  /** Of each pod's address: where its ports are, by protocol and number. */
  readonly #places = new Map<string, ReadonlyMap<string, number>>();
  readonly #attached = new Set<PodAttachment>();
  /** Of each address of a service: a port that is free for TCP and UDP, and how many of both are listened on. */
  readonly #servicePorts = new Map<string, { readonly port: Promise<number>; listeners: number }>();

  constructor({ plan, ports, reason }: VirtualNetworkParts) {
    this.#plan = plan;
    this.#ports = ports;
    this.reason = reason;
  }

  /** Linux has all of 127.0.0.0/8, others 127.0.0.1 alone. */
  get loadBalancerRange(): string {
    return process.platform === 'linux' ? '127.0.1.0/24' : `${HOST}/32`;
  }

  podRange(node: string): string {
    return this.#plan.podRange(node);
  }

  nodeAddress(node: string): string {
    this.#plan.podRange(node);
    return HOST;
  }

  knownNodeAddress(node: string): string | undefined {
    return this.#plan.knownNodeAddress(node) && HOST;
  }

  /** All connections come from the same address. */
  nodeOf(): string | undefined {
    return undefined;
  }

  async attach(pod: AttachRequest): Promise<PodAttachment> {
    const attachment = pod.hostNetwork ? this.#onHost() : await this.#withAddress(pod);
    this.#attached.add(attachment);
    return attachment;
  }

  reach(ip: string, port: number, protocol: Protocol = 'TCP'): Endpoint {
    const ports = this.#places.get(ip);
    if (ports !== undefined) return { host: HOST, port: ports.get(placeOf(port, protocol)) ?? port };
    return { host: ip, port };
  }

  async serviceEndpoint(ip: string, port: number): Promise<Endpoint> {
    return ip.startsWith('127.') ? { host: ip, port } : { host: HOST, port: await this.#servicePort(ip, port).port };
  }

  placeOfService({ ip, port }: { readonly ip: string; readonly port: number }): Promise<Endpoint> {
    if (!ip.startsWith('127.')) this.#servicePort(ip, port).listeners++;
    return this.serviceEndpoint(ip, port);
  }

  giveServicePlaceBack(
    { ip, port }: { readonly ip: string; readonly port: number },
    { port: privatePort }: Endpoint,
  ): Promise<void> {
    const known = this.#servicePorts.get(`${ip} ${port}`);
    if (known !== undefined && --known.listeners === 0) {
      this.#servicePorts.delete(`${ip} ${port}`);
      this.#ports.giveBack(privatePort);
    }
    return Promise.resolve();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#attached].map((one) => one.release()));
    this.#ports.giveAllBack();
  }

  #servicePort(ip: string, port: number): { readonly port: Promise<number>; listeners: number } {
    const key = `${ip} ${port}`;
    const known = this.#servicePorts.get(key) ?? { port: this.#ports.take(), listeners: 0 };
    this.#servicePorts.set(key, known);
    return known;
  }

  #onHost(): PodAttachment {
    const attachment: PodAttachment = {
      ips: [HOST],
      within: (argv) => argv,
      mayMount: false,
      environment: { POD_IP: HOST },
      dial: (port) => Promise.resolve({ host: HOST, port }),
      release: () => {
        this.#attached.delete(attachment);
        return Promise.resolve();
      },
    };
    return attachment;
  }

  async #withAddress({ node, ports, addressVariable }: AttachRequest): Promise<PodAttachment> {
    const ip = this.#plan.take(node);
    const places = await this.#placesFor(ports).catch((error: unknown) => {
      this.#plan.giveBack(node, ip);
      throw error;
    });
    this.#places.set(ip, places);
    const unpublish = await openHostPorts(ports, HOST, (port, protocol) => this.reach(ip, port, protocol)).catch(
      (error: unknown) => {
        this.#forget(node, ip, places);
        throw error;
      },
    );
    const attachment: PodAttachment = {
      ips: [ip],
      within: (argv) => argv,
      mayMount: false,
      environment: {
        POD_IP: ip,
        NEKUBE_LISTEN_ADDRESS: HOST,
        ...(addressVariable !== undefined && { [addressVariable]: HOST }),
        ...portVariables(ports, ({ containerPort, protocol }) => places.get(placeOf(containerPort, protocol))!),
      },
      dial: (port) => Promise.resolve(this.reach(ip, port)),
      release: async () => {
        if (!this.#attached.delete(attachment)) return;
        this.#forget(node, ip, places);
        await unpublish();
      },
    };
    return attachment;
  }

  async #placesFor(ports: readonly PodPort[]): Promise<ReadonlyMap<string, number>> {
    const places = new Map<string, number>();
    try {
      for (const { containerPort, protocol } of ports) {
        const place = placeOf(containerPort, protocol);
        if (!places.has(place)) places.set(place, await this.#ports.take());
      }
    } catch (error) {
      for (const port of places.values()) this.#ports.giveBack(port);
      throw error;
    }
    return places;
  }

  #forget(node: string, ip: string, places: ReadonlyMap<string, number>): void {
    this.#places.delete(ip);
    this.#plan.giveBack(node, ip);
    for (const port of places.values()) this.#ports.giveBack(port);
  }
}

function placeOf(port: number, protocol: Protocol = 'TCP'): string {
  return `${protocol}:${port}`;
}
