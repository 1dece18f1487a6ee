import { POD_RANGE } from './check-ranges.ts';
import {
  contains,
  formatAddress,
  formatRange,
  parseAddress,
  lastOf,
  parseRange,
  type Range,
  sizeOf,
} from './ranges.ts';

/** Which addresses nodes and pods have. */
export interface AddressPlanOptions {
  /** Of all pods; `10.244.0.0/16` by default. */
  readonly podRange?: string;
  /** Of all nodes; by default the first of `10.239.0.0/16` to `10.232.0.0/16` that is free, in the virtual mode none. */
  readonly nodeRange?: string;
  /** The size of a node's range of pods, in bits that its addresses have in common; 24 by default. */
  readonly nodePrefix?: number;
}

/** The range of pods' addresses of a node, and which of them are taken. */
interface NodeRange {
  readonly index: number;
  readonly range: Range;
  readonly taken: Set<number>;
  /** Where the next search begins: an address is given again as late as can be. */
  next: number;
}

/** Gives each node an address and a range, and each pod an address of its node's range; keeps nothing else. */
export class AddressPlan {
  readonly pods: Range;
  readonly nodes: Range;
  readonly #prefix: number;
  readonly #byNode = new Map<string, NodeRange>();
  readonly #byIndex: string[] = [];

  constructor({ podRange = POD_RANGE, nodeRange = '10.239.0.0/16', nodePrefix = 24 }: AddressPlanOptions = {}) {
    this.pods = parseRange(podRange);
    this.nodes = parseRange(nodeRange);
    this.#prefix = Math.max(nodePrefix, this.pods.prefix);
    if (this.#prefix > 29) throw new RangeError(`A node's range of pods must have at least 8 addresses`);
  }

  /** The range of all pods, as text. */
  get allPods(): string {
    return formatRange(this.pods);
  }

  /** The range of all nodes, as text. */
  get allNodes(): string {
    return formatRange(this.nodes);
  }

  /** The range of load balancers' addresses, the last of those of nodes. */
  get balancers(): string {
    return formatRange(lastOf(this.nodes));
  }

  /** A node's range of pods. @throws RangeError there is none left */
  podRange(node: string): string {
    return formatRange(this.#rangeOf(node).range);
  }

  /** A node's own address. */
  nodeAddress(node: string): string {
    // neither the first nor the last of a range is anybody's
    return formatAddress(this.nodes.first + this.#rangeOf(node).index + 1);
  }

  /** A node's own address, if somebody asked for it or for its range. */
  knownNodeAddress(node: string): string | undefined {
    return this.#byNode.has(node) ? this.nodeAddress(node) : undefined;
  }

  /** The node in whose range an address is. */
  nodeOf(text: string): string | undefined {
    const address = parseAddress(text);
    if (address === undefined || !contains(this.pods, address)) return undefined;
    return this.#byIndex[Math.floor((address - this.pods.first) / 2 ** (32 - this.#prefix))];
  }

  /** The address by which pods of all nodes leave, the first of the first node's range. */
  get gateway(): string {
    return formatAddress(this.pods.first + 1);
  }

  /** Takes an address for a pod. @throws RangeError all of the node's are taken */
  take(node: string): string {
    const { range, taken } = this.#rangeOf(node);
    const usable = sizeOf(range) - 3;
    if (taken.size >= usable) {
      throw new RangeError(`All ${usable} addresses of ${formatRange(range)} are taken on node "${node}"`);
    }
    const entry = this.#byNode.get(node)!;
    const at = (offset: number): number => range.first + 2 + ((entry.next + offset) % usable);
    let offset = 0;
    while (taken.has(at(offset))) offset++;
    const address = at(offset);
    taken.add(address);
    entry.next = (entry.next + offset + 1) % usable;
    return formatAddress(address);
  }

  /** Gives a pod's address back. */
  giveBack(node: string, text: string): void {
    const address = parseAddress(text);
    if (address !== undefined) this.#byNode.get(node)?.taken.delete(address);
  }

  #rangeOf(node: string): NodeRange {
    const known = this.#byNode.get(node);
    if (known !== undefined) return known;
    const index = this.#byNode.size;
    const most = Math.min(2 ** (this.#prefix - this.pods.prefix), sizeOf(this.nodes) - sizeOf(lastOf(this.nodes)) - 1);
    if (index >= most) throw new RangeError(`The range of pods ${formatRange(this.pods)} is enough for ${most} nodes`);
    const range = { first: this.pods.first + index * 2 ** (32 - this.#prefix), prefix: this.#prefix };
    const made: NodeRange = { index, range, taken: new Set(), next: 0 };
    this.#byNode.set(node, made);
    this.#byIndex.push(node);
    return made;
  }
}
