import { zoneOf } from 'nekube/component-helpers';
import { type Node } from '../objects/node.ts';
import { isTerminated, type Pod } from '../objects/pod.ts';
import { imagesOf } from './images.ts';
import { MatchCounts } from './match-counts.ts';
import { NodeInfo } from './node-info.ts';
import { type PodInfo, podInfoOf } from './pod-info.ts';
import { PodTerms } from './pod-terms.ts';

/** A pod that is taken for one that is on its node, though the server has not said so yet. */
interface Placed {
  readonly node: NodeInfo;
  isAssumed: boolean;
}

/**
 * The nodes, and the pods on them, as the scheduler takes them to be: what informers have seen, and what it decided itself.
 *
 * All is kept in step by each change, so that a decision reads sums and counts and never goes through all pods.
 */
export class Cluster {
  readonly counts = new MatchCounts();
  readonly terms = new PodTerms();
  /** How many nodes have an image, and how large it is, by its names. */
  readonly images = new Map<string, { nodes: number; readonly sizes: Map<string, number> }>();
  readonly #infos = new Map<string, NodeInfo>();
  readonly #placed = new Map<string, Placed>();
  #order: readonly NodeInfo[] | undefined;

  /** The nodes that are there, those of different zones by turns. */
  get nodes(): readonly NodeInfo[] {
    this.#order ??= byTurns([...this.#infos.values()].filter(({ node }) => node !== undefined));
    return this.#order;
  }

  /** Also those that are gone while pods are still on them. */
  get all(): Iterable<NodeInfo> {
    return this.#infos.values();
  }

  node(name: string): NodeInfo | undefined {
    const info = this.#infos.get(name);
    return info?.node === undefined ? undefined : info;
  }

  setNode(node: Node): void {
    const info = this.#info(node.metadata.name!);
    const before = info.node;
    if (before !== undefined) this.#countImages(before, -1);
    if (before === undefined || zoneOf(before) !== zoneOf(node)) this.#order = undefined;
    info.setNode(node);
    this.#countImages(node, 1);
  }

  removeNode(name: string): void {
    const info = this.#infos.get(name);
    if (info?.node === undefined) return;
    this.#countImages(info.node, -1);
    info.setNode(undefined);
    this.#order = undefined;
    this.#forgetIfEmpty(info);
  }

  /** Puts a version of a pod on its node, in place of the version before; one that has ended takes nothing. */
  setPod(pod: Pod): void {
    const { nodeName } = pod.spec;
    const { uid = '' } = pod.metadata;
    this.#take(uid);
    if (!nodeName || isTerminated(pod)) return;
    this.#put(podInfoOf(pod), nodeName, false);
  }

  removePod(uid: string): void {
    this.#take(uid);
  }

  /** Takes a pod for one that is on a node. */
  assume(pod: PodInfo, nodeName: string): void {
    this.#put(pod, nodeName, true);
  }

  isAssumed(uid: string): boolean {
    return this.#placed.get(uid)?.isAssumed ?? false;
  }

  /** Takes back what was assumed; what the server said in the meantime stays. */
  forget(uid: string): void {
    if (this.isAssumed(uid)) this.#take(uid);
  }

  #put(pod: PodInfo, nodeName: string, isAssumed: boolean): void {
    const node = this.#info(nodeName);
    this.#placed.set(pod.uid, { node, isAssumed });
    node.add(pod);
    this.counts.change(node, pod, 1);
    this.terms.change(node, pod, 1);
  }

  #take(uid: string): void {
    const placed = this.#placed.get(uid);
    if (placed === undefined) return;
    this.#placed.delete(uid);
    const { node } = placed;
    const pod = node.remove(uid)!;
    this.counts.change(node, pod, -1);
    this.terms.change(node, pod, -1);
    this.#forgetIfEmpty(node);
  }

  #info(name: string): NodeInfo {
    let info = this.#infos.get(name);
    if (info === undefined) {
      info = new NodeInfo(name);
      this.#infos.set(name, info);
    }
    return info;
  }

  #forgetIfEmpty(info: NodeInfo): void {
    if (info.node === undefined && info.pods.size === 0) this.#infos.delete(info.name);
  }

  #countImages(node: Node, sign: 1 | -1): void {
    for (const [name, size] of imagesOf(node)) {
      const image = this.images.get(name) ?? { nodes: 0, sizes: new Map<string, number>() };
      image.nodes += sign;
      if (sign > 0) image.sizes.set(node.metadata.name!, size);
      else image.sizes.delete(node.metadata.name!);
      if (image.nodes > 0) this.images.set(name, image);
      else this.images.delete(name);
    }
  }
}

function byTurns(nodes: readonly NodeInfo[]): readonly NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>();
  for (const info of nodes) {
    const zone = zoneOf(info.node!);
    const members = zones.get(zone);
    if (members === undefined) zones.set(zone, [info]);
    else members.push(info);
  }
  const order: NodeInfo[] = [];
  for (let turn = 0; order.length < nodes.length; turn++) {
    for (const members of zones.values()) if (turn < members.length) order.push(members[turn]!);
  }
  return order;
}
