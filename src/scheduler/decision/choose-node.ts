import type { NodeInfo } from '../cluster/node-info.ts';
import type { PodInfo } from '../cluster/pod-info.ts';
import type { Rejection, ScorePlugin, World } from '../plugins/plugin.ts';
import type { PodFilters } from './pod-filters.ts';

/** Which nodes a pod fits on, and why not on others. */
export interface Findings {
  readonly feasible: readonly NodeInfo[];
  readonly rejections: Map<string, Rejection>;
}

/** With fewer nodes than this all are looked at. */
const FEW = 100;
const LEAST_PERCENT = 5;

/** How many nodes that fit are enough to choose from, of so many that there are. */
export function enoughOf(all: number, percentage = 0): number {
  if (all < FEW) return all;
  const percent = percentage === 0 ? Math.max(50 - Math.trunc(all / 125), LEAST_PERCENT) : percentage;
  return Math.max(Math.trunc((all * percent) / 100), FEW);
}

/** Looks at nodes from one on until enough fit. */
export function findFeasible(
  filters: PodFilters,
  nodes: readonly NodeInfo[],
  { start = 0, percentage }: { readonly start?: number; readonly percentage?: number } = {},
): Findings {
  const enough = enoughOf(nodes.length, percentage);
  const feasible: NodeInfo[] = [];
  const rejections = new Map<string, Rejection>();
  for (let index = 0; index < nodes.length && feasible.length < enough; index++) {
    const node = nodes[(start + index) % nodes.length]!;
    const rejection = filters.check(node);
    if (rejection === undefined) feasible.push(node);
    else rejections.set(node.name, rejection);
  }
  return { feasible, rejections };
}

/** What each score says of each node, from 0 to 100 and not weighted, and their weighted sums. */
export interface Scores {
  readonly byPlugin: ReadonlyMap<string, readonly number[]>;
  readonly totals: readonly number[];
}

/** Scores the nodes that a pod fits on. */
export function scoreNodes(
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  { plugins, world }: { readonly plugins: readonly ScorePlugin[]; readonly world: World },
): Scores {
  const totals = nodes.map(() => 0);
  const byPlugin = new Map<string, readonly number[]>();
  for (const { name, weight, prepare } of plugins) {
    const prepared = prepare(pod, nodes, world);
    if (prepared === undefined) continue;
    const scores = nodes.map((node) => prepared.score(node));
    prepared.normalize?.(scores, nodes);
    byPlugin.set(name, scores);
    for (const [index, score] of scores.entries()) totals[index]! += weight * score;
  }
  return { byPlugin, totals };
}

/** One of the nodes with the highest total; which of several is left to chance. */
export function pickBest(nodes: readonly NodeInfo[], totals: readonly number[], random: () => number): NodeInfo {
  let best = nodes[0]!;
  let highest = -Infinity;
  let ties = 0;
  for (const [index, node] of nodes.entries()) {
    const total = totals[index]!;
    if (total < highest) continue;
    ties = total > highest ? 1 : ties + 1;
    highest = total;
    if (ties === 1 || random() * ties < 1) best = node;
  }
  return best;
}
