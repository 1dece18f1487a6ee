import { labelSelectorFromObject } from 'nekube/apimachinery';
import type { NodeInfo } from '../cluster/node-info.ts';
import type { PodInfo } from '../cluster/pod-info.ts';
import type { Pod } from '../objects/pod.ts';
import type { Rejection } from '../plugins/plugin.ts';
import type { PodFilters } from './pod-filters.ts';
import type { Budget, Candidate } from './preemption.ts';

const NOBODY: Rejection = {
  plugin: '',
  reasons: ['No preemption victims found for incoming pod'],
  isResolvable: false,
};

/**
 * The fewest pods that must go from a node so that a pod fits: first all of lower priority do, and then those stay, the
 * most important and those that a budget protects first, with whom it still fits.
 */
export function selectVictims(
  filters: PodFilters,
  node: NodeInfo,
  { budgets, now }: { readonly budgets: readonly Budget[]; readonly now: number },
): Candidate | Rejection {
  const copy = node.copy();
  const lower = [...copy.pods.values()].filter(({ priority }) => priority < filters.pod.priority);
  if (lower.length === 0) return NOBODY;
  for (const pod of lower) filters.remove(copy, pod);
  const rejection = filters.check(copy);
  if (rejection !== undefined) {
    for (const pod of lower) filters.add(copy, pod);
    return rejection;
  }
  lower.sort((a, b) => compareImportance(a, b, now));
  const { violating, others } = byBudgets(lower, budgets);
  const mustGo = (pod: PodInfo): boolean => {
    filters.add(copy, pod);
    if (filters.check(copy) === undefined) return false;
    filters.remove(copy, pod);
    return true;
  };
  const violated = violating.filter(mustGo);
  const victims = [...violated, ...others.filter(mustGo)];
  victims.sort((a, b) => compareImportance(a, b, now));
  for (const pod of victims) filters.add(copy, pod);
  return { node: node.name, victims, violations: violated.length };
}

/** The more important first: by priority, then who has been there for longer. */
function compareImportance(a: PodInfo, b: PodInfo, now: number): number {
  return b.priority - a.priority || startOf(a.pod, now) - startOf(b.pod, now);
}

/** One that has not begun begins now. */
function startOf({ status }: Pod, now: number): number {
  return status?.startTime === undefined ? now : Date.parse(status.startTime);
}

/** Those whose going a budget does not allow, beside those that go before them. */
function byBudgets(
  pods: readonly PodInfo[],
  budgets: readonly Budget[],
): { readonly violating: readonly PodInfo[]; readonly others: readonly PodInfo[] } {
  const left = budgets.map(({ metadata, spec, status }) => ({
    namespace: metadata.namespace,
    selector: labelSelectorFromObject(spec?.selector),
    gone: status?.disruptedPods ?? {},
    allowed: status?.disruptionsAllowed ?? 0,
  }));
  const violates = ({ pod: { metadata } }: PodInfo): boolean => {
    let isViolating = false;
    if (Object.keys(metadata.labels ?? {}).length === 0) return false;
    for (const budget of left) {
      if (budget.namespace !== metadata.namespace || budget.selector.isEmpty) continue;
      if (!budget.selector.matches(metadata.labels) || metadata.name! in budget.gone) continue;
      budget.allowed--;
      if (budget.allowed < 0) isViolating = true;
    }
    return isViolating;
  };
  const marked = pods.map((pod) => ({ pod, isViolating: violates(pod) }));
  const of = (wanted: boolean): readonly PodInfo[] =>
    marked.filter(({ isViolating }) => isViolating === wanted).map(({ pod }) => pod);
  return { violating: of(true), others: of(false) };
}

/** What a candidate costs, the most important first: the less, the better. */
const COSTS: readonly ((candidate: Candidate, now: number) => number)[] = [
  ({ violations }) => violations,
  ({ victims }) => victims[0]!.priority,
  ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + 2 ** 31, 0),
  ({ victims }) => victims.length,
  ({ victims }, now) => -earliestStart(victims, now),
];

/** The candidate that costs least; the first of several. */
export function pickCandidate(candidates: readonly Candidate[], now: number): Candidate {
  let left = candidates;
  for (const cost of COSTS) {
    const costs = left.map((candidate) => cost(candidate, now));
    const least = Math.min(...costs);
    left = left.filter((_, index) => costs[index] === least);
    if (left.length === 1) break;
  }
  return left[0]!;
}

/** When the first of the most important victims began. */
function earliestStart(victims: readonly PodInfo[], now: number): number {
  const highest = Math.max(...victims.map(({ priority }) => priority));
  const starts = victims.filter(({ priority }) => priority === highest).map(({ pod }) => startOf(pod, now));
  return Math.min(...starts);
}
