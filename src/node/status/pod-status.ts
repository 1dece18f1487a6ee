import { formatTime } from 'nekube/apimachinery';
import type { Pod } from '../pod/pod.ts';
import type { PodStatus } from '../pod/pod-status.ts';
import type { PodRecord } from '../pod/record.ts';
import { conditionsOf } from './conditions.ts';
import { containerStatuses } from './container-statuses.ts';
import { phaseOf } from './phase.ts';
import { qosClassOf } from './qos.ts';

/** What a status is made of, beside the pod and what is known of it. */
export interface StatusInput {
  readonly hostIPs: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Nothing of the pod will be started again. */
  readonly isOver: boolean;
  /** Why it failed as a whole, whatever its containers did: its deadline. */
  readonly failure?: { readonly reason: string; readonly message: string };
}

/** What a node says of a pod, as the kubelet does. A phase that is final stays. */
export function podStatus(pod: Pod, record: PodRecord, { hostIPs, now, isOver, failure }: StatusInput): PodStatus {
  const lists = containerStatuses(pod, record);
  const statuses = [...(lists.initContainerStatuses ?? []), ...lists.containerStatuses];
  const before = pod.status ?? {};
  const isFinal = before.phase === 'Succeeded' || before.phase === 'Failed';
  const computed = failure === undefined ? phaseOf(pod, { statuses, isOver }) : 'Failed';
  const phase = isFinal ? before.phase! : computed;
  const why = failure ?? (phase === before.phase ? { reason: before.reason, message: before.message } : {});
  const ips = pod.spec.hostNetwork && record.ips.length === 0 ? hostIPs : record.ips;
  const time = formatTime(new Date(now));
  return {
    ...(pod.metadata.generation !== undefined && { observedGeneration: Number(pod.metadata.generation) }),
    phase,
    conditions: conditionsOf(pod, { phase, statuses, hasSandbox: record.hasSandbox, now: time }),
    ...(why.message && { message: why.message }),
    ...(why.reason && { reason: why.reason }),
    ...addresses('hostIP', hostIPs),
    ...addresses('podIP', ips),
    startTime: before.startTime ?? time,
    ...lists,
    qosClass: qosClassOf(pod),
  };
}

function addresses(name: 'hostIP' | 'podIP', ips: readonly string[]): object {
  if (ips.length === 0) return {};
  return { [name]: ips[0], [`${name}s`]: ips.map((ip) => ({ ip })) };
}
