import type { KubeObject, LabelSelectorObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { NodeSelector, ResourceList } from './pod.ts';

/** A PersistentVolumeClaim, as far as the scheduler looks at it. */
export interface Claim extends KubeObject {
  spec: {
    readonly accessModes?: readonly string[];
    readonly selector?: LabelSelectorObject;
    readonly resources?: { readonly requests?: ResourceList };
    readonly storageClassName?: string;
    readonly volumeAttributesClassName?: string;
    readonly volumeMode?: string;
    readonly volumeName?: string;
  };
  status?: { readonly phase?: string };
}

/** A PersistentVolume, as far as the scheduler looks at it. */
export interface PersistentVolume extends KubeObject {
  spec: {
    readonly accessModes?: readonly string[];
    readonly capacity?: ResourceList;
    readonly claimRef?: { readonly namespace?: string; readonly name?: string; readonly uid?: string } | null;
    readonly nodeAffinity?: { readonly required?: NodeSelector };
    readonly storageClassName?: string;
    readonly volumeAttributesClassName?: string;
    readonly volumeMode?: string;
  };
  status?: { readonly phase?: string };
}

/** A StorageClass, as far as the scheduler looks at it. */
export interface StorageClass extends KubeObject {
  readonly provisioner?: string;
  readonly volumeBindingMode?: string;
  readonly allowedTopologies?: readonly {
    readonly matchLabelExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[];
  }[];
}

/** PersistentVolumeClaims. */
export const CLAIM: Kind<Claim> = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' };
/** PersistentVolumes. */
export const PERSISTENT_VOLUME: Kind<PersistentVolume> = { apiVersion: 'v1', kind: 'PersistentVolume' };
/** StorageClasses. */
export const STORAGE_CLASS: Kind<StorageClass> = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' };

/** The node for which a volume shall be made. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** Whoever bound a claim has done all that there is to it. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
/** Nobody said of a volume beforehand that it is for its claim. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** The name of the class that a claim or a volume is of; empty: none. */
export function classNameOf({ metadata, spec }: Claim | PersistentVolume): string {
  return metadata.annotations?.[BETA_CLASS] ?? spec.storageClassName ?? '';
}

/** Whether a claim has its volume, and all is done. */
export function isBound({ metadata, spec }: Claim): boolean {
  return Boolean(spec.volumeName) && metadata.annotations?.[BIND_COMPLETED] !== undefined;
}

/** Whether a volume is for a claim. */
export function isFor({ spec: { claimRef } }: PersistentVolume, { metadata }: Claim): boolean {
  if (!claimRef || claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}
