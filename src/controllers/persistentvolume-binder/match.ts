import {
  capacityOf,
  classNameOf,
  differInMode,
  findMatchingVolume,
  hasAccessModes,
  isVolumeFor,
  requestedOf,
} from 'nekube/component-helpers';
import type { Claim, Volume } from '../volumes/volume.ts';

/**
 * Finds the volume that suits a claim best: one that is for it already, else the smallest that is free, of those with the
 * fewest access modes.
 *
 * @param isDelayed true: the scheduler will choose among the free ones
 */
export function bestMatch(claim: Claim, volumes: readonly Volume[], isDelayed: boolean): Volume | undefined {
  const suitable = volumes.filter(
    (volume) =>
      // mostly others have it
      (!volume.spec.claimRef || isVolumeFor(volume, claim)) && hasAccessModes(volume, claim),
  );
  const groups = new Map<string, Volume[]>();
  for (const volume of suitable) {
    const modes = modesOf(volume).join();
    const group = groups.get(modes);
    if (group === undefined) groups.set(modes, [volume]);
    else group.push(volume);
  }
  const inOrder = [...groups.values()].sort((a, b) => modesOf(a[0]!).length - modesOf(b[0]!).length);
  for (const group of inOrder) {
    const found = findMatchingVolume(claim, group, { isDelayed });
    if (found !== undefined) return found;
  }
  return undefined;
}

function modesOf({ spec }: Volume): string[] {
  return [...new Set(spec.accessModes)].sort();
}

function differInAttributes(volume: Volume, claim: Claim): boolean {
  return (volume.spec.volumeAttributesClassName ?? '') !== (claim.spec.volumeAttributesClassName ?? '');
}

/** Why a volume that a claim names is not what the claim asks for; undefined: it is. */
export function whyUnsuitable(volume: Volume, claim: Claim): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined)
    return `the volume is marked for deletion ${JSON.stringify(volume.metadata.name)}`;
  if (capacityOf(volume).value() < requestedOf(claim).value()) return 'requested PV is too small';
  if (classNameOf(volume) !== classNameOf(claim)) return 'storageClassName does not match';
  if (differInAttributes(volume, claim)) return 'volumeAttributesClassName does not match';
  if (differInMode(volume, claim)) return 'incompatible volumeMode';
  return hasAccessModes(volume, claim) ? undefined : 'incompatible accessMode';
}
