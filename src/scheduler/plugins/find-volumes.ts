import {
  classNameOf,
  findMatchingVolume,
  isOnNode,
  type PersistentVolume,
  type PersistentVolumeClaim,
  requestedOf,
} from 'nekube/component-helpers';
import type { Volumes } from '../cluster/volumes.ts';
import type { Node } from '../objects/node.ts';
import { SELECTED_NODE, type StorageClass } from '../objects/storage.ts';
import type { PodClaims } from './pod-claims.ts';

/** What has to be done for the claims of a pod on a node. */
export interface VolumePlan {
  readonly bindings: readonly { readonly volume: PersistentVolume; readonly claim: PersistentVolumeClaim }[];
  /** Those for which a volume is to be made. */
  readonly provisions: readonly PersistentVolumeClaim[];
}

/** Why the claims of a pod cannot be had on a node. */
export type VolumeConflict = 'affinity' | 'none' | 'missing';

const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** What has to be done for a pod's claims on a node, or why that is not possible. */
export function planVolumes(claims: PodClaims, node: Node, volumes: Volumes): VolumePlan | VolumeConflict {
  const conflict = conflictOfBound(claims.bound, node, volumes);
  if (conflict !== undefined) return conflict;
  const bindings: { volume: PersistentVolume; claim: PersistentVolumeClaim }[] = [];
  const provisions: PersistentVolumeClaim[] = [];
  const taken = new Set<string>();
  for (const claim of [...claims.delayed].sort((a, b) => requestedOf(a).cmp(requestedOf(b)))) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined && selected !== node.metadata.name) return 'none';
    const known = selected === undefined ? volumes.volumesOf(classNameOf(claim)) : [];
    const left = known.filter(({ metadata }) => !taken.has(metadata.name!));
    const volume = findMatchingVolume(claim, left, { node });
    if (volume === undefined) provisions.push(claim);
    else {
      taken.add(volume.metadata.name!);
      bindings.push({ volume, claim });
    }
  }
  const canAll = provisions.every((claim) => canProvision(volumes.storageClass(classNameOf(claim)), node));
  return canAll ? { bindings, provisions } : 'none';
}

function conflictOfBound(
  claims: readonly PersistentVolumeClaim[],
  node: Node,
  volumes: Volumes,
): VolumeConflict | undefined {
  for (const { spec } of claims) {
    const volume = volumes.volume(spec.volumeName!);
    if (volume === undefined) return 'missing';
    if (!isOnNode(volume, node)) return 'affinity';
  }
  return undefined;
}

function canProvision(storageClass: StorageClass | undefined, { metadata }: Node): boolean {
  const { provisioner = '', allowedTopologies = [] } = storageClass ?? {};
  if (provisioner === '' || provisioner === NO_PROVISIONER) return false;
  const isAllowed = ({ matchLabelExpressions = [] }: (typeof allowedTopologies)[number]): boolean =>
    matchLabelExpressions.every(({ key, values }) => values.includes(metadata.labels?.[key] ?? ''));
  return allowedTopologies.length === 0 || allowedTopologies.some(isAllowed);
}
