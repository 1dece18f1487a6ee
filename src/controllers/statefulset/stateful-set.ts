import type { KubeObject, LabelSelectorObject, ObjectMeta } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { Pod, PodTemplate } from '../pods/pod.ts';

/** A claim on storage. */
export interface Claim extends KubeObject {
  spec?: object;
}

/** What a StatefulSet says of its pods. */
export interface StatefulSetStatus {
  observedGeneration?: number;
  replicas: number;
  readyReplicas?: number;
  currentReplicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
  currentRevision?: string;
  updateRevision?: string;
  collisionCount?: number;
}

/** A StatefulSet. */
export interface StatefulSet extends KubeObject {
  spec: {
    replicas?: number;
    serviceName?: string;
    minReadySeconds?: number;
    ordinals?: { start?: number };
    podManagementPolicy?: string;
    persistentVolumeClaimRetentionPolicy?: { whenDeleted?: string; whenScaled?: string };
    revisionHistoryLimit?: number;
    selector: LabelSelectorObject;
    template: PodTemplate;
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } };
    volumeClaimTemplates?: readonly { metadata: ObjectMeta; spec?: object }[];
  };
  status?: StatefulSetStatus;
}

/** StatefulSets. */
export const STATEFUL_SET: Kind<StatefulSet> = { apiVersion: 'apps/v1', kind: 'StatefulSet' };
/** Claims on storage. */
export const CLAIM: Kind<Claim> = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' };

const MOST_ORDINAL = 2 ** 31 - 1;

/** How many pods it shall have. */
export function replicasOf({ spec }: StatefulSet): number {
  return spec.replicas ?? 1;
}

/** The number of its first pod. */
export function startOf({ spec }: StatefulSet): number {
  return spec.ordinals?.start ?? 0;
}

/** The set's name and the number that a pod's name is made of; the number is -1 if there is none. */
export function identityOf(pod: Pod): { readonly parent: string; readonly ordinal: number } {
  const [, parent = '', digits] = /^(.*)-(\d+)$/s.exec(pod.metadata.name ?? '') ?? [];
  const ordinal = digits === undefined || Number(digits) > MOST_ORDINAL ? -1 : Number(digits);
  return { parent, ordinal };
}

/** Whether a pod is one of those that there shall be. */
export function isInRange(set: StatefulSet, pod: Pod): boolean {
  const { ordinal } = identityOf(pod);
  return ordinal >= startOf(set) && ordinal < startOf(set) + replicasOf(set);
}

/** The name of the claim that a pod has for a template. */
export function claimName(set: StatefulSet, template: { readonly metadata: ObjectMeta }, ordinal: number): string {
  return `${template.metadata.name}-${set.metadata.name}-${ordinal}`;
}
