import { type Pod, priorityOf } from '../objects/pod.ts';
import { type AffinityTerm, preferredTerms, requiredTerms, type WeightedTerm } from './affinity-term.ts';
import { type HostPort, hostPortsOf } from './host-ports.ts';
import { type Amounts, isScheduled, nonZeroRequestsOf, requestsOf } from './resources.ts';

/** A version of a pod, with all that is asked of it again and again. */
export interface PodInfo {
  readonly pod: Pod;
  readonly uid: string;
  readonly priority: number;
  /** What it takes from the node that it is on. */
  readonly requests: Amounts;
  /** The same, with defaults for what it does not ask for. */
  readonly nonZero: Amounts;
  readonly hostPorts: readonly HostPort[];
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly WeightedTerm[];
  readonly preferredAntiAffinity: readonly WeightedTerm[];
  /** `namespace/name` of the claims that it uses by name. */
  readonly claims: readonly string[];
}

const infos = new WeakMap<Pod, PodInfo>();

/** What is known of a version of a pod; the same each time. */
export function podInfoOf(pod: Pod): PodInfo {
  let info = infos.get(pod);
  if (info === undefined) {
    info = newInfo(pod);
    infos.set(pod, info);
  }
  return info;
}

function newInfo(pod: Pod): PodInfo {
  const requests = requestsOf(pod, { withStatus: true });
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const { namespace = '' } = pod.metadata;
  const scheduled = new Map([...requests].filter(([name]) => isScheduled(name)));
  return {
    pod,
    uid: pod.metadata.uid ?? '',
    priority: priorityOf(pod),
    requests: scheduled,
    nonZero: nonZeroRequestsOf(pod, requests),
    hostPorts: hostPortsOf(pod),
    affinity: requiredTerms(pod, podAffinity),
    antiAffinity: requiredTerms(pod, podAntiAffinity),
    preferredAffinity: preferredTerms(pod, podAffinity),
    preferredAntiAffinity: preferredTerms(pod, podAntiAffinity),
    claims: (pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
      claim === undefined ? [] : [`${namespace}/${claim.claimName}`],
    ),
  };
}
