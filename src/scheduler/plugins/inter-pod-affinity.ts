import { type AffinityTerm, matchesTerm, requiredTerms } from '../cluster/affinity-term.ts';
import type { MatchCount } from '../cluster/match-counts.ts';
import type { NodeInfo } from '../cluster/node-info.ts';
import { type PodInfo, podInfoOf } from '../cluster/pod-info.ts';
import type { Node } from '../objects/node.ts';
import type { Pod } from '../objects/pod.ts';
import {
  type ClusterEvent,
  type FilterPlugin,
  isAbout,
  type PreparedFilter,
  type Rejection,
  type World,
} from './plugin.ts';

const NAME = 'InterPodAffinity';
const reject = (reason: string, isResolvable: boolean): Rejection => ({
  plugin: NAME,
  reasons: [reason],
  isResolvable,
});
const NOT_NEAR = reject("node(s) didn't match pod affinity rules", false);
const TOO_NEAR = reject("node(s) didn't match pod anti-affinity rules", true);
const NOT_WANTED = reject("node(s) didn't satisfy existing pods anti-affinity rules", true);

/** Pods want to be near others, or not. */
export const interPodAffinityFilter: FilterPlugin = {
  name: NAME,
  prepare(pod, world) {
    const filter = new AffinityFilter(pod, world);
    return filter.isNeeded ? filter : undefined;
  },
  isHelped(pod, event, world) {
    return event.resource === 'Node' ? isHelpedByNode(pod, event) : isHelpedByPod(pod, event, world);
  },
};

/** How often a value of a topology's label is met. */
class Pairs {
  readonly #counts = new Map<string, number>();

  get size(): number {
    return this.#counts.size;
  }

  of(key: string, value: string): number {
    return this.#counts.get(`${key}\n${value}`) ?? 0;
  }

  add({ labels }: NodeInfo, key: string, count: number): void {
    const value = labels[key];
    if (value === undefined) return;
    const pair = `${key}\n${value}`;
    const sum = (this.#counts.get(pair) ?? 0) + count;
    if (sum === 0) this.#counts.delete(pair);
    else this.#counts.set(pair, sum);
  }
}

class AffinityFilter implements PreparedFilter {
  readonly #pod: PodInfo;
  readonly #world: World;
  /** Where those are that do not want this pod. */
  readonly #refusing = new Pairs();
  /** Where those are that all terms of its affinity are about. */
  readonly #near = new Pairs();
  /** Where those are that it does not want. */
  readonly #avoided = new Pairs();

  constructor(pod: PodInfo, world: World) {
    this.#pod = pod;
    this.#world = world;
    for (const { term, byNode } of world.cluster.terms.refused.values()) {
      if (!matchesTerm(term, pod.pod, world.labelsOf)) continue;
      for (const [node, count] of byNode) this.#refusing.add(node, term.topologyKey, count);
    }
    if (pod.affinity.length > 0) {
      const { byNode } = countAll(pod.affinity, world);
      for (const [node, count] of byNode) {
        for (const { topologyKey } of pod.affinity) this.#near.add(node, topologyKey, count);
      }
    }
    for (const term of pod.antiAffinity) {
      for (const [node, count] of countAll([term], world).byNode) this.#avoided.add(node, term.topologyKey, count);
    }
  }

  get isNeeded(): boolean {
    const { affinity, antiAffinity } = this.#pod;
    return this.#refusing.size > 0 || affinity.length > 0 || antiAffinity.length > 0;
  }

  filter({ labels }: NodeInfo): Rejection | undefined {
    if (!this.#isNear(labels)) return NOT_NEAR;
    const isTooNear = this.#pod.antiAffinity.some(({ topologyKey: key }) => {
      const value = labels[key];
      return value !== undefined && this.#avoided.of(key, value) > 0;
    });
    if (isTooNear) return TOO_NEAR;
    const isRefused =
      this.#refusing.size > 0 && Object.entries(labels).some(([key, value]) => this.#refusing.of(key, value) > 0);
    return isRefused ? NOT_WANTED : undefined;
  }

  change(node: NodeInfo, pod: PodInfo, sign: 1 | -1): void {
    const { labelsOf } = this.#world;
    for (const term of pod.antiAffinity) {
      if (matchesTerm(term, this.#pod.pod, labelsOf)) this.#refusing.add(node, term.topologyKey, sign);
    }
    const { affinity, antiAffinity } = this.#pod;
    if (matchesAll(affinity, pod.pod, this.#world)) {
      for (const { topologyKey } of affinity) this.#near.add(node, topologyKey, sign);
    }
    for (const term of antiAffinity) {
      if (matchesTerm(term, pod.pod, labelsOf)) this.#avoided.add(node, term.topologyKey, sign);
    }
  }

  /** The first pod of a group that wants to be together is near itself. */
  #isNear(labels: Readonly<Record<string, string>>): boolean {
    const { affinity, pod } = this.#pod;
    if (affinity.some(({ topologyKey }) => labels[topologyKey] === undefined)) return false;
    if (affinity.every(({ topologyKey: key }) => this.#near.of(key, labels[key]!) > 0)) return true;
    return this.#near.size === 0 && matchesAll(affinity, pod, this.#world);
  }
}

/** How many pods all of the terms are about, on each node. */
export function countAll(terms: readonly AffinityTerm[], world: World): MatchCount {
  const key = JSON.stringify(['terms', ...terms.map((term) => term.key)]);
  return world.cluster.counts.get(key, world.cluster.all, ({ pod }) => matchesAll(terms, pod, world));
}

function matchesAll(terms: readonly AffinityTerm[], pod: Pod, { labelsOf }: World): boolean {
  return terms.length > 0 && terms.every((term) => matchesTerm(term, pod, labelsOf));
}

function isHelpedByPod(pod: Pod, event: ClusterEvent, world: World): boolean {
  if (!['Add', 'Delete', 'UpdatePodLabel'].includes(event.action)) return false;
  const [old, now] = [event.old as Pod | undefined, event.object as Pod | undefined];
  if (old !== undefined && now !== undefined && isAbout(pod, event)) return true;
  const isPlaced = ({ spec, status }: Pod): boolean => Boolean(spec.nodeName) || Boolean(status?.nominatedNodeName);
  if ([old, now].some((one) => one !== undefined && !isPlaced(one))) return false;
  const { affinity, antiAffinity } = podInfoOf(pod);
  const isNear = (one: Pod): boolean => matchesAll(affinity, one, world);
  const isAvoided = (one: Pod): boolean => matchesAll(antiAffinity, one, world);
  if (old === undefined) return now !== undefined && isNear(now);
  if (now !== undefined) return (!isNear(old) && isNear(now)) || (isAvoided(old) && !isAvoided(now));
  return isAvoided(old) || matchesAll(requiredTerms(old, old.spec.affinity?.podAntiAffinity), pod, world);
}

function isHelpedByNode(pod: Pod, { action, old, object }: ClusterEvent): boolean {
  if (action !== 'Add' && action !== 'UpdateNodeLabel') return false;
  const { affinity, antiAffinity } = podInfoOf(pod);
  const now = (object as Node).metadata.labels ?? {};
  if (old === undefined) {
    return antiAffinity.length > 0 || affinity.some(({ topologyKey }) => now[topologyKey] !== undefined);
  }
  const before = old.metadata.labels ?? {};
  const hasChanged = (key: string): boolean => before[key] !== now[key];
  return (
    affinity.some(({ topologyKey: key }) => now[key] !== undefined && hasChanged(key)) ||
    antiAffinity.some(({ topologyKey: key }) => before[key] !== undefined && hasChanged(key))
  );
}
