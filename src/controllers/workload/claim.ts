import { isStatusError, type KubeObject, type LabelSelector } from 'nekube/apimachinery';
import type { Client, Kind } from 'nekube/client';
import { controllerOf, controllerReferenceTo } from 'nekube/controller';

/** What an object is to somebody with a selector. */
export type Claim = 'owned' | 'adopt' | 'release' | 'foreign';

/** Selects nothing. */
const NOTHING = { matches: () => false };

/** Says what an object is to an owner: who has no controller and is selected is adopted, and who is no longer is released. */
export function claimOf(owner: KubeObject, selector: Pick<LabelSelector, 'matches'>, { metadata }: KubeObject): Claim {
  const controller = metadata.ownerReferences?.find((one) => one.controller === true);
  const isSelected = selector.matches(metadata.labels);
  const isLeaving = owner.metadata.deletionTimestamp !== undefined;
  if (controller !== undefined) {
    if (controller.uid !== owner.metadata.uid) return 'foreign';
    if (isSelected) return 'owned';
    return isLeaving ? 'foreign' : 'release';
  }
  return isLeaving || !isSelected || metadata.deletionTimestamp !== undefined ? 'foreign' : 'adopt';
}

/**
 * Finds the objects that are an owner's, adopting and releasing on the way.
 *
 * @throws Error for what could not be adopted or released, when all were tried; what is gone meanwhile is no such thing
 */
export async function claimObjects<T extends KubeObject>(
  client: Client,
  {
    owner,
    selector,
    kind,
    accepts = () => true,
    finalizer,
  }: {
    readonly owner: KubeObject;
    readonly selector: LabelSelector;
    readonly kind: Kind<T>;
    /** What else an object must be like to be selected. */
    readonly accepts?: (object: T) => boolean;
    /** What is adopted gets it, and what is released loses it. */
    readonly finalizer?: string;
  },
  objects: readonly T[],
): Promise<T[]> {
  const claimed: T[] = [];
  const errors: unknown[] = [];
  const mayAdopt = once(() => checkOwner(client, owner));
  for (const object of objects) {
    const claim = claimOf(owner, accepts(object) ? selector : NOTHING, object);
    try {
      if (claim === 'adopt') await adopt(client, { owner, kind, object, finalizer, mayAdopt });
      if (claim === 'release') await release(client, { owner, kind, object, finalizer });
      if (claim === 'owned' || claim === 'adopt') claimed.push(object);
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) errors.push(error);
    }
  }
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'Cannot claim objects');
  return claimed;
}

/** What one owner does with one object. */
interface Change<T extends KubeObject> {
  readonly owner: KubeObject;
  readonly kind: Kind<T>;
  readonly object: T;
  readonly finalizer: string | undefined;
}

async function adopt<T extends KubeObject>(
  client: Client,
  { owner, kind, object, finalizer, mayAdopt }: Change<T> & { readonly mayAdopt: () => Promise<void> },
): Promise<void> {
  const { namespace, name, uid } = object.metadata;
  try {
    await mayAdopt();
  } catch (error) {
    const what = `can't adopt ${kind.kind} ${namespace}/${name} (${uid})`;
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
  const finalizers = finalizer === undefined ? {} : { finalizers: [finalizer] };
  await patchReferences(client, { kind, object }, { ownerReferences: [controllerReferenceTo(owner)], ...finalizers });
}

/** An object that was made anew meanwhile is nothing to release. */
async function release<T extends KubeObject>(client: Client, change: Change<T>): Promise<void> {
  try {
    const { owner, finalizer } = change;
    const finalizers = finalizer === undefined ? {} : { '$deleteFromPrimitiveList/finalizers': [finalizer] };
    const ownerReferences = [{ $patch: 'delete', uid: owner.metadata.uid }];
    await patchReferences(client, change, { ownerReferences, ...finalizers });
  } catch (error) {
    if (!isStatusError(error, 'Invalid')) throw error;
  }
}

/** The uid in the patch makes sure that it is about this very object. */
async function patchReferences<T extends KubeObject>(
  client: Client,
  { kind, object }: Pick<Change<T>, 'kind' | 'object'>,
  change: object,
): Promise<void> {
  const { namespace, name = '', uid } = object.metadata;
  const patch = { metadata: { ...change, uid } };
  await client.patch(kind, { namespace, name }, { strategic: patch as never });
}

/** What the cache has may be old: nobody who is gone or going adopts. */
async function checkOwner(client: Client, owner: KubeObject): Promise<void> {
  const { namespace, name = '', uid } = owner.metadata;
  const kind = { apiVersion: owner.apiVersion!, kind: owner.kind! };
  const fresh = await client.get(kind, { namespace, name });
  if (fresh.metadata.uid !== uid) {
    const gone = `original ${kind.kind} ${namespace}/${name} is gone`;
    throw new Error(`${gone}: got uid ${fresh.metadata.uid}, wanted ${uid}`);
  }
  if (fresh.metadata.deletionTimestamp) {
    throw new Error(`${namespace}/${name} has just been deleted at ${fresh.metadata.deletionTimestamp}`);
  }
}

function once(call: () => Promise<void>): () => Promise<void> {
  let called: Promise<void> | undefined;
  return () => (called ??= call());
}

/** The owner of a kind that an object says is its controller, if the cache still has that very one. */
export function resolveController<T extends KubeObject>(
  object: KubeObject,
  kind: Kind<T>,
  find: (key: { readonly namespace?: string; readonly name: string }) => T | undefined,
): T | undefined {
  const reference = controllerOf(object);
  if (reference?.kind !== kind.kind) return undefined;
  const found = find({ namespace: object.metadata.namespace, name: reference.name });
  return found?.metadata.uid === reference.uid ? found : undefined;
}
