import { formatTime } from 'nekube/apimachinery';
import type { Client, Clock, ObjectKey, ObjectStore } from 'nekube/client';
import type { PodCondition } from 'nekube/component-helpers';
import type { ReconcileResult } from 'nekube/controller';
import { isPodFinished, POD, type Pod, timeOf } from '../pods/pod.ts';

const TARGET = 'DisruptionTarget';
const TIMEOUT_MS = 120_000;

/**
 * In how many milliseconds nobody believes any more that a pod is about to be disrupted, as it says itself and as nobody
 * has begun; undefined: it says no such thing, or it is up to its kubelet.
 */
export function staleAfterMs({ metadata, status }: Pod, now: number): number | undefined {
  if (metadata.deletionTimestamp || isPodFinished(status?.phase)) return undefined;
  const target = status?.conditions?.find(({ type }) => type === TARGET);
  if (target?.status !== 'True' || target.reason === 'TerminationByKubelet') return undefined;
  return Math.max(0, (timeOf(target.lastTransitionTime) ?? 0) + TIMEOUT_MS - now);
}

/** Takes back of a pod that it is about to be disrupted, when its time has come. */
export async function takeBackTarget(
  { client, clock, pods }: { readonly client: Client; readonly clock: Clock; readonly pods: ObjectStore<Pod> },
  key: ObjectKey,
): Promise<ReconcileResult | undefined> {
  const pod = pods.get(key);
  const now = clock.now();
  const afterMs = pod && staleAfterMs(pod, now);
  if (pod === undefined || afterMs === undefined) return undefined;
  if (afterMs > 0) return { requeueAfterMs: afterMs };
  const conditions = (pod.status?.conditions ?? []).map((one) => (one.type === TARGET ? notTarget(pod, now) : one));
  await client.update<Pod>({ ...POD, ...pod, status: { ...pod.status, conditions } }, { subresource: 'status' });
  return undefined;
}

function notTarget({ metadata: { generation } }: Pod, now: number): PodCondition {
  const observed = generation !== undefined && { observedGeneration: generation };
  return { type: TARGET, ...observed, status: 'False', lastTransitionTime: formatTime(new Date(now)) };
}
