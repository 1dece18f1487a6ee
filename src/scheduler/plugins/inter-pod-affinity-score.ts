import { matchesTerm } from '../cluster/affinity-term.ts';
import type { NodeInfo } from '../cluster/node-info.ts';
import { countAll } from './inter-pod-affinity.ts';
import { MAX_SCORE, type ScorePlugin } from './plugin.ts';

/** The more a node is near to what the pod, or what is there, would like to be near to, the better. */
export const interPodAffinityScore: ScorePlugin = {
  name: 'InterPodAffinity',
  weight: 2,
  prepare(pod, _nodes, world) {
    const scores = new TopologyScores();
    for (const { term, byNode } of world.cluster.terms.preferred.values()) {
      if (!matchesTerm(term, pod.pod, world.labelsOf)) continue;
      for (const [node, weight] of byNode) scores.add(node, term.topologyKey, weight);
    }
    const own = [
      ...pod.preferredAffinity,
      ...pod.preferredAntiAffinity.map(({ term, weight }) => ({ term, weight: -weight })),
    ];
    for (const { term, weight } of own) {
      for (const [node, count] of countAll([term], world).byNode) scores.add(node, term.topologyKey, count * weight);
    }
    return scores.isEmpty ? undefined : { score: (node) => scores.of(node), normalize };
  },
};

/** Scores by the values of labels. */
class TopologyScores {
  readonly #byKey = new Map<string, Map<string, number>>();

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  add({ labels }: NodeInfo, key: string, score: number): void {
    const value = labels[key];
    if (value === undefined) return;
    let byValue = this.#byKey.get(key);
    if (byValue === undefined) {
      byValue = new Map();
      this.#byKey.set(key, byValue);
    }
    byValue.set(value, (byValue.get(value) ?? 0) + score);
  }

  of({ labels }: NodeInfo): number {
    let sum = 0;
    for (const [key, byValue] of this.#byKey) {
      const value = labels[key];
      if (value !== undefined) sum += byValue.get(value) ?? 0;
    }
    return sum;
  }
}

/** From the lowest, which may be below zero, to the highest. */
function normalize(scores: number[]): void {
  const lowest = Math.min(...scores);
  const range = Math.max(...scores) - lowest;
  for (const [index, score] of scores.entries()) {
    scores[index] = range > 0 ? Math.trunc(MAX_SCORE * ((score - lowest) / range)) : 0;
  }
}
