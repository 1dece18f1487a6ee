import { labelSelectorFromObject } from 'nekube/apimachinery';
import { matchAny } from '../cluster/node-selector.ts';
import { amountOf } from '../cluster/resources.ts';
import type { Volumes } from '../cluster/volumes.ts';
import type { Node } from '../objects/node.ts';
import {
  type Claim,
  classNameOf,
  isFor,
  type PersistentVolume,
  SELECTED_NODE,
  type StorageClass,
} from '../objects/storage.ts';
import type { PodClaims } from './pod-claims.ts';

/** What has to be done for the claims of a pod on a node. */
export interface VolumePlan {
  readonly bindings: readonly { readonly volume: PersistentVolume; readonly claim: Claim }[];
  /** Those for which a volume is to be made. */
  readonly provisions: readonly Claim[];
}

/** Why the claims of a pod cannot be had on a node. */
export type VolumeConflict = 'affinity' | 'none' | 'missing';

const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** What has to be done for a pod's claims on a node, or why that is not possible. */
export function planVolumes(claims: PodClaims, node: Node, volumes: Volumes): VolumePlan | VolumeConflict {
  const conflict = conflictOfBound(claims.bound, node, volumes);
  if (conflict !== undefined) return conflict;
  const bindings: { volume: PersistentVolume; claim: Claim }[] = [];
  const provisions: Claim[] = [];
  const taken = new Set<string>();
  for (const claim of [...claims.delayed].sort((a, b) => sizeOf(a) - sizeOf(b))) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined && selected !== node.metadata.name) return 'none';
    const known = selected === undefined ? volumes.volumesOf(classNameOf(claim)) : [];
    const volume = findVolume(
      claim,
      known.filter(({ metadata }) => !taken.has(metadata.name!)),
      node,
    );
    if (volume === undefined) provisions.push(claim);
    else {
      taken.add(volume.metadata.name!);
      bindings.push({ volume, claim });
    }
  }
  const canAll = provisions.every((claim) => canProvision(volumes.storageClass(classNameOf(claim)), node));
  return canAll ? { bindings, provisions } : 'none';
}

/** The smallest volume that does for a claim on a node; one that is for the claim already comes first. */
export function findVolume(
  claim: Claim,
  volumes: readonly PersistentVolume[],
  node: Node,
): PersistentVolume | undefined {
  const fitting = volumes.filter((volume) => fits(volume, claim));
  const own = fitting.find((volume) => isFor(volume, claim));
  if (own !== undefined) return isOnNode(own, node) ? own : undefined;
  const selector = claim.spec.selector === undefined ? undefined : labelSelectorFromObject(claim.spec.selector);
  const modes = claim.spec.accessModes ?? [];
  const free = fitting.filter(
    (volume) =>
      volume.status?.phase === 'Available' &&
      (selector === undefined || selector.matches(volume.metadata.labels)) &&
      modes.every((mode) => volume.spec.accessModes?.includes(mode)) &&
      isOnNode(volume, node),
  );
  return free.reduce<PersistentVolume | undefined>(
    (least, volume) => (least === undefined || capacityOf(volume) < capacityOf(least) ? volume : least),
    undefined,
  );
}

/** Whether a volume may be used on a node. */
export function isOnNode({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec.nodeAffinity?.required;
  return required === undefined || matchAny(required.nodeSelectorTerms)(node);
}

function conflictOfBound(claims: readonly Claim[], node: Node, volumes: Volumes): VolumeConflict | undefined {
  for (const { spec } of claims) {
    const volume = volumes.volume(spec.volumeName!);
    if (volume === undefined) return 'missing';
    if (!isOnNode(volume, node)) return 'affinity';
  }
  return undefined;
}

/** Whether it is large enough, of the same sort, and nobody else's. */
function fits(volume: PersistentVolume, claim: Claim): boolean {
  const { spec, metadata } = volume;
  if (spec.claimRef && !isFor(volume, claim)) return false;
  if (capacityOf(volume) < sizeOf(claim) || metadata.deletionTimestamp) return false;
  const mode = ({ spec: { volumeMode = 'Filesystem' } }: Claim | PersistentVolume): string => volumeMode;
  const attributes = ({ spec: one }: Claim | PersistentVolume): string => one.volumeAttributesClassName ?? '';
  return mode(volume) === mode(claim) && attributes(volume) === attributes(claim);
}

function canProvision(storageClass: StorageClass | undefined, { metadata }: Node): boolean {
  const { provisioner = '', allowedTopologies = [] } = storageClass ?? {};
  if (provisioner === '' || provisioner === NO_PROVISIONER) return false;
  const isAllowed = ({ matchLabelExpressions = [] }: (typeof allowedTopologies)[number]): boolean =>
    matchLabelExpressions.every(({ key, values }) => values.includes(metadata.labels?.[key] ?? ''));
  return allowedTopologies.length === 0 || allowedTopologies.some(isAllowed);
}

function sizeOf({ spec }: Claim): number {
  return amountOf('storage', spec.resources?.requests?.storage ?? '0');
}

function capacityOf({ spec }: PersistentVolume): number {
  return amountOf('storage', spec.capacity?.storage ?? '0');
}
