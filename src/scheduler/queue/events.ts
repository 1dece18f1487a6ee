import { type JsonValue, jsonEqual } from 'nekube/apimachinery';
import { requestsOf } from '../cluster/resources.ts';
import type { Node } from '../objects/node.ts';
import type { Pod } from '../objects/pod.ts';
import type { ClusterEvent, EventAction } from '../plugins/plugin.ts';

/** What of a node changed, as far as it may help a pod. */
export function nodeEvents(old: Node, node: Node): readonly ClusterEvent[] {
  const actions: EventAction[] = [];
  if (old.spec?.unschedulable && !node.spec?.unschedulable) actions.push('UpdateNodeTaint');
  if (!isSame(old.status?.allocatable, node.status?.allocatable)) actions.push('UpdateNodeAllocatable');
  if (!isSame(old.metadata.labels, node.metadata.labels)) actions.push('UpdateNodeLabel');
  if (!isSame(old.spec?.taints, node.spec?.taints)) actions.push('UpdateNodeTaint');
  if (!isSame(conditionsOf(old), conditionsOf(node))) actions.push('UpdateNodeCondition');
  if (!isSame(old.metadata.annotations, node.metadata.annotations)) actions.push('UpdateNodeAnnotation');
  return [...new Set(actions)].map((action) => ({ resource: 'Node', action, old, object: node }));
}

/** What of a pod changed, as far as it may help it or another. */
export function podEvents(old: Pod, pod: Pod): readonly ClusterEvent[] {
  const actions: EventAction[] = [];
  if (!isSame(old.metadata.labels, pod.metadata.labels)) actions.push('UpdatePodLabel');
  if (asksForLess(old, pod)) actions.push('UpdatePodScaleDown');
  const hasGates = ({ spec }: Pod): boolean => (spec.schedulingGates ?? []).length > 0;
  if (hasGates(old) && !hasGates(pod)) actions.push('UpdatePodSchedulingGatesEliminated');
  const tolerations = ({ spec }: Pod): number => (spec.tolerations ?? []).length;
  if (tolerations(old) !== tolerations(pod)) actions.push('UpdatePodToleration');
  if (actions.length === 0) actions.push('Update');
  const resource = pod.spec.nodeName ? 'AssignedPod' : 'UnscheduledPod';
  return actions.map((action) => ({ resource, action, old, object: pod }));
}

function asksForLess(old: Pod, pod: Pod): boolean {
  if (old.spec === pod.spec && old.status === pod.status) return false;
  const now = requestsOf(pod, { withStatus: true });
  return [...requestsOf(old, { withStatus: true })].some(([name, amount]) => amount > (now.get(name) ?? -1));
}

function conditionsOf({ status }: Node): Record<string, string> {
  return Object.fromEntries((status?.conditions ?? []).map(({ type, status: value }) => [type, value]));
}

function isSame(a: unknown, b: unknown): boolean {
  return jsonEqual(a as JsonValue | undefined, b as JsonValue | undefined);
}
