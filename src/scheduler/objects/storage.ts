import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { PersistentVolume, PersistentVolumeClaim } from 'nekube/component-helpers';

/** A StorageClass, as far as the scheduler looks at it. */
export interface StorageClass extends KubeObject {
  readonly provisioner?: string;
  readonly volumeBindingMode?: string;
  readonly allowedTopologies?: readonly {
    readonly matchLabelExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[];
  }[];
}

/** PersistentVolumeClaims. */
export const CLAIM: Kind<PersistentVolumeClaim> = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' };
/** PersistentVolumes. */
export const PERSISTENT_VOLUME: Kind<PersistentVolume> = { apiVersion: 'v1', kind: 'PersistentVolume' };
/** StorageClasses. */
export const STORAGE_CLASS: Kind<StorageClass> = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' };

/** The node for which a volume shall be made. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** Whoever bound a claim has done all that there is to it. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';

/** Whether a claim has its volume, and all is done. */
export function isBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return Boolean(spec.volumeName) && metadata.annotations?.[BIND_COMPLETED] !== undefined;
}
