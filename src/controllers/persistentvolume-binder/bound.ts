import { type JsonValue, jsonEqual, type KubeObject, parseQuantity } from 'nekube/apimachinery';
import { capacityOf } from 'nekube/component-helpers';
import { ANNOTATIONS, annotationOf, type Claim, type Volume } from '../volumes/volume.ts';

/** The volume that is bound to nobody. Whom a person chose for it stays chosen. */
export function unboundVolume(volume: Volume): Volume {
  if (annotationOf(volume, ANNOTATIONS.boundByController) === undefined) {
    const { uid: _, ...claimRef } = volume.spec.claimRef ?? {};
    return { ...volume, spec: { ...volume.spec, claimRef } };
  }
  const { [ANNOTATIONS.boundByController]: _, ...annotations } = volume.metadata.annotations ?? {};
  const { claimRef: __, ...spec } = volume.spec;
  return { ...volume, metadata: { ...volume.metadata, annotations }, spec };
}

/** The claim that is bound to a volume; undefined: it is already. */
export function boundClaim(claim: Claim, volume: Volume): Claim | undefined {
  const name = volume.metadata.name!;
  const isBound = claim.spec.volumeName === name;
  if (isBound && annotationOf(claim, ANNOTATIONS.bindCompleted) !== undefined) return undefined;
  const named = isBound ? claim : { ...claim, spec: { ...claim.spec, volumeName: name } };
  const isMarked = isBound || annotationOf(claim, ANNOTATIONS.boundByController) !== undefined;
  const marked = isMarked ? named : annotated(named, ANNOTATIONS.boundByController, 'yes');
  return annotated(marked, ANNOTATIONS.bindCompleted, annotationOf(claim, ANNOTATIONS.bindCompleted) ?? 'yes');
}

/**
 * The status of a claim in a phase with a volume, or without one; undefined: it is that already. The capacity is taken over
 * as the claim comes to be bound, and not again: a file system may be smaller than its device.
 *
 * @throws Error for a volume that says no capacity
 */
export function claimStatus(claim: Claim, phase: string, volume: Volume | undefined): Claim['status'] | undefined {
  const before = claim.status ?? {};
  const status = { ...before, phase };
  if (volume === undefined) {
    delete status.accessModes;
    delete status.capacity;
    delete status.currentVolumeAttributesClassName;
  } else {
    if (volume.spec.accessModes !== undefined) status.accessModes = volume.spec.accessModes;
    if (before.phase !== phase) status.capacity = capacityFor(claim, volume);
    const { volumeAttributesClassName } = volume.spec;
    if (before.phase === 'Pending' && phase === 'Bound') {
      if (volumeAttributesClassName === undefined) delete status.currentVolumeAttributesClassName;
      else status.currentVolumeAttributesClassName = volumeAttributesClassName;
    }
  }
  return jsonEqual(before as unknown as JsonValue, status as unknown as JsonValue) ? undefined : status;
}

function capacityFor({ status }: Claim, volume: Volume): Record<string, string> {
  const { capacity } = volume.spec;
  if (capacity?.storage === undefined)
    throw new Error(`PersistentVolume ${JSON.stringify(volume.metadata.name)} is without a storage capacity`);
  const known = status?.capacity;
  return known?.storage !== undefined && parseQuantity(known.storage).cmp(capacityOf(volume)) === 0 ? known : capacity;
}

/** The same object with an annotation more. */
export function annotated<T extends KubeObject>(object: T, name: string, value: string): T {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, [name]: value } } };
}
