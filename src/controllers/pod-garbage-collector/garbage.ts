import type { PodCondition } from 'nekube/component-helpers';
import { conditionOf, type Node } from '../nodes/node.ts';
import { isPodFinished, type Pod, timeOf } from '../pods/pod.ts';

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
const GOING_ON = ['Pending', 'Running', 'Unknown'];

/** The pods that have ended beyond so many: first those that were evicted, then the oldest. 0 or less: as many as there are. */
export function tooManyTerminated(pods: readonly Pod[], threshold: number): readonly Pod[] {
  if (threshold <= 0) return [];
  const ended = pods.filter(({ status }) => !GOING_ON.includes(status?.phase ?? ''));
  return ended.sort(byEvictionAndAge).slice(0, Math.max(0, ended.length - threshold));
}

/** The pods on their way out on nodes that are not ready and that somebody said are out of service. */
export function onNodesOutOfService(pods: readonly Pod[], nodeOf: (name: string) => Node | undefined): readonly Pod[] {
  const stuck = pods.filter(({ metadata, spec }) => {
    if (!metadata.deletionTimestamp || !spec.nodeName) return false;
    const node = nodeOf(spec.nodeName);
    return node !== undefined && isOutOfService(node);
  });
  return stuck.sort(byEvictionAndAge);
}

/** The pods on their way out that no node ever had: no kubelet will let them go. */
export function unscheduledTerminating(pods: readonly Pod[]): readonly Pod[] {
  return pods.filter(({ metadata, spec }) => metadata.deletionTimestamp && !spec.nodeName);
}

/** The strategic patch of the status of a pod, so that whoever waits for it sees that it has ended; undefined: it has. */
export function failedStatus(
  { metadata: { generation }, status = {} }: Pod,
  condition: PodCondition | undefined,
): object | undefined {
  if (isPodFinished(status.phase)) return undefined;
  const observed = generation !== undefined && { observedGeneration: generation };
  if (condition === undefined) return { phase: 'Failed', ...observed };
  // it comes last, where it is new; without this it would come first
  const types = new Set([...(status.conditions ?? []), condition].map(({ type }) => type));
  const order = [...types].map((type) => ({ type }));
  return { phase: 'Failed', ...observed, '$setElementOrder/conditions': order, conditions: [condition] };
}

function isOutOfService(node: Node): boolean {
  const isReady = conditionOf(node, 'Ready')?.status === 'True';
  return !isReady && (node.spec.taints ?? []).some(({ key }) => key === OUT_OF_SERVICE);
}

function byEvictionAndAge(a: Pod, b: Pod): number {
  const [aEvicted, bEvicted] = [isEvicted(a), isEvicted(b)];
  if (aEvicted !== bEvicted) return aEvicted ? -1 : 1;
  const age = (timeOf(a.metadata.creationTimestamp) ?? 0) - (timeOf(b.metadata.creationTimestamp) ?? 0);
  return age !== 0 ? age : a.metadata.name! < b.metadata.name! ? -1 : 1;
}

function isEvicted({ status }: Pod): boolean {
  return status?.phase === 'Failed' && status.reason === 'Evicted';
}
