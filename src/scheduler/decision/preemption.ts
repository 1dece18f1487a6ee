import type { KubeObject, LabelSelectorObject } from 'nekube/apimachinery';
import type { Cluster } from '../cluster/cluster.ts';
import type { NodeInfo } from '../cluster/node-info.ts';
import type { PodInfo } from '../cluster/pod-info.ts';
import type { Pod } from '../objects/pod.ts';
import type { Rejection } from '../plugins/plugin.ts';
import { fitMessage } from './fit-message.ts';
import type { PodFilters } from './pod-filters.ts';
import { pickCandidate, selectVictims } from './victims.ts';

/** A PodDisruptionBudget. */
export interface Budget extends KubeObject {
  spec?: { readonly selector?: LabelSelectorObject };
  status?: { readonly disruptionsAllowed?: number; readonly disruptedPods?: Readonly<Record<string, unknown>> };
}

/** The pods that would have to go from a node, the most important first. */
export interface Candidate {
  readonly node: string;
  readonly victims: readonly PodInfo[];
  /** How many of them a budget protects. */
  readonly violations: number;
}

/** What came of it. */
export interface PreemptionResult {
  readonly candidate?: Candidate;
  /** Why there is none. */
  readonly message?: string;
  readonly nominated?: string;
}

/** What is decided by. */
export interface PreemptionParts {
  readonly cluster: Cluster;
  readonly budgets: readonly Budget[];
  readonly random: () => number;
  /** In milliseconds since 1970. */
  readonly now: number;
}

const NOT_HELPFUL = 'Preemption is not helpful for scheduling';
/** So many nodes that would do are enough. */
const LEAST_CANDIDATES = 100;
const CANDIDATES_PERCENT = 10;

/** Which pods of lower priority shall go, so that a pod that fits nowhere does. */
export function preempt(
  filters: PodFilters,
  rejections: ReadonlyMap<string, Rejection>,
  parts: PreemptionParts,
): PreemptionResult {
  const { cluster } = parts;
  const refusal = whyNot(filters.pod, rejections, cluster);
  if (refusal !== undefined) return { message: refusal };
  const nodes = cluster.nodes.filter(({ name }) => rejections.get(name)?.isResolvable);
  const { candidates, failed } = dryRun(filters, nodes, parts);
  if (candidates.length === 0) {
    const message = fitMessage({ nodes: cluster.nodes.length, rejections: failed, others: [NOT_HELPFUL] });
    return { message, nominated: '' };
  }
  const candidate = pickCandidate(candidates, parts.now);
  return { candidate, nominated: candidate.node };
}

/** Why the pod must not preempt others. */
function whyNot(pod: PodInfo, rejections: ReadonlyMap<string, Rejection>, cluster: Cluster): string | undefined {
  const { spec, status } = pod.pod;
  if (spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = status?.nominatedNodeName;
  if (!nominated || rejections.get(nominated)?.isResolvable === false) return undefined;
  const others = [...(cluster.node(nominated)?.pods.values() ?? [])];
  const isWaiting = others.some((other) => other.priority < pod.priority && isBeingPreempted(other.pod));
  return isWaiting ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

function isBeingPreempted({ metadata, status }: Pod): boolean {
  if (!metadata.deletionTimestamp) return false;
  const condition = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler';
}

/** Finds who would have to go on each node, until enough nodes would do. */
function dryRun(
  filters: PodFilters,
  nodes: readonly NodeInfo[],
  { budgets, random, now }: PreemptionParts,
): { readonly candidates: readonly Candidate[]; readonly failed: ReadonlyMap<string, Rejection> } {
  const enough = Math.max(Math.trunc((nodes.length * CANDIDATES_PERCENT) / 100), LEAST_CANDIDATES);
  const offset = Math.floor(random() * nodes.length);
  const failed = new Map<string, Rejection>();
  const candidates: Candidate[] = [];
  const violating: Candidate[] = [];
  for (let index = 0; index < nodes.length; index++) {
    if (candidates.length > 0 && candidates.length + violating.length >= enough) break;
    const node = nodes[(offset + index) % nodes.length]!;
    const found = selectVictims(filters, node, { budgets, now });
    if (!('victims' in found)) failed.set(node.name, found);
    else if (found.violations === 0) candidates.push(found);
    else violating.push(found);
  }
  return { candidates: [...candidates, ...violating], failed };
}
