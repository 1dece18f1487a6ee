import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Storage } from 'nekube/storage';
import { keyOf, type ServedResource } from './registry/served.ts';
import type { Store, WriteOptions } from './registry/store.ts';

/** What the server's own writes go through. */
export interface SystemWriter {
  readonly store: Store;
  readonly storage: Storage;
}

/** The field manager of what the server makes itself. */
const MANAGER = 'kube-apiserver';

/** Creates a decoded object of the server's own, not admitted nor validated, unless one of its name is there. */
export async function ensureObject(
  { store, storage }: SystemWriter,
  now: Date,
  resource: ServedResource,
  object: KubeObject,
): Promise<void> {
  const { namespace = '', name = '' } = object.metadata;
  if ((await storage.head(keyOf(resource, namespace, name))) !== undefined) return;
  const owned = resource.fieldManager('').update(undefined, object, MANAGER);
  const options: WriteOptions = {
    dryRun: false,
    context: { now, user: { name: 'system:apiserver', groups: ['system:masters'] } },
    warn: () => {},
    rules: { ...resource.rules, validate: () => [] },
    validate: () => {},
  };
  try {
    await store.create(resource, namespace, resource.toHub(owned), options);
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}

/** Deletes an object of the server's own, if it is there. */
export async function removeObject(
  { store }: Pick<SystemWriter, 'store'>,
  resource: ServedResource,
  name: string,
): Promise<void> {
  try {
    await store.delete(resource, '', name, () => 'remove', false);
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
