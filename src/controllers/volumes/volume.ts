import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import { BOUND_BY_CONTROLLER, type PersistentVolume, type PersistentVolumeClaim } from 'nekube/component-helpers';

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
export interface Volume extends PersistentVolume {
  spec: PersistentVolume['spec'] & {
    readonly claimRef?: ClaimReference | null;
    readonly persistentVolumeReclaimPolicy?: string;
    readonly hostPath?: { path: string; type?: string };
    readonly csi?: object;
    readonly mountOptions?: readonly string[];
  };
  status?: { phase?: string; message?: string };
}

/** A PersistentVolumeClaim. */
export interface Claim extends PersistentVolumeClaim {
  status?: {
    phase?: string;
    accessModes?: readonly string[];
    capacity?: Readonly<Record<string, string>>;
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
  boundByController: BOUND_BY_CONTROLLER,
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

/** Whether a claim says which class it wants, or that it wants none. */
export function hasClass(claim: Claim): boolean {
  return annotationOf(claim, ANNOTATIONS.betaClass) !== undefined || claim.spec.storageClassName !== undefined;
}

/** The class of claims that name none: the newest of those that are marked. */
export function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  const marked = classes.filter(({ metadata }) =>
    DEFAULT_CLASS.some((name) => metadata.annotations?.[name] === 'true'),
  );
  const order = ({ metadata }: StorageClass): number => Date.parse(metadata.creationTimestamp ?? '');
  return marked.sort((a, b) => order(b) - order(a) || (a.metadata.name! < b.metadata.name! ? -1 : 1))[0];
}
