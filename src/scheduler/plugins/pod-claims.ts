import { type PersistentVolumeClaim, classNameOf } from 'nekube/component-helpers';
import { isControlledBy } from 'nekube/controller';
import type { Volumes } from '../cluster/volumes.ts';
import type { Pod } from '../objects/pod.ts';
import { isBound } from '../objects/storage.ts';

/** A volume of a pod that is a claim. */
export interface ClaimVolume {
  readonly name: string;
  /** It is made for the pod, by a template. */
  readonly isEphemeral: boolean;
}

/** The claims of a pod, by what there is to do. */
export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  /** Those that wait for the node to be chosen. */
  readonly delayed: readonly PersistentVolumeClaim[];
  /** Those that somebody else must bind before. */
  readonly unbound: readonly PersistentVolumeClaim[];
}

/** The claims that a pod names, or that are made for it. */
export function claimVolumesOf({ metadata, spec }: Pod): readonly ClaimVolume[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }): ClaimVolume[] => {
    if (persistentVolumeClaim !== undefined) return [{ name: persistentVolumeClaim.claimName, isEphemeral: false }];
    return ephemeral === undefined ? [] : [{ name: `${metadata.name}-${name}`, isEphemeral: true }];
  });
}

/** What stands in the way of using a pod's claims at all; undefined: nothing. */
export function obstacleOf(pod: Pod, volumes: Volumes): string | undefined {
  const { namespace = '', name: podName } = pod.metadata;
  for (const { name, isEphemeral } of claimVolumesOf(pod)) {
    const claim = volumes.claim(namespace, name);
    if (claim === undefined) {
      return isEphemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
        : `persistentvolumeclaim "${name}" not found`;
    }
    if (claim.status?.phase === 'Lost') {
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName}"`;
    }
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
    if (isEphemeral && !isControlledBy(claim, pod)) {
      return `PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`;
    }
  }
  return undefined;
}

/** The claims of a pod that has no obstacle. */
export function podClaimsOf(pod: Pod, volumes: Volumes): PodClaims {
  const { namespace = '' } = pod.metadata;
  const claims = claimVolumesOf(pod).map(({ name }) => volumes.claim(namespace, name)!);
  const isDelayed = (claim: PersistentVolumeClaim): boolean =>
    !claim.spec.volumeName && volumes.storageClass(classNameOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer';
  const open = claims.filter((claim) => !isBound(claim));
  return {
    bound: claims.filter(isBound),
    delayed: open.filter(isDelayed),
    unbound: open.filter((claim) => !isDelayed(claim)),
  };
}
