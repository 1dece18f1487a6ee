import { kernel } from 'nekube/bpf';
import type { Informers, PodNetwork, Service } from 'nekube/network';
import { placeOf } from '../controller/node-addresses.ts';
import { type ServiceBalancing, startServiceBalancing } from '../controller/service-balancing.ts';
import { NodeDatapath } from '../datapath/node-datapath.ts';
import { DEFAULT_DATAPATH } from '../datapath/options.ts';
import { ServiceMaps } from '../maps/service-maps.ts';
import type { Writes } from '../maps/writes.ts';

/** A machine has room for many nodes; their Services are those of a laptop. */
const CAPACITIES = { services: 16_384, backends: 16_384, table: 131_072 };
const FLOWS = { flows: 8192 };

/** What a node of a process is balanced with. */
export interface NodeBalancerOptions {
  /** Its name; none: what is on no node, as the machine's own processes. */
  readonly node: string;
  /** Addresses beside those of nodes that node ports are served on. */
  readonly addresses?: readonly string[];
  readonly network: PodNetwork;
  readonly informers: Informers;
  readonly onProblems?: (service: Service, problems: readonly string[]) => void;
  readonly onError: (error: Error) => void;
}

/** The datapath of a node that is a part of this process, with services as its pods have them. */
export class NodeBalancer {
  readonly datapath: NodeDatapath;
  readonly #balancing: ServiceBalancing;
  #apply = (writes: Writes): void => this.datapath.apply(writes);

  /** @throws BpfError, NotSupportedError there is no right to it, or the kernel cannot do it */
  constructor({
    node,
    addresses = [],
    network,
    informers,
    onError,
    onProblems = () => undefined,
  }: NodeBalancerOptions) {
    const { bridge, range } = network.devices ?? {};
    const podBridge = bridge && range && { device: kernel.deviceIndex(bridge), ranges: [range] };
    this.datapath = new NodeDatapath({
      ...DEFAULT_DATAPATH,
      devices: [],
      nodeAddresses: {},
      capacities: CAPACITIES,
      flows: FLOWS,
      ...(podBridge && { podBridge }),
    });
    this.#balancing = startServiceBalancing({
      informers,
      node,
      // all clients are inside: a mode is for those who are not; and they are few, to whom chance is as fair as a table
      settings: { mode: 'snat', algorithm: 'random' },
      maps: new ServiceMaps({ capacities: CAPACITIES }),
      apply: (writes) => this.#apply(writes),
      recover: (failure) => {
        onError(
          new Error(`Cannot bring services to the kernel, and try again: ${String(failure)}`, { cause: failure }),
        );
        const contents = this.datapath.contentsNow();
        return new ServiceMaps({ capacities: CAPACITIES, contents });
      },
      onProblems,
      // where there is no endpoint, the machine says that nobody listens; and what is served without one is served by it
      leavesEmpty: true,
      place: (nodes) => ({
        ...placeOf(node, nodes),
        // each is this machine
        addresses: [...nodes.list().flatMap(({ metadata }) => nodeAddress(network, metadata.name)), ...addresses],
        addressOf: (name, family) => (family === 4 ? network.knownNodeAddress(name) : undefined),
      }),
    });
  }

  /** Writes go another way from now on, which must bring them to the datapath. */
  applyBy(apply: (writes: Writes) => void): void {
    this.#apply = apply;
  }

  /** Brings what has changed to the datapath, now. */
  flush(): void {
    this.#balancing.flush();
  }

  close(): void {
    this.#balancing.close();
    this.datapath.close();
  }
}

function nodeAddress(network: PodNetwork, name = ''): readonly string[] {
  return [network.knownNodeAddress(name) ?? []].flat();
}
