import { kernel } from 'nekube/bpf';
import {
  type Endpoint,
  type PodDevices,
  type Protocol,
  type ServiceRouting,
  type ServiceRoutingOptions,
  startServiceRouting,
} from 'nekube/network';
import { SocketDatapath } from '../sockets/socket-datapath.ts';
import { NodeBalancer } from './node-balancer.ts';

/** What routing by eBPF needs. */
export interface EbpfRoutingOptions extends ServiceRoutingOptions {
  /** Is told how services are routed: by eBPF for whom, and if not for all, why. */
  readonly onDecided?: (sentence: string) => void;
}

/**
 * Routes services to pods of this process by eBPF: what pods send at their devices, what the machine's own processes do at connect time.
 * What neither serves is routed by the proxy of this process: services that have no endpoint but a server of it, policies that leave the
 * machine no endpoint, source ranges, and, where eBPF cannot be, all. It ends with this process, however that ends.
 */
export function startEbpfRouting(options: EbpfRoutingOptions): ServiceRouting {
  const { network, onDecided = () => undefined } = options;
  const proxy = startServiceRouting(options);
  const instead = (why: string): ServiceRouting => {
    onDecided(`services are routed by a proxy of this process, not by eBPF: ${why}`);
    return proxy;
  };
  const { devices } = network;
  if (devices === undefined) return instead(`pods have no devices with --network ${network.mode}`);
  try {
    return new EbpfRouting(proxy, devices, options);
  } catch (error) {
    return instead(reasonOf(error));
  }
}

class EbpfRouting implements ServiceRouting {
  readonly #proxy: ServiceRouting;
  readonly #options: EbpfRoutingOptions;
  /** Of this machine, as far as it is no pod. */
  readonly #machine: NodeBalancer;
  readonly #sockets: SocketDatapath | undefined;
  readonly #nodes = new Map<string, NodeBalancer>();
  /** The node of each device that is balanced. */
  readonly #devices = new Map<string, NodeBalancer>();
  readonly #unwatch: () => void;

  constructor(proxy: ServiceRouting, devices: PodDevices, options: EbpfRoutingOptions) {
    this.#proxy = proxy;
    this.#options = options;
    const { onDecided = () => undefined, onError = () => undefined } = options;
    this.#machine = new NodeBalancer({
      ...this.#parts(''),
      addresses: ['127.0.0.1'],
      onProblems: (service, problems) => {
        const name = `${service.metadata.namespace}/${service.metadata.name}`;
        for (const problem of problems) onError(new Error(`Cannot route all of service "${name}": ${problem}`));
      },
    });
    let lack = '';
    try {
      this.#sockets = balanceSockets(this.#machine, onError);
    } catch (error) {
      lack = `; this machine's own processes reach them by a proxy of this one: ${reasonOf(error)}`;
    }
    this.#unwatch = devices.watch({
      added: (device, node) => this.#attach(device, node),
      removed: (device) => this.#detach(device),
    });
    onDecided(`services are routed by eBPF${lack}`);
  }

  reach(ip: string, port: number, protocol?: Protocol): Endpoint | undefined {
    return this.#proxy.reach(ip, port, protocol);
  }

  async settled(): Promise<void> {
    await this.#proxy.settled();
    for (const one of [this.#machine, ...this.#nodes.values()]) one.flush();
  }

  async close(): Promise<void> {
    this.#unwatch();
    this.#sockets?.close();
    for (const one of [this.#machine, ...this.#nodes.values()]) one.close();
    await this.#proxy.close();
  }

  #parts(node: string) {
    const { network, informers, onError = () => undefined } = this.#options;
    return { node, network, informers, onError };
  }

  #attach(device: string, node: string): void {
    const { onError = () => undefined } = this.#options;
    try {
      const balancer = this.#nodes.get(node) ?? new NodeBalancer(this.#parts(node));
      this.#nodes.set(node, balancer);
      // what is known of services must be in the maps before the pod asks for one
      balancer.flush();
      balancer.datapath.attachPod(device);
      this.#devices.set(device, balancer);
    } catch (error) {
      onError(new Error(`Cannot balance what comes by ${device}; a proxy does: ${reasonOf(error)}`, { cause: error }));
    }
  }

  #detach(device: string): void {
    this.#devices.get(device)?.datapath.detachPod(device);
    this.#devices.delete(device);
  }
}

/** Those of this network namespace alone: pods are balanced at their devices. */
function balanceSockets(machine: NodeBalancer, onError: (error: Error) => void): SocketDatapath {
  const namespaceCookie = kernel.namespaceCookie();
  const sockets = kernel.withCgroupRoot(
    (cgroup) => new SocketDatapath(machine.datapath, { cgroup, namespaceCookie, onError }),
  );
  machine.applyBy((writes) => sockets.apply(writes));
  return sockets;
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /EPERM|EACCES/.test(text) ? `it needs root, or CAP_BPF, CAP_NET_ADMIN and CAP_SYS_ADMIN (${text})` : text;
}
