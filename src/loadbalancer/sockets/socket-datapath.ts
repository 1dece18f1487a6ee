import { kernel } from 'nekube/bpf';
import type { Writes } from '../maps/writes.ts';
import { type DatapathMaps, datapathMaps } from '../datapath/maps.ts';
import type { NodeDatapath } from '../datapath/node-datapath.ts';
import type { SocketOptions } from './frame.ts';
import { socketMaps } from './maps.ts';
import { SocketEndings } from './endings.ts';
import { socketPrograms } from './programs.ts';

/** What of a node's datapath sockets need. */
type Node = Pick<NodeDatapath, 'kernelMap' | 'apply'>;

/** Whose sockets are balanced. */
export interface SocketDatapathOptions extends SocketOptions {
  /** The folder of a cgroup v2: of processes in it and below it. */
  readonly cgroup: string;
  /** How many sockets are remembered, of each family. */
  readonly sockets?: number;
  /** The files of the network namespaces in which sockets of backends that go are ended; default: this process's own alone. */
  readonly namespaces?: () => readonly string[];
  /** Gets why a socket could not be ended. */
  readonly onError?: (error: Error) => void;
}

/**
 * Balances sockets where they are told whom to speak with, with the services of a node's datapath: no packet is rewritten then, and the
 * backend's answers come as they are. The process is told that it speaks with the frontend.
 */
export class SocketDatapath {
  readonly #collection: kernel.Collection;
  readonly #links: kernel.KernelLink[] = [];
  readonly #node: Node;
  readonly #endings: SocketEndings;

  /**
   * Loads the programs, and attaches them.
   *
   * @throws BpfError there is no right to it; NotSupportedError the kernel has no such hook. Nothing stays attached.
   */
  constructor(node: Node, options: SocketDatapathOptions) {
    const { cgroup, sockets, namespaceCookie, namespaces, onError = () => undefined } = options;
    this.#node = node;
    const maps = datapathMaps();
    const programs = socketPrograms({
      maps,
      sockets: socketMaps(sockets),
      options: { ...(namespaceCookie && { namespaceCookie }) },
    });
    this.#collection = kernel.loadCollection(programs, {
      maps: sharedNames(maps).map((name) => node.kernelMap(name)),
    });
    const mapOf = (name: string): kernel.KernelMap => this.#collection.map(name);
    this.#endings = new SocketEndings({ mapOf, ...(namespaces && { namespaces }), onError });
    try {
      for (const { name, attachType } of programs)
        this.#links.push(kernel.attachCgroup(this.#collection.program(name), cgroup, attachType));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Brings writes to the node's maps; they are done when it returns. Sockets of UDP that are connected to a backend which goes would send
   * to nobody: they are ended, and get another when they connect again. Others find another by themselves.
   */
  apply(writes: Writes): void {
    const gone = this.#endings.goneWith(writes);
    this.#node.apply(writes);
    for (const backend of gone) this.#endings.end(backend);
  }

  /** Detaches the programs. Sockets that are connected stay so, and are told of backends where they ask with whom. */
  close(): void {
    for (const link of this.#links) link.close();
    this.#collection.close();
  }
}

function sharedNames(maps: DatapathMaps): readonly string[] {
  const of = ([4, 6] as const).flatMap((family) => [maps[family].services, maps[family].backends]);
  return [maps.table, maps.counters, ...of].map(({ name }) => name);
}
