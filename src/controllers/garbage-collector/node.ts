import type { KubeObject, OwnerReference } from 'nekube/apimachinery';

/** The finalizer of an object that waits for those that block it to go first. */
export const FOREGROUND = 'foregroundDeletion';
/** The finalizer of an object whose dependents are to stay, without it as an owner. */
export const ORPHAN = 'orphan';

/** What says which object is meant: by a reference of another, or by itself. */
export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for those that have none. */
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
}

/** An object of the graph, or what is known of one by the references of others. */
export interface Node {
  /** Different for each node, also of one uid. */
  readonly key: string;
  identity: Identity;
  owners: readonly OwnerReference[];
  /** Those that name it as an owner. */
  readonly dependents: Set<Node>;
  /** It is deleted, and its dependents are to go before it. */
  deletingDependents: boolean;
  beingDeleted: boolean;
  /** Nobody has seen it yet: others refer to it. */
  isVirtual: boolean;
}

/** As texts of logs and events have it. */
export function textOf({ apiVersion, kind, namespace = '', name, uid }: Identity): string {
  return `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
}

/** Two of the same text are the same. */
export function keyOf({ apiVersion, kind, namespace = '', name, uid }: Identity): string {
  return JSON.stringify([apiVersion, kind, namespace, name, uid]);
}

/** What a reference says of an owner, if that is in `namespace`; of none, if it is empty or absent. */
export function identityOf({ apiVersion, kind, name, uid }: OwnerReference, namespace?: string): Identity {
  return { apiVersion, kind, name, uid, ...(namespace !== undefined && namespace !== '' && { namespace }) };
}

/** Whether a reference means this, namespaces aside. */
export function refersTo(reference: OwnerReference, { apiVersion, kind, name, uid }: Identity): boolean {
  return (
    reference.uid === uid && reference.name === name && reference.kind === kind && reference.apiVersion === apiVersion
  );
}

/** Whether an object is deleted and waits for a finalizer. */
export function waitsFor({ metadata }: Pick<KubeObject, 'metadata'>, finalizer: string): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(finalizer);
}

/** The dependents that must go first: those whose reference says so. */
export function blockingDependents({ identity, dependents }: Node): Node[] {
  return [...dependents].filter(({ owners }) =>
    owners.some(({ uid, blockOwnerDeletion }) => uid === identity.uid && blockOwnerDeletion === true),
  );
}
