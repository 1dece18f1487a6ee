import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client, ListOptions } from './client.ts';
import type { Kind, ObjectList } from './kinds.ts';

/**
 * All of a list as of one revision, read in parts of `limit` (default 500). If the server forgets that revision on the way,
 * all is read again, in one part, as client-go does.
 */
export async function listAll<T extends KubeObject>(
  client: Pick<Client, 'list'>,
  kind: Kind<T>,
  options: ListOptions = {},
): Promise<ObjectList<T>> {
  const first = await client.list(kind, { limit: 500, ...options });
  const items = first.items;
  const { resourceVersion: _, resourceVersionMatch: __, ...rest } = options;
  for (let next = first.metadata.continue; next; ) {
    try {
      const page = await client.list(kind, { limit: 500, ...rest, continue: next });
      for (const item of page.items) items.push(item);
      next = page.metadata.continue;
    } catch (e) {
      if (!isStatusError(e, 'Expired')) throw e;
      const { limit: ___, continue: ____, ...whole } = options;
      return client.list(kind, whole);
    }
  }
  const { continue: _continue, remainingItemCount: _count, ...metadata } = first.metadata;
  return { ...first, metadata, items };
}
