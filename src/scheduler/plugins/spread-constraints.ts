import { type KubeObject, LabelSelector, labelSelectorFromObject, type LabelSelectorObject } from 'nekube/apimachinery';
import { type NodeMatch, isTolerated, keepsAway, requiredNodes } from 'nekube/component-helpers';
import { controllerOf } from 'nekube/controller';
import type { MatchCount } from '../cluster/match-counts.ts';
import type { Node } from '../objects/node.ts';
import type { Pod, TopologySpreadConstraint } from '../objects/pod.ts';
import type { World } from './plugin.ts';

/** How pods shall be spread, read once for a pod. */
export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly selector: LabelSelector;
  readonly minDomains: number;
  readonly honorsTaints: boolean;
  /** Whether a node is one to spread over. */
  readonly includes: NodeMatch;
}

/** The label of a node that is its own. */
export const HOSTNAME = 'kubernetes.io/hostname';

/** What holds for pods that say nothing, if they are of a service or a workload. */
const DEFAULT_CONSTRAINTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

/** Whether pods say themselves how they are spread. */
export function saysSpread({ spec }: Pod): boolean {
  return (spec.topologySpreadConstraints ?? []).length > 0;
}

/** The constraints of a pod that must hold. */
export function hardConstraints(pod: Pod): readonly SpreadConstraint[] {
  return readConstraints(pod, pod.spec.topologySpreadConstraints ?? [], 'DoNotSchedule');
}

/** The constraints of a pod that would be nice; where it says none, those that hold for all. */
export function softConstraints(pod: Pod, world: World): readonly SpreadConstraint[] {
  if (saysSpread(pod)) return readConstraints(pod, pod.spec.topologySpreadConstraints!, 'ScheduleAnyway');
  const selector = defaultSelector(pod, world);
  if (selector.isEmpty) return [];
  return readConstraints(pod, DEFAULT_CONSTRAINTS, 'ScheduleAnyway').map((one) => ({ ...one, selector }));
}

/** Whether a node has the labels of all constraints. */
export function hasAllKeys(
  labels: Readonly<Record<string, string>>,
  constraints: readonly SpreadConstraint[],
): boolean {
  return constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined);
}

/** How many pods of the constraint are on each node, those on their way out left out. Nobody is counted by all of them. */
export function countOf({ selector }: SpreadConstraint, { metadata }: Pod, { cluster }: World): MatchCount {
  const { namespace } = metadata;
  const key = JSON.stringify(['spread', namespace, selector.matchesNothing, selector.toString()]);
  return cluster.counts.get(key, cluster.all, ({ pod: { metadata: other } }) => {
    if (other.namespace !== namespace || other.deletionTimestamp || selector.isEmpty) return false;
    return selector.matches(other.labels);
  });
}

function readConstraints(
  pod: Pod,
  constraints: readonly TopologySpreadConstraint[],
  action: string,
): readonly SpreadConstraint[] {
  const isRequired = requiredNodes(pod.spec);
  return constraints
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((one) => ({
      maxSkew: one.maxSkew,
      topologyKey: one.topologyKey,
      selector: selectorOf(pod, one),
      minDomains: one.minDomains ?? 1,
      honorsTaints: one.nodeTaintsPolicy === 'Honor',
      includes: (node) =>
        (one.nodeAffinityPolicy === 'Ignore' || isRequired(node)) &&
        (one.nodeTaintsPolicy !== 'Honor' || !isKeptAway(pod, node)),
    }));
}

function isKeptAway({ spec: { tolerations } }: Pod, { spec }: Node): boolean {
  return (spec?.taints ?? []).some((taint) => keepsAway(taint) && !isTolerated(taint, tolerations));
}

function selectorOf(
  { metadata }: Pod,
  { labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint,
): LabelSelector {
  const selector = labelSelectorFromObject(labelSelector);
  const labels = matchLabelKeys.flatMap((key) => {
    const value = metadata.labels?.[key];
    return value === undefined ? [] : [{ key, operator: 'in' as const, values: [value] }];
  });
  return labels.length === 0 || selector.matchesNothing
    ? selector
    : LabelSelector.of([...labels, ...selector.requirements]);
}

interface Selecting extends KubeObject {
  spec?: { selector?: object };
}

const OWNERS: readonly string[] = ['v1/ReplicationController', 'apps/v1/ReplicaSet', 'apps/v1/StatefulSet'];

/** Of the services that the pod belongs to, and of the workload that has it. */
function defaultSelector(pod: Pod, world: World): LabelSelector {
  const { namespace = '', labels } = pod.metadata;
  const exact = new Map<string, string>();
  for (const { spec } of world.objects<Selecting>('Service', namespace)) {
    const selector = Object.entries((spec?.selector ?? {}) as Record<string, string>);
    const matches = selector.length > 0 && selector.every(([key, value]) => labels?.[key] === value);
    if (matches) for (const [key, value] of selector) exact.set(key, value);
  }
  const owner = controllerOf(pod);
  const requirements = () => [...exact].map(([key, value]) => ({ key, operator: '=' as const, values: [value] }));
  if (owner === undefined || !OWNERS.includes(`${owner.apiVersion}/${owner.kind}`)) {
    return LabelSelector.of(requirements());
  }
  const selector = world.object<Selecting>(owner.kind, namespace, owner.name)?.spec?.selector;
  if (selector === undefined) return LabelSelector.of(requirements());
  if (owner.kind !== 'ReplicationController') {
    const own = labelSelectorFromObject(selector as LabelSelectorObject);
    return LabelSelector.of([...requirements(), ...own.requirements]);
  }
  for (const [key, value] of Object.entries(selector as Record<string, string>)) exact.set(key, value);
  return LabelSelector.of(requirements());
}
