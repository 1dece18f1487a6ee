import { kernel } from 'nekube/bpf';
import type { Writes } from '../maps/writes.ts';
import { datapathMaps } from '../datapath/maps.ts';
import type { NodeDatapath } from '../datapath/node-datapath.ts';
import type { SocketOptions } from './frame.ts';
import type { OpenMaps } from '../pins/maps.ts';
import { sharedMaps, socketMaps } from './maps.ts';
import { networkNamespaces } from './namespaces.ts';
import { SocketEndings } from './endings.ts';
import { socketPrograms } from './programs.ts';

/** What of a node's datapath sockets need. */
type Node = Pick<NodeDatapath, 'kernelMap' | 'apply' | 'openSocketMaps' | 'attachBeside' | 'releaseBeside'>;

/** Whose sockets are balanced. */
export interface SocketDatapathOptions extends SocketOptions {
  /** The folder of a cgroup v2: of processes in it and below it. */
  readonly cgroup: string;
  /** How many sockets are remembered, of each family. */
  readonly sockets?: number;
  /**
   * The files of the network namespaces in which sockets of backends that go are ended; default: those of all processes that this one
   * sees, or with `namespaceCookie` its own alone.
   */
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
  readonly #maps: OpenMaps;
  /** The names of programs that are attached. */
  readonly #attached: string[] = [];
  readonly #node: Node;
  readonly #endings: SocketEndings;

  /**
   * Loads the programs, and attaches them; where the datapath's are pinned, these are as well, and take the places of earlier ones.
   *
   * @throws BpfError there is no right to it; NotSupportedError the kernel has no such hook. Nothing stays attached.
   */
  constructor(node: Node, options: SocketDatapathOptions) {
    const { cgroup, sockets, namespaceCookie, onError = () => undefined } = options;
    const { namespaces = namespaceCookie === undefined ? networkNamespaces : ownNamespace } = options;
    this.#node = node;
    const maps = datapathMaps();
    const own = socketMaps(sockets);
    const programs = socketPrograms({ maps, sockets: own, options: { ...(namespaceCookie && { namespaceCookie }) } });
    this.#maps = node.openSocketMaps([own.affinities, own[4], own[6]]);
    try {
      const shared = sharedMaps(maps).map(({ name }) => node.kernelMap(name));
      this.#collection = kernel.loadCollection(programs, { maps: [...shared, ...this.#maps.maps] });
    } catch (error) {
      this.#maps.close();
      throw error;
    }
    const mapOf = (name: string): kernel.KernelMap => this.#collection.map(name);
    this.#endings = new SocketEndings({ mapOf, namespaces, onError });
    try {
      for (const { name, attachType: type } of programs) {
        node.attachBeside(name, this.#collection.program(name), { kind: 'cgroup', folder: cgroup, type });
        this.#attached.push(name);
      }
      this.#maps.settle();
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

  /**
   * Detaches the programs, unless they are pinned. Sockets that are connected stay so, and are told of backends where they ask with whom.
   */
  close(): void {
    for (const name of this.#attached) this.#node.releaseBeside(name);
    this.#collection.close();
    this.#maps.close();
  }
}

function ownNamespace(): readonly string[] {
  return ['/proc/thread-self/ns/net'];
}
