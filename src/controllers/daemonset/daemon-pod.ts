import {
  type NodeDemands,
  type NodeSelectorTerm,
  isTolerated,
  type Toleration,
  requiredNodes,
} from 'nekube/component-helpers';
import type { Node } from '../nodes/node.ts';
import type { Pod } from '../pods/pod.ts';
import { REVISION_LABEL } from '../workload/controller-revision.ts';
import { type DaemonSet, type DaemonTemplate, templateGeneration } from './daemon-set.ts';

const GENERATION_LABEL = 'pod-template-generation';
const NAME_FIELD = 'metadata.name';

/** Daemons stay and start on nodes that are not well, or closed to others. */
const TOLERATED: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const TOLERATED_BY_HOST_NETWORK: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** Whether a node shall have a pod, and whether one that it has may stay. */
export interface NodeVerdict {
  readonly shouldRun: boolean;
  readonly mayStay: boolean;
}

/** Says what a node is to a set, by the demands of its template and the taints of the node. */
export function verdictOf({ spec: { template } }: DaemonSet, node: Node): NodeVerdict {
  const { spec = {} } = template;
  const isElsewhere = Boolean(spec.nodeName) && spec.nodeName !== node.metadata.name;
  if (isElsewhere || !requiredNodes(spec)(node)) return { shouldRun: false, mayStay: false };
  const tolerations = tolerationsOf(template);
  const isTainted = (...effects: readonly string[]): boolean =>
    (node.spec?.taints ?? []).some((taint) => effects.includes(taint.effect) && !isTolerated(taint, tolerations));
  return { shouldRun: !isTainted('NoExecute', 'NoSchedule'), mayStay: !isTainted('NoExecute') };
}

/** The template of the pod of a node. */
export function templateFor(set: DaemonSet, nodeName: string, hash: string): DaemonTemplate {
  const { template } = set.spec;
  const generation = templateGeneration(set);
  const labels = {
    ...template.metadata?.labels,
    ...(generation !== undefined && { [GENERATION_LABEL]: generation }),
    [REVISION_LABEL]: hash,
  };
  const required = { nodeSelectorTerms: [{ matchFields: [{ key: NAME_FIELD, operator: 'In', values: [nodeName] }] }] };
  const { affinity } = template.spec ?? {};
  const nodeAffinity = { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required };
  const spec = { ...template.spec, affinity: { ...affinity, nodeAffinity }, tolerations: tolerationsOf(template) };
  return { ...template, metadata: { ...template.metadata, labels }, spec };
}

/** The node that a pod is on, or is meant for. */
export function nodeOf(pod: Pod): string | undefined {
  if (pod.spec.nodeName) return pod.spec.nodeName;
  const { affinity } = pod.spec as NodeDemands;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const named = terms.flatMap(({ matchFields = [] }: NodeSelectorTerm) => matchFields);
  const field = named.find(({ key, operator }) => key === NAME_FIELD && operator === 'In');
  return field?.values?.length === 1 ? field.values[0] : undefined;
}

/** Whether a pod is of the template that the set has. */
export function isUpdated(set: DaemonSet, { metadata }: Pod, hash: string): boolean {
  const generation = templateGeneration(set);
  const hasGeneration = generation !== undefined && metadata.labels?.[GENERATION_LABEL] === generation;
  return hasGeneration || metadata.labels?.[REVISION_LABEL] === hash;
}

/** A pod that is on its node before one that is not, and the older before the younger. */
export function comparePods(a: Pod, b: Pod): number {
  const assigned = Number(Boolean(b.spec.nodeName)) - Number(Boolean(a.spec.nodeName));
  return (
    assigned ||
    compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
    compare(a.metadata.name, b.metadata.name)
  );
}

function compare(a: string | null | undefined, b: string | null | undefined): number {
  const [one, other] = [a ?? '', b ?? ''];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Those of the template, and those of all daemons in place of the same ones. */
function tolerationsOf({ spec = {} }: DaemonTemplate): readonly Toleration[] {
  const added = spec.hostNetwork ? [...TOLERATED, TOLERATED_BY_HOST_NETWORK] : TOLERATED;
  return added.reduce<readonly Toleration[]>((all, toleration) => {
    const isSame = (one: Toleration): boolean =>
      one.key === toleration.key && one.effect === toleration.effect && one.operator === 'Exists' && !one.value;
    return all.some(isSame) ? all.map((one) => (isSame(one) ? toleration : one)) : [...all, toleration];
  }, spec.tolerations ?? []);
}
