import type { AffinityTerm } from './affinity-term.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** A term that pods have who are there, and how much it counts on which node. */
export interface StandingTerm {
  readonly term: AffinityTerm;
  /** The sum of weights of the pods that have it. */
  readonly byNode: Map<NodeInfo, number>;
}

/** What a required term of affinity counts for in scores, of those that are there. */
const HARD_AFFINITY_WEIGHT = 1;

/** The terms of pods that are there, each once, however many pods have it. */
export class PodTerms {
  /** Required terms of anti-affinity: who must not come near. */
  readonly refused = new Map<string, StandingTerm>();
  /** What is preferred, as a weight that may be below zero; required affinity counts a little, too. */
  readonly preferred = new Map<string, StandingTerm>();

  change(node: NodeInfo, pod: PodInfo, sign: 1 | -1): void {
    for (const term of pod.antiAffinity) count(this.refused, node, term, sign);
    for (const term of pod.affinity) count(this.preferred, node, term, sign * HARD_AFFINITY_WEIGHT);
    for (const { term, weight } of pod.preferredAffinity) count(this.preferred, node, term, sign * weight);
    for (const { term, weight } of pod.preferredAntiAffinity) count(this.preferred, node, term, -sign * weight);
  }
}

function count(terms: Map<string, StandingTerm>, node: NodeInfo, term: AffinityTerm, weight: number): void {
  let standing = terms.get(term.key);
  if (standing === undefined) {
    standing = { term, byNode: new Map() };
    terms.set(term.key, standing);
  }
  const sum = (standing.byNode.get(node) ?? 0) + weight;
  if (sum !== 0) standing.byNode.set(node, sum);
  else standing.byNode.delete(node);
  if (standing.byNode.size === 0) terms.delete(term.key);
}
