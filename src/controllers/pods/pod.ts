import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { PodCondition } from 'nekube/component-helpers';

/** A container's state, as far as controllers look at it. */
export interface ContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: {
    readonly terminated?: { readonly exitCode?: number; readonly finishedAt?: string | null };
  };
}

/** A pod, as far as controllers look at it. */
export interface Pod extends KubeObject {
  spec: {
    nodeName?: string;
    initContainers?: readonly { readonly name: string; readonly restartPolicy?: string }[];
  };
  status?: {
    phase?: string;
    reason?: string;
    conditions?: readonly PodCondition[];
    containerStatuses?: readonly ContainerStatus[];
    initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** The template of the pods of a workload. */
export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string>; finalizers?: string[] };
  spec?: object;
}

/** Pods. */
export const POD: Kind<Pod> = { apiVersion: 'v1', kind: 'Pod' };

/** Neither finished nor on its way out. */
export function isPodActive({ metadata, status }: Pod): boolean {
  return !isPodFinished(status?.phase) && metadata.deletionTimestamp === undefined;
}

/** On its way out, and not finished before. */
export function isPodTerminating({ metadata, status }: Pod): boolean {
  return !isPodFinished(status?.phase) && metadata.deletionTimestamp !== undefined;
}

/** Whether its condition `Ready` is true. */
export function isPodReady({ status }: Pod): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

/** Since when it is ready, in milliseconds; undefined: it is not, or nobody says. */
export function readySince({ status }: Pod): number | undefined {
  const ready = status?.conditions?.find(({ type, status: value }) => type === 'Ready' && value === 'True');
  return timeOf(ready?.lastTransitionTime);
}

/** Whether it has been ready for so long. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  if (!isPodReady(pod)) return false;
  if (minReadySeconds === 0) return true;
  const since = readySince(pod);
  return since !== undefined && since + minReadySeconds * 1000 <= now;
}

/** In how many milliseconds the next pod that is ready becomes available; undefined: all are, or none is ready. */
export function nextAvailabilityMs(pods: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  if (minReadySeconds <= 0) return undefined;
  const waits = pods.flatMap((pod) => {
    const since = readySince(pod);
    const wait = since === undefined ? 0 : since + minReadySeconds * 1000 - now;
    return wait > 0 ? [wait] : [];
  });
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** A time of the API in milliseconds. */
export function timeOf(text: string | null | undefined): number | undefined {
  return text === null || text === undefined ? undefined : Date.parse(text);
}

/** Whether a pod in this phase has ended. */
export function isPodFinished(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}
