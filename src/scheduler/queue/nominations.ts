import type { PodInfo } from '../cluster/pod-info.ts';

/** What most nodes have, and what is asked of each for each pod. */
const NONE: readonly PodInfo[] = [];

/** For which pods room is made or kept on which node. */
export class Nominations {
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  readonly #nodes = new Map<string, string>();

  on(node: string): readonly PodInfo[] {
    const pods = this.#byNode.get(node);
    return pods === undefined ? NONE : [...pods.values()];
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodes.get(uid);
  }

  set(pod: PodInfo, node: string): void {
    this.delete(pod.uid);
    this.#nodes.set(pod.uid, node);
    const pods = this.#byNode.get(node) ?? new Map<string, PodInfo>();
    this.#byNode.set(node, pods);
    pods.set(pod.uid, pod);
  }

  delete(uid: string): void {
    const node = this.#nodes.get(uid);
    if (node === undefined) return;
    this.#nodes.delete(uid);
    const pods = this.#byNode.get(node)!;
    pods.delete(uid);
    if (pods.size === 0) this.#byNode.delete(node);
  }
}
