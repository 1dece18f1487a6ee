import { type KubeObject, labelSelectorFromObject } from 'nekube/apimachinery';
import { matchAnyTerm } from '../scheduling/node-affinity.ts';
import {
  capacityOf,
  classNameOf,
  differInMode,
  hasAccessModes,
  isVolumeFor,
  type PersistentVolume,
  type PersistentVolumeClaim,
  requestedOf,
} from './persistent-volume.ts';

/** For whom a volume is looked for. */
export interface MatchOptions {
  /** The volume must be one for this node. */
  readonly node?: Pick<KubeObject, 'metadata'>;
  /** True: only a volume that is for the claim already, since the scheduler will choose among the others. */
  readonly isDelayed?: boolean;
}

/**
 * The volume that does for a claim: one that is for it already, else the smallest that is free.
 *
 * One that is for the claim, but not for the node, is the only one that would do: there is none then.
 */
export function findMatchingVolume<V extends PersistentVolume>(
  claim: PersistentVolumeClaim,
  volumes: readonly V[],
  { node, isDelayed = false }: MatchOptions = {},
): V | undefined {
  const possible = volumes.filter((volume) => couldBe(volume, claim));
  const own = possible.find((volume) => isVolumeFor(volume, claim));
  if (own !== undefined) return node === undefined || isOnNode(own, node) ? own : undefined;
  if (isDelayed) return undefined;
  const selector = claim.spec.selector && labelSelectorFromObject(claim.spec.selector);
  const free = possible.filter(
    (volume) =>
      volume.status?.phase === 'Available' &&
      classNameOf(volume) === classNameOf(claim) &&
      hasAccessModes(volume, claim) &&
      (selector === undefined || selector.matches(volume.metadata.labels)) &&
      (node === undefined || isOnNode(volume, node)),
  );
  const smaller = (a: V, b: V): V => (capacityOf(b).cmp(capacityOf(a)) < 0 ? b : a);
  return free.length === 0 ? undefined : free.reduce(smaller);
}

/** Whether a volume may be used on a node. */
export function isOnNode({ spec }: PersistentVolume, node: Pick<KubeObject, 'metadata'>): boolean {
  const required = spec.nodeAffinity?.required;
  return required === undefined || matchAnyTerm(required.nodeSelectorTerms)(node);
}

/** Whether it is nobody else's, stays, and is large enough and of the same sort. */
function couldBe(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.spec.claimRef && !isVolumeFor(volume, claim)) return false;
  if (volume.metadata.deletionTimestamp || differInMode(volume, claim)) return false;
  const attributesOf = ({ spec }: PersistentVolume | PersistentVolumeClaim): string =>
    spec.volumeAttributesClassName ?? '';
  return attributesOf(volume) === attributesOf(claim) && capacityOf(volume).cmp(requestedOf(claim)) >= 0;
}
