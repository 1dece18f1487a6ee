import type { MatchCount } from '../cluster/match-counts.ts';
import type { NodeInfo } from '../cluster/node-info.ts';
import type { Pod } from '../objects/pod.ts';
import { MAX_SCORE, type PreparedScore, type ScorePlugin, type World } from './plugin.ts';
import {
  countOf,
  hasAllKeys,
  HOSTNAME,
  saysSpread,
  softConstraints,
  type SpreadConstraint,
} from './spread-constraints.ts';

/** The fewer pods of a sort a part of the topology has, the better. */
export const spreadScore: ScorePlugin = {
  name: 'PodTopologySpread',
  weight: 2,
  prepare({ pod }, nodes, world) {
    const constraints = softConstraints(pod, world);
    return constraints.length === 0 ? undefined : new SpreadScore(pod, constraints, { nodes, world });
  },
};

/** A constraint and what is known of it. */
interface Counted {
  readonly constraint: SpreadConstraint;
  readonly count: MatchCount;
  /** By the values of its label; empty for one that is of each node. */
  readonly parts: Map<string, number>;
  /** The more parts there are, the more each pod counts. */
  readonly weight: number;
}

class SpreadScore implements PreparedScore {
  readonly #counted: readonly Counted[];
  readonly #ignored: ReadonlySet<NodeInfo>;

  constructor(
    pod: Pod,
    constraints: readonly SpreadConstraint[],
    { nodes, world }: { readonly nodes: readonly NodeInfo[]; readonly world: World },
  ) {
    const needsAll = saysSpread(pod);
    const isLeftOut = ({ labels }: NodeInfo): boolean => needsAll && !hasAllKeys(labels, constraints);
    this.#ignored = new Set(needsAll ? nodes.filter(isLeftOut) : []);
    const scored = this.#ignored.size === 0 ? nodes : nodes.filter((node) => !this.#ignored.has(node));
    this.#counted = constraints.map((constraint) => {
      const { topologyKey } = constraint;
      const isOfNode = topologyKey === HOSTNAME;
      const values = isOfNode ? [] : scored.map(({ labels }): [string, number] => [labels[topologyKey] ?? '', 0]);
      const parts = new Map(values);
      const weight = Math.log((isOfNode ? scored.length : parts.size) + 2);
      return { constraint, count: countOf(constraint, pod, world), parts, weight };
    });
    for (const one of this.#counted) if (one.parts.size > 0) countParts(one, isLeftOut);
  }

  score(node: NodeInfo): number {
    if (this.#ignored.has(node)) return 0;
    let score = 0;
    for (const { constraint, count, parts, weight } of this.#counted) {
      const { topologyKey, maxSkew } = constraint;
      const value = node.labels[topologyKey];
      if (value === undefined) continue;
      const pods = topologyKey === HOSTNAME ? (count.byNode.get(node) ?? 0) : parts.get(value)!;
      score += pods * weight + (maxSkew - 1);
    }
    return Math.round(score);
  }

  normalize(scores: number[], nodes: readonly NodeInfo[]): void {
    const counting = scores.filter((_, index) => !this.#ignored.has(nodes[index]!));
    const highest = Math.max(0, ...counting);
    const lowest = Math.min(...counting);
    for (const [index, score] of scores.entries()) {
      if (this.#ignored.has(nodes[index]!)) scores[index] = 0;
      else if (highest === 0) scores[index] = MAX_SCORE;
      else scores[index] = Math.trunc((MAX_SCORE * (highest + lowest - score)) / highest);
    }
  }
}

/** Adds up what is on nodes. Those that have none of the pods, which are most, need not be looked at. */
function countParts({ constraint, count, parts }: Counted, isLeftOut: (info: NodeInfo) => boolean): void {
  for (const [info, pods] of count.byNode) {
    const sum = parts.get(info.labels[constraint.topologyKey] ?? '');
    if (sum === undefined || info.node === undefined || isLeftOut(info) || !constraint.includes(info.node)) continue;
    parts.set(info.labels[constraint.topologyKey] ?? '', sum + pods);
  }
}
