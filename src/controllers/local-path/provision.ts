import { basename, dirname, join, resolve } from 'node:path';
import { classNameOf } from 'nekube/component-helpers';
import {
  ANNOTATIONS,
  annotationOf,
  CLAIM,
  type Claim,
  type StorageClass,
  type Volume,
  VOLUME,
} from '../volumes/volume.ts';

/** The provisioner, as StorageClasses name it. */
export const PROVISIONER = 'nekube.dev/local-path';
/** Keeps a volume until its folder is gone. */
export const FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer';

const HOST_NAME = 'kubernetes.io/hostname';

/** Whether a volume is to be made for a claim: this provisioner was asked for, and the scheduler has chosen where it has to. */
export function isWaiting(claim: Claim, found: StorageClass | undefined): found is StorageClass {
  if (found?.provisioner !== PROVISIONER || claim.spec.volumeName || claim.metadata.deletionTimestamp) return false;
  if (annotationOf(claim, ANNOTATIONS.provisioner) !== PROVISIONER) return false;
  return found.volumeBindingMode !== 'WaitForFirstConsumer' || Boolean(annotationOf(claim, ANNOTATIONS.selectedNode));
}

/** Why no folder can be what a claim asks for; undefined: it can. */
export function whyImpossible({ spec }: Claim): string | undefined {
  return spec.volumeMode === 'Block' ? `${PROVISIONER} only supports the volumeMode Filesystem` : undefined;
}

/**
 * The volume for a claim: a folder of its own.
 *
 * @param root where the folders are
 * @param hostName of the node that the scheduler chose; undefined: any, since all nodes of a process see the same files
 */
export function volumeFor(
  claim: Claim,
  { root, hostName, reclaimPolicy = 'Delete' }: { root: string; hostName: string | undefined; reclaimPolicy?: string },
): Volume {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const volumeName = `pvc-${uid}`;
  const values = hostName === undefined ? [] : [hostName];
  const required = { nodeSelectorTerms: [{ matchExpressions: [{ key: HOST_NAME, operator: 'In', values }] }] };
  return {
    ...VOLUME,
    metadata: {
      name: volumeName,
      annotations: { [ANNOTATIONS.provisionedBy]: PROVISIONER },
      ...(reclaimPolicy === 'Delete' && { finalizers: [FINALIZER] }),
    },
    spec: {
      accessModes: claim.spec.accessModes,
      capacity: { storage: claim.spec.resources?.requests?.storage ?? '0' },
      claimRef: { ...CLAIM, namespace, name, uid, resourceVersion },
      hostPath: { path: join(resolve(root), `${volumeName}_${namespace}_${name}`), type: 'DirectoryOrCreate' },
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: classNameOf(claim),
      volumeMode: 'Filesystem',
      ...(hostName !== undefined && { nodeAffinity: { required } }),
    },
  };
}

/** Whether a volume was made here and is of use to nobody any more. */
export function isToBeDeleted(volume: Volume): boolean {
  if (annotationOf(volume, ANNOTATIONS.provisionedBy) !== PROVISIONER) return false;
  if (volume.spec.persistentVolumeReclaimPolicy !== 'Delete') return false;
  const phase = volume.status?.phase;
  return (
    phase === 'Released' || phase === 'Failed' || (phase !== 'Bound' && volume.metadata.deletionTimestamp !== undefined)
  );
}

/** The folder of a volume. @throws Error for one that is not right below the root, or another volume's: it is none of ours */
export function folderOf({ metadata, spec }: Volume, root: string): string {
  const path = spec.hostPath?.path ?? '';
  const isOwn = basename(resolve(path)).startsWith(`${metadata.name}_`);
  if (isOwn && dirname(resolve(path)) === resolve(root)) return resolve(path);
  const whose = `volume ${JSON.stringify(metadata.name)}`;
  throw new Error(`Cannot use ${path} as the folder of ${whose}: it must be ${join(root, `${metadata.name}_…`)}`);
}
