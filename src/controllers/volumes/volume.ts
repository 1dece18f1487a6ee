import { type KubeObject, type LabelSelectorObject, parseQuantity, Quantity } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';

/** Whom a volume is for, or what something is about. */
export interface ClaimReference {
  kind?: string;
  apiVersion?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  resourceVersion?: string;
}

/** A PersistentVolume. */
export interface Volume extends KubeObject {
  spec: {
    capacity?: Record<string, string>;
    accessModes?: string[];
    claimRef?: ClaimReference | null;
    storageClassName?: string;
    volumeAttributesClassName?: string;
    volumeMode?: string;
    persistentVolumeReclaimPolicy?: string;
    hostPath?: { path: string; type?: string };
    csi?: object;
    nodeAffinity?: object;
    mountOptions?: string[];
  };
  status?: { phase?: string; message?: string };
}

/** A PersistentVolumeClaim. */
export interface Claim extends KubeObject {
  spec: {
    accessModes?: string[];
    selector?: LabelSelectorObject;
    resources?: { requests?: Record<string, string> };
    storageClassName?: string;
    volumeAttributesClassName?: string;
    volumeMode?: string;
    volumeName?: string;
  };
  status?: {
    phase?: string;
    accessModes?: string[];
    capacity?: Record<string, string>;
    currentVolumeAttributesClassName?: string;
  };
}

/** A StorageClass. */
export interface StorageClass extends KubeObject {
  provisioner: string;
  reclaimPolicy?: string;
  volumeBindingMode?: string;
  parameters?: Record<string, string>;
  mountOptions?: string[];
}

/** PersistentVolumes. */
export const VOLUME: Kind<Volume> = { apiVersion: 'v1', kind: 'PersistentVolume' };
/** PersistentVolumeClaims. */
export const CLAIM: Kind<Claim> = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' };
/** StorageClasses. */
export const STORAGE_CLASS: Kind<StorageClass> = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' };

/** The annotations by which binders, provisioners and the scheduler know of each other. */
export const ANNOTATIONS = {
  bindCompleted: 'pv.kubernetes.io/bind-completed',
  boundByController: 'pv.kubernetes.io/bound-by-controller',
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
  migratedTo: 'pv.kubernetes.io/migrated-to',
  selectedNode: 'volume.kubernetes.io/selected-node',
  provisioner: 'volume.kubernetes.io/storage-provisioner',
  betaProvisioner: 'volume.beta.kubernetes.io/storage-provisioner',
  betaClass: 'volume.beta.kubernetes.io/storage-class',
} as const;

const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** The value of an annotation. */
export function annotationOf({ metadata }: KubeObject, name: string): string | undefined {
  return metadata.annotations?.[name];
}

/** The name of the class that a claim or a volume is of; empty: none. */
export function classNameOf(object: Volume | Claim): string {
  return annotationOf(object, ANNOTATIONS.betaClass) ?? object.spec.storageClassName ?? '';
}

/** Whether a claim says which class it wants, or that it wants none. */
export function hasClass(claim: Claim): boolean {
  return annotationOf(claim, ANNOTATIONS.betaClass) !== undefined || claim.spec.storageClassName !== undefined;
}

/** How much a claim asks for. */
export function requestedOf({ spec }: Claim): Quantity {
  return parseQuantity(spec.resources?.requests?.storage ?? '0');
}

/** How large a volume is. */
export function capacityOf({ spec }: Volume): Quantity {
  return parseQuantity(spec.capacity?.storage ?? '0');
}

/** Whether a volume is for a claim, by its name, and by its uid where it says one. */
export function isVolumeFor({ spec }: Volume, { metadata }: Claim): boolean {
  const { claimRef } = spec;
  if (!claimRef) return false;
  if (claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}

/** Whether one is a file system and the other a device. */
export function differInMode(volume: Volume, claim: Claim): boolean {
  return (volume.spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem');
}

/** The class of claims that name none: the newest of those that are marked. */
export function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  const marked = classes.filter(({ metadata }) =>
    DEFAULT_CLASS.some((name) => metadata.annotations?.[name] === 'true'),
  );
  const order = ({ metadata }: StorageClass): number => Date.parse(metadata.creationTimestamp ?? '');
  return marked.sort((a, b) => order(b) - order(a) || (a.metadata.name! < b.metadata.name! ? -1 : 1))[0];
}
