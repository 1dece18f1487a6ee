import type { WriteRules } from 'nekube/api';
import { cloneJson, isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Storage } from 'nekube/storage';
import { keyOf, rulesOf, type ServedResource } from './registry/served.ts';
import type { Store } from './registry/store.ts';
import type { WriteOptions } from './registry/write-options.ts';

/** What the server's own writes go through. */
export interface SystemWriter {
  readonly store: Store;
  readonly storage: Storage;
}

/** The field manager of what the server makes itself. */
const MANAGER = 'kube-apiserver';

/**
 * Creates a decoded object of the server's own, not admitted nor validated, unless one of its name is there.
 *
 * @returns whether it was this call that created it
 */
export async function ensureObject(
  { store, storage }: SystemWriter,
  now: Date,
  resource: ServedResource,
  object: KubeObject,
  manager = MANAGER,
): Promise<boolean> {
  const { namespace = '', name = '' } = object.metadata;
  if ((await storage.head(keyOf(resource, namespace, name), { mayLag: true })) !== undefined) return false;
  const owned = resource.fieldManager('').update(undefined, object, manager);
  const options = systemWrite(now, { ...resource.rules, validate: () => [] });
  try {
    await store.create(resource, namespace, resource.toHub(owned), options);
    return true;
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
    return false;
  }
}

/**
 * Changes a stored object of the server's own, not admitted nor validated.
 *
 * @param change gives the new object, or undefined if it is well as it is
 * @throws StatusError NotFound
 */
export async function changeObject(
  { store }: Pick<SystemWriter, 'store'>,
  now: Date,
  resource: ServedResource,
  { namespace = '', name = '' }: KubeObject['metadata'],
  change: (live: KubeObject) => KubeObject | undefined,
): Promise<void> {
  const transform = (current: KubeObject | undefined): KubeObject => {
    const live = resource.fromHub(cloneJson(current!));
    const changed = change(cloneJson(live));
    return changed === undefined
      ? resource.toHub(live)
      : resource.toHub(resource.fieldManager('').update(live, changed, MANAGER));
  };
  await store.update(resource, namespace, name, transform, systemWrite(now, { ...resource.rules, validate: () => [] }));
}

/**
 * Applies the status of an object, in the version of the resource, as an apply to its subresource does, with force.
 *
 * @throws StatusError NotFound
 */
export async function applyStatus(
  { store }: Pick<SystemWriter, 'store'>,
  now: Date,
  resource: ServedResource,
  config: KubeObject,
  manager: string,
): Promise<void> {
  const { namespace = '', name = '' } = config.metadata;
  const fields = resource.fieldManager('status');
  const transform = (current: KubeObject | undefined): KubeObject =>
    resource.toHub(fields.apply(current && resource.fromHub(cloneJson(current)), config, manager, true));
  await store.update(resource, namespace, name, transform, systemWrite(now, rulesOf(resource, 'status')));
}

/** Of a write of the server's own, which is not admitted. */
export function systemWrite(now: Date, rules: WriteRules): WriteOptions {
  const user = { name: 'system:apiserver', groups: ['system:masters'] };
  return { dryRun: false, context: { now, user }, warn: () => {}, rules, validate: () => {} };
}

/** Deletes an object of the server's own, if it is there. */
export async function removeObject(
  { store }: Pick<SystemWriter, 'store'>,
  resource: ServedResource,
  name: string,
  namespace = '',
): Promise<void> {
  try {
    await store.delete(resource, namespace, name, () => 'remove', false);
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
