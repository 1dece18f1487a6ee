import type { KubeObject, OwnerReference } from 'nekube/apimachinery';
import { controllerReferenceTo } from 'nekube/controller';
import { POD, type Pod } from '../pods/pod.ts';
import { type Claim, isInRange, type StatefulSet, STATEFUL_SET } from './stateful-set.ts';

const DELETE = 'Delete';

/** Who might own a claim. */
interface Owners {
  readonly set: StatefulSet;
  readonly pod: Pod;
}

/** Whether a claim was made for another pod of the name, which takes it with it. */
export function isStale(claim: Claim, owner: KubeObject): boolean {
  const reference = referencesOf(claim).find((one) => namesSame(one, owner));
  return reference !== undefined && reference.uid !== owner.metadata.uid;
}

/** Whether a pod that is to come must wait until the claims of the one before are gone. */
export function mayBeStale({ spec }: StatefulSet): boolean {
  return spec.persistentVolumeClaimRetentionPolicy?.whenScaled === DELETE;
}

/** Whether somebody else decides about a claim that this policy would decide about. */
export function hasOtherController(claim: Claim, { set, pod }: Owners): boolean {
  const { whenScaled, whenDeleted } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  if (whenScaled !== DELETE && whenDeleted !== DELETE) return false;
  return referencesOf(claim).some((reference) => {
    if (namesSame(reference, set)) return reference.uid !== set.metadata.uid;
    if (namesSame(reference, pod)) return reference.uid !== pod.metadata.uid;
    return reference.controller === true;
  });
}

/** The owners that a claim shall have by the policy, where they are others than it has; undefined: it has them. */
export function claimOwners(claim: Claim, owners: Owners): OwnerReference[] | undefined {
  const { set, pod } = owners;
  if (isStale(claim, set) || isStale(claim, pod)) return undefined;
  const references = referencesOf(claim);
  const own = references.filter(({ uid }) => uid === set.metadata.uid || uid === pod.metadata.uid);
  const others = references.filter((one) => !namesSame(one, set) && !namesSame(one, pod));
  if (hasOtherController(claim, owners)) return own.length > 0 ? others : undefined;
  const wanted = wantedOwners(owners);
  const isRight =
    own.every(({ controller }) => controller === true) &&
    own.length === wanted.length &&
    wanted.every(({ metadata }) => own.some(({ uid }) => uid === metadata.uid));
  return isRight ? undefined : [...others, ...wanted.map(controllerReferenceTo)];
}

/** A claim goes with its pod when that is one too many, or with the set; each as the policy says. */
function wantedOwners({ set, pod }: Owners): readonly KubeObject[] {
  const { whenScaled, whenDeleted } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const isTooMany = !isInRange(set, pod);
  if (whenScaled === DELETE && isTooMany) return [{ ...POD, ...pod }];
  return whenDeleted === DELETE ? [{ ...STATEFUL_SET, ...set }] : [];
}

function referencesOf({ metadata }: Claim): readonly OwnerReference[] {
  return metadata.ownerReferences ?? [];
}

function namesSame(reference: OwnerReference, { apiVersion, kind, metadata }: KubeObject): boolean {
  return reference.apiVersion === apiVersion && reference.kind === kind && reference.name === metadata.name;
}
