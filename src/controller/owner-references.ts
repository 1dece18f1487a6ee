import { type KubeObject, type OwnerReference, parseApiVersion } from 'nekube/apimachinery';

/** The object that one wants to own has a controller already, which is another. */
export class AlreadyOwnedError extends Error {
  override name = 'AlreadyOwnedError';
  readonly owner: OwnerReference;

  constructor({ metadata }: { readonly metadata: KubeObject['metadata'] }, owner: OwnerReference) {
    const object = `${metadata.namespace ?? ''}/${metadata.name}`;
    super(`Object ${object} is already owned by another ${owner.kind} controller ${owner.name}`);
    this.owner = owner;
  }
}

/** Something with metadata that may be owned: an object, or what is to be applied. */
export interface Owned {
  metadata: { name?: string; namespace?: string; ownerReferences?: unknown };
}

/** The reference to an owner as its objects' controller: what goes with it, and tells it of changes. */
export function controllerReferenceTo(owner: KubeObject): OwnerReference {
  return { ...ownerReferenceTo(owner), blockOwnerDeletion: true, controller: true };
}

/** The reference to an owner, one of many. @throws TypeError if it is not in the cluster yet */
export function ownerReferenceTo({ apiVersion, kind, metadata: { name, uid } }: KubeObject): OwnerReference {
  if (!apiVersion || !kind || !name || !uid) {
    const missing = Object.entries({ apiVersion, kind, name, uid }).flatMap(([key, value]) => (value ? [] : [key]));
    throw new TypeError(`Cannot refer to owner ${name ?? ''}: it has no ${missing.join(' and no ')}`);
  }
  return { apiVersion, kind, name, uid };
}

/**
 * Makes the owner the controller of the object, which is changed: it is deleted with it, and its changes are the owner's.
 *
 * @throws AlreadyOwnedError if another is the controller
 * @throws Error if the owner has a namespace, and the object has not, or another
 */
export function setControllerReference(owner: KubeObject, object: Owned): void {
  checkNamespaces(owner, object);
  const reference = controllerReferenceTo(owner);
  const controller = referencesOf(object).find((one) => one.controller === true);
  if (controller !== undefined && !isSameObject(controller, reference)) {
    throw new AlreadyOwnedError(object as KubeObject, controller);
  }
  upsert(object, reference);
}

/** Makes the owner one of the object's, which is changed: it is deleted when all of them are. @throws Error as above */
export function setOwnerReference(owner: KubeObject, object: Owned): void {
  checkNamespaces(owner, object);
  upsert(object, ownerReferenceTo(owner));
}

/** The owner is no longer one of the object's, which is changed; whether it was. */
export function removeOwnerReference(owner: KubeObject, object: Owned): boolean {
  const kept = referencesOf(object).filter((one) => !isSameObject(one, ownerReferenceTo(owner)));
  const changed = kept.length < referencesOf(object).length;
  object.metadata.ownerReferences = kept;
  return changed;
}

/** The reference to the object's controller, if it has one. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** Whether the owner is the controller of the object. */
export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid && owner.metadata.uid !== undefined;
}

function referencesOf(object: Owned): OwnerReference[] {
  return (object.metadata.ownerReferences ?? []) as OwnerReference[];
}

function upsert(object: Owned, reference: OwnerReference): void {
  const references = [...referencesOf(object)];
  const at = references.findIndex((one) => isSameObject(one, reference));
  if (at < 0) references.push(reference);
  else references[at] = reference;
  object.metadata.ownerReferences = references;
}

/** In whatever version of its group, and whichever uid it has: who was made anew is still meant. */
function isSameObject(a: OwnerReference, b: OwnerReference): boolean {
  const [groupA, groupB] = [parseApiVersion(a.apiVersion)?.group, parseApiVersion(b.apiVersion)?.group];
  return groupA !== undefined && groupA === groupB && a.kind === b.kind && a.name === b.name;
}

function checkNamespaces({ metadata: owner }: KubeObject, { metadata: object }: Owned): void {
  if (!owner.namespace) return;
  if (!object.namespace) {
    throw new Error(
      `cluster-scoped resource must not have a namespace-scoped owner, owner's namespace ${owner.namespace}`,
    );
  }
  if (owner.namespace !== object.namespace) {
    throw new Error(
      `cross-namespace owner references are disallowed, owner's namespace ${owner.namespace}, obj's namespace ${object.namespace}`,
    );
  }
}
