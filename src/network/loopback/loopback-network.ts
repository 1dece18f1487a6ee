import type { AddressPlan } from '../pods/address-plan.ts';
import { portVariables } from '../pods/port-variables.ts';
import type { PrivatePorts } from '../pods/private-ports.ts';
import { RealAddresses } from '../pods/real-addresses.ts';
import type { AttachRequest, PodAttachment, PodNetwork, PodPort } from '../pod-network.ts';
import { openHostPorts } from '../routing/host-ports.ts';

/** What a network on the loopback device is made of. */
export interface LoopbackNetworkParts {
  readonly plan: AddressPlan;
  readonly ports: PrivatePorts;
  readonly reason: string;
  /** Makes the machine forget the addresses. */
  readonly forget: () => Promise<void>;
}

/**
 * Pods have addresses of this machine. Their processes are told on which to listen; one that can be told a port alone has a
 * private port, to which what comes to the pod's address is brought.
 */
export class LoopbackNetwork extends RealAddresses implements PodNetwork {
  readonly mode = 'loopback';
  readonly #parts: LoopbackNetworkParts;
  readonly #attached = new Set<PodAttachment>();

  constructor(parts: LoopbackNetworkParts) {
    super(parts);
    this.#parts = parts;
  }

  async attach(pod: AttachRequest): Promise<PodAttachment> {
    const ip = pod.hostNetwork ? this.plan.nodeAddress(pod.node) : this.plan.take(pod.node);
    const undo: (() => Promise<void>)[] = [];
    if (!pod.hostNetwork) undo.push(async () => this.plan.giveBack(pod.node, ip));
    const release = async (): Promise<void> => {
      for (const one of undo.splice(0).reverse()) await one();
    };
    try {
      const environment = pod.hostNetwork ? { POD_IP: ip } : await this.#publish(pod, ip, undo);
      const attachment: PodAttachment = {
        ips: [ip],
        within: (argv) => argv,
        mayMount: false,
        environment,
        dial: (port) => Promise.resolve({ host: ip, port }),
        release: async () => {
          this.#attached.delete(attachment);
          await release();
        },
      };
      this.#attached.add(attachment);
      return attachment;
    } catch (error) {
      await release();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#attached].map((one) => one.release()));
    await this.#parts.forget();
  }

  /** Listens where the pod's processes do not themselves. */
  async #publish(pod: AttachRequest, ip: string, undo: (() => Promise<void>)[]): Promise<Record<string, string>> {
    const { addressVariable, ports, node } = pod;
    undo.push(await openHostPorts(ports, this.plan.nodeAddress(node), (port) => ({ host: ip, port })));
    const bound: Record<string, string> = { POD_IP: ip, NEKUBE_LISTEN_ADDRESS: ip };
    if (addressVariable !== undefined) {
      // it listens there itself, on the port that others know
      const own = Object.fromEntries(
        ports.flatMap(({ variable, containerPort }) => (variable ? [[variable, String(containerPort)]] : [])),
      );
      return { ...bound, ...own, [addressVariable]: ip };
    }
    const told = ports.filter(({ variable }) => variable !== undefined);
    const places = new Map<PodPort, number>();
    for (const port of told) {
      const place = await this.#parts.ports.take();
      undo.push(async () => this.#parts.ports.giveBack(place));
      places.set(port, place);
      const { containerPort, protocol } = port;
      const published = [{ containerPort: place, hostPort: containerPort, ...(protocol && { protocol }) }];
      undo.push(await openHostPorts(published, ip, () => ({ host: '127.0.0.1', port: place })));
    }
    return { ...bound, ...portVariables(told, (port) => places.get(port)!) };
  }
}
