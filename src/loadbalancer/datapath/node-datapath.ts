import { kernel, type ProgramSpec } from 'nekube/bpf';
import { addressBytes, FAMILIES, familyOf } from '../maps/address.ts';
import type { Capacities } from '../maps/service-maps.ts';
import type { Writes } from '../maps/writes.ts';
import { insideProgram } from './inside.ts';
import { applyWrites, kernelMap } from './map-writer.ts';
import {
  COUNTERS,
  type CounterName,
  type DatapathMaps,
  datapathMaps,
  type FlowCapacities,
  flowLayoutsOf,
} from './maps.ts';
import { decapsulationProgram, replyProgram } from './node.ts';
import type { DatapathOptions } from './options.ts';
import { requestProgram } from './request.ts';

/** Where a node's programs are attached, and what they are made for. */
export interface NodeDatapathOptions extends DatapathOptions {
  /** The devices that face the network, of the node's network namespace. */
  readonly devices: readonly string[];
  /** The file of that namespace; default: this process's own. */
  readonly namespace?: string;
  readonly capacities?: Capacities;
  readonly flows?: FlowCapacities;
}

/** A node's programs, attached to its devices, and their maps. */
export class NodeDatapath {
  readonly #collection: kernel.Collection;
  readonly #links: readonly kernel.KernelLink[];
  readonly #namespace: string | undefined;
  readonly #inside: readonly Placed[];
  /** Of devices towards pods, by their names. */
  readonly #pods = new Map<string, readonly kernel.KernelLink[]>();
  /** The memory of the tables, from the first write on. */
  #table: kernel.MappedArray | undefined;

  /**
   * Loads the programs, and attaches them.
   *
   * @throws NotSupportedError the kernel has no tcx (6.6); BpfError there is no such device, or no right to it. Nothing stays attached.
   */
  constructor(options: NodeDatapathOptions) {
    const maps = datapathMaps(options.capacities, options.flows);
    const programs = FAMILIES.flatMap((family) => programsOf(family, maps, options));
    this.#collection = kernel.loadCollection(programs.map(({ program }) => program));
    this.#namespace = options.namespace;
    const outside = programs.filter(({ faces }) => faces !== 'pods');
    try {
      this.#links = this.#attach(options.devices, outside);
    } catch (error) {
      this.#collection.close();
      throw error;
    }
    this.#inside = programs.filter(({ faces }) => faces !== 'network');
  }

  /**
   * Balances what a pod sends, at its device on the node's side: one end of its pair of veth devices, whether packets are routed from there
   * or it is a port of a bridge. A device that is attached already is left as it is.
   *
   * @throws BpfError there is no such device. Nothing stays attached.
   */
  attachPod(device: string): void {
    if (!this.#pods.has(device)) this.#pods.set(device, this.#attach([device], this.#inside));
  }

  /** Leaves a pod's device alone, also one that is gone by now. */
  detachPod(device: string): void {
    for (const link of this.#pods.get(device) ?? []) link.close();
    this.#pods.delete(device);
  }

  /** All programs to all devices, or none to any. */
  #attach(devices: readonly string[], programs: readonly Placed[]): readonly kernel.KernelLink[] {
    const links: kernel.KernelLink[] = [];
    const attach = (): void => {
      for (const device of devices)
        for (const { program, direction } of programs)
          links.push(kernel.attachTcx(this.#collection.program(program.name), device, direction));
    };
    try {
      if (this.#namespace === undefined) attach();
      else kernel.inNamespace(this.#namespace, attach);
    } catch (error) {
      for (const link of links) link.close();
      throw error;
    }
    return links;
  }

  /** A map, for programs that share it. It is closed with the datapath. */
  kernelMap(name: string): kernel.KernelMap {
    return this.#collection.map(name);
  }

  /** Brings writes to the maps; they are done when it returns. */
  apply(writes: Writes): void {
    applyWrites(writes, (name) => {
      const map = this.#collection.map(name);
      return name === 'table' ? kernelMap(map, (this.#table ??= new kernel.MappedArray(map))) : kernelMap(map);
    });
  }

  /** Takes tunnels that come from an address: that of another node. */
  takeTunnelsFrom(address: string): void {
    const family = familyOf(address);
    const bytes = addressBytes(address);
    const key = flowLayoutsOf(family).tunnelSourceKey.encode({ prefix: 8 * bytes.length, address: bytes });
    this.#collection.map(`tunnel_src${family}`).setBytes(key, Uint8Array.of(1));
  }

  /** How often what has happened, of all CPUs together. */
  counters(): Readonly<Record<CounterName, number>> {
    const map = this.#collection.map('counters');
    const values = COUNTERS.map((name, i) => {
      const all = map.getPerCpu(i) as bigint[];
      return [name, Number(all.reduce((sum, one) => sum + one, 0n))] as const;
    });
    return Object.fromEntries(values) as Record<CounterName, number>;
  }

  /** Detaches the programs, and forgets all flows. */
  close(): void {
    for (const device of this.#pods.keys()) this.detachPod(device);
    for (const link of this.#links) link.close();
    this.#table?.close();
    this.#collection.close();
  }
}

/** A program, and where it is attached. */
interface Placed {
  readonly program: ProgramSpec;
  readonly direction: 'ingress' | 'egress';
  /** The devices that it is for. */
  readonly faces: 'network' | 'pods' | 'both';
}

function programsOf(family: 4 | 6, maps: DatapathMaps, options: DatapathOptions): readonly Placed[] {
  return [
    // what was in a tunnel may be for a frontend of the pod's node, and never the other way round
    { program: decapsulationProgram(family, maps, options), direction: 'ingress', faces: 'network' },
    { program: requestProgram(family, maps, options), direction: 'ingress', faces: 'network' },
    { program: replyProgram(family, maps), direction: 'egress', faces: 'both' },
    { program: insideProgram(family, maps, options), direction: 'ingress', faces: 'pods' },
  ];
}
