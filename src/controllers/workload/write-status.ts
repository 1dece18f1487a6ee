import type { KubeObject } from 'nekube/apimachinery';
import type { Client, Kind } from 'nekube/client';
import { keyOf } from '../object-key.ts';

/**
 * Writes the status of an owner that the cache has. If that fails, mostly since the cache is behind, it is written once more, on
 * top of what the server has.
 *
 * @throws what the second try was refused with
 */
export async function writeStatus<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  object: T,
  status: object,
): Promise<void> {
  const write = (live: T): Promise<T> =>
    client.update<T>({ ...live, apiVersion: kind.apiVersion, kind: kind.kind, status }, { subresource: 'status' });
  try {
    await write(object);
  } catch {
    await write(await client.get(kind, keyOf(object)));
  }
}
