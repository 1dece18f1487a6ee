import { type RunningServer, type ServerOptions, startServer } from 'nekube/apiserver';
import { type Clock, type LocalStorage, type MemoryOptions, openMemory } from 'nekube/storage';

/** What every fresh cluster has, as of one moment: entries are never changed, so all environments share them. */
type Fresh = NonNullable<MemoryOptions['from']>;

/** By what a fresh cluster depends on. */
const known = new Map<string, Promise<Fresh>>();

/** A server, and the storage that ends with it. */
export interface Served {
  readonly server: RunningServer;
  readonly storage: LocalStorage;
}

/**
 * Starts a server on a storage of its own in memory. The first one of a process makes what a fresh cluster has; later ones
 * begin with copies of it.
 *
 * @param moment tells apart the clocks that fresh clusters are made by
 */
export async function serveFresh(
  options: Omit<ServerOptions, 'storage'>,
  { clock, moment }: { readonly clock: Clock; readonly moment: string },
): Promise<Served> {
  const key = JSON.stringify([moment, options.serviceClusterIpRange]);
  const before = known.get(key);
  if (before !== undefined) {
    const storage = openMemory({ clock, historySeconds: 0, from: await before });
    return { storage, server: await started({ ...options, storage, bootstrapped: true }) };
  }
  const storage = openMemory({ clock, historySeconds: 0 });
  const server = started({ ...options, storage });
  const fresh = server.then(() => storage.range(''));
  known.set(key, fresh);
  fresh.catch(() => known.delete(key));
  return { storage, server: await server };
}

async function started(options: ServerOptions): Promise<RunningServer> {
  try {
    return await startServer(options);
  } catch (error) {
    await options.storage.close();
    throw error;
  }
}
