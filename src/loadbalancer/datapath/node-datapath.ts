import { kernel, type ProgramSpec } from 'nekube/bpf';
import { addressBytes, FAMILIES, familyOf } from '../maps/address.ts';
import type { Capacities } from '../maps/service-maps.ts';
import type { Writes } from '../maps/writes.ts';
import { applyWrites } from './map-writer.ts';
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

  /**
   * Loads the programs, and attaches them.
   *
   * @throws NotSupportedError the kernel has no tcx (6.6); BpfError there is no such device, or no right to it. Nothing stays attached.
   */
  constructor(options: NodeDatapathOptions) {
    const maps = datapathMaps(options.capacities, options.flows);
    const programs = FAMILIES.flatMap((family) => programsOf(family, maps, options));
    this.#collection = kernel.loadCollection(programs.map(({ program }) => program));
    const links: kernel.KernelLink[] = [];
    const attach = (): void => {
      for (const device of options.devices)
        for (const { program, direction } of programs)
          links.push(kernel.attachTcx(this.#collection.program(program.name), device, direction));
    };
    try {
      if (options.namespace === undefined) attach();
      else kernel.inNamespace(options.namespace, attach);
    } catch (error) {
      for (const link of links) link.close();
      this.#collection.close();
      throw error;
    }
    this.#links = links;
  }

  /** Brings writes to the maps; they are done when it returns. */
  apply(writes: Writes): void {
    applyWrites(writes, (name) => this.#collection.map(name));
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
    for (const link of this.#links) link.close();
    this.#collection.close();
  }
}

function programsOf(
  family: 4 | 6,
  maps: DatapathMaps,
  options: DatapathOptions,
): { readonly program: ProgramSpec; readonly direction: 'ingress' | 'egress' }[] {
  return [
    // what was in a tunnel may be for a frontend of the pod's node, and never the other way round
    { program: decapsulationProgram(family, maps), direction: 'ingress' },
    { program: requestProgram(family, maps, options), direction: 'ingress' },
    { program: replyProgram(family, maps), direction: 'egress' },
  ];
}
