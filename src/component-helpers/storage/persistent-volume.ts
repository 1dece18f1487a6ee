import { type KubeObject, type LabelSelectorObject, parseQuantity, type Quantity } from 'nekube/apimachinery';
import type { NodeSelector } from '../scheduling/node-affinity.ts';

/** A PersistentVolume, as far as it is matched with claims. */
export interface PersistentVolume extends KubeObject {
  spec: {
    readonly accessModes?: readonly string[];
    readonly capacity?: Readonly<Record<string, string>>;
    readonly claimRef?: { readonly namespace?: string; readonly name?: string; readonly uid?: string } | null;
    readonly nodeAffinity?: { readonly required?: NodeSelector };
    readonly storageClassName?: string;
    readonly volumeAttributesClassName?: string;
    readonly volumeMode?: string;
  };
  status?: { readonly phase?: string };
}

/** A PersistentVolumeClaim, as far as it is matched with volumes. */
export interface PersistentVolumeClaim extends KubeObject {
  spec: {
    readonly accessModes?: readonly string[];
    readonly selector?: LabelSelectorObject;
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
    readonly storageClassName?: string;
    readonly volumeAttributesClassName?: string;
    readonly volumeMode?: string;
    readonly volumeName?: string;
  };
  status?: { readonly phase?: string };
}

/** Nobody said of a volume beforehand that it is for its claim. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** The name of the class that a claim or a volume is of; empty: none. */
export function classNameOf({ metadata, spec }: PersistentVolumeClaim | PersistentVolume): string {
  return metadata.annotations?.[BETA_CLASS] ?? spec.storageClassName ?? '';
}

/** How much a claim asks for. */
export function requestedOf({ spec }: PersistentVolumeClaim): Quantity {
  return quantityOf(spec.resources?.requests?.storage);
}

/** How large a volume is. */
export function capacityOf({ spec }: PersistentVolume): Quantity {
  return quantityOf(spec.capacity?.storage);
}

/** Whether a volume is for a claim, by its name, and by its uid where it says one. */
export function isVolumeFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec;
  if (!claimRef || claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}

/** Whether one is a file system and the other a device. */
export function differInMode(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (volume.spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem');
}

/** Whether a volume can be used in all ways that a claim asks for. */
export function hasAccessModes(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode));
}

const MOST_KNOWN = 1000;
const known = new Map<string, Quantity>();

/** There are few sizes, and many volumes that are compared again and again. */
function quantityOf(text = '0'): Quantity {
  let quantity = known.get(text);
  if (quantity === undefined) {
    quantity = parseQuantity(text);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(text, quantity);
  }
  return quantity;
}
