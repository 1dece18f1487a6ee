import { formatTime } from 'nekube/apimachinery';
import type { Storage } from 'nekube/storage';
import type { ServedResource } from '../registry/served.ts';
import type { Store } from '../registry/store.ts';

/** What objects are removed with. */
export interface RemovalOptions {
  readonly storage: Storage;
  readonly store: Store;
  readonly now: () => Date;
}

/**
 * Deletes all objects of a definition that goes. Those with finalizers are marked, and go when their finalizers have.
 *
 * @returns how many are left
 */
export async function removeObjects(
  resource: ServedResource,
  { storage, store, now }: RemovalOptions,
): Promise<number> {
  const { entries } = await storage.range(resource.keyPrefix);
  for (const entry of entries) {
    const { metadata } = store.decode(resource, entry);
    await store
      .delete(resource, metadata.namespace ?? '', metadata.name!, (object) => mark(object, now()), false)
      .catch(() => {});
  }
  const left = await storage.range(resource.keyPrefix, { limit: 1 });
  return left.entries.length;
}

/** An object with finalizers is marked once. */
function mark(
  {
    metadata,
  }: {
    metadata: {
      finalizers?: string[];
      deletionTimestamp?: string | null;
      deletionGracePeriodSeconds?: number;
      generation?: number;
    };
  },
  now: Date,
): 'remove' | 'keep' | 'update' {
  if ((metadata.finalizers?.length ?? 0) === 0) return 'remove';
  if (metadata.deletionTimestamp) return 'keep';
  metadata.deletionTimestamp = formatTime(now);
  metadata.deletionGracePeriodSeconds = 0;
  metadata.generation = (metadata.generation ?? 0) + 1;
  return 'update';
}
