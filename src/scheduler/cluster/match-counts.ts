import type { PodInfo } from './pod-info.ts';
import type { NodeInfo } from './node-info.ts';

/** How many pods that match are on each node. */
export class MatchCount {
  readonly byNode = new Map<NodeInfo, number>();
  readonly #matches: (pod: PodInfo) => boolean;

  constructor(matches: (pod: PodInfo) => boolean) {
    this.#matches = matches;
  }

  /** Counts a pod that came, or takes away one that went. */
  change(node: NodeInfo, pod: PodInfo, sign: 1 | -1): void {
    if (!this.#matches(pod)) return;
    const count = (this.byNode.get(node) ?? 0) + sign;
    if (count === 0) this.byNode.delete(node);
    else this.byNode.set(node, count);
  }
}

/** So many questions are kept answered; the one that was asked longest ago is forgotten first. */
const MOST_KEPT = 256;

/**
 * Counts of pods that match, by what is asked. The first time all pods are looked at; from then on each count follows what
 * comes and goes, so that pods of one workload, which all ask the same, do not look at all pods each.
 */
export class MatchCounts {
  readonly #counts = new Map<string, MatchCount>();

  /** @param key the same for the same question */
  get(key: string, nodes: Iterable<NodeInfo>, matches: (pod: PodInfo) => boolean): MatchCount {
    let count = this.#counts.get(key);
    if (count === undefined) {
      count = new MatchCount(matches);
      for (const node of nodes) for (const pod of node.pods.values()) count.change(node, pod, 1);
    }
    this.#counts.delete(key);
    this.#counts.set(key, count);
    if (this.#counts.size > MOST_KEPT) this.#counts.delete(this.#counts.keys().next().value!);
    return count;
  }

  change(node: NodeInfo, pod: PodInfo, sign: 1 | -1): void {
    for (const count of this.#counts.values()) count.change(node, pod, sign);
  }

  /** When answers depend on something else that changed. */
  clear(): void {
    this.#counts.clear();
  }
}
