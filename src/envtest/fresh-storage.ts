import { type RunningServer, type ServerOptions, startServer } from 'nekube/apiserver';
import { type Clock, type LocalStorage, type MemoryOptions, openMemory } from 'nekube/storage';

/** What every fresh cluster has, as of one moment: entries are never changed, so all environments share them. */
type Fresh = NonNullable<MemoryOptions['from']>;

/** A server that works at something writes sooner than this. */
const QUIET_TURNS = 5;

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
  // nobody else can write before this is over
  const fresh = server.then(() => quiet(storage)).then(() => storage.range(''));
  known.set(key, fresh);
  fresh.catch(() => known.delete(key));
  await fresh;
  return { storage, server: await server };
}

/** Until a server has written what it writes when it is ready already, which others would else write again. */
async function quiet(storage: LocalStorage): Promise<void> {
  for (let still = 0, revision = storage.revision; still < QUIET_TURNS; still++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (storage.revision !== revision) still = 0;
    revision = storage.revision;
  }
}

async function started(options: ServerOptions): Promise<RunningServer> {
  try {
    return await startServer(options);
  } catch (error) {
    await options.storage.close();
    throw error;
  }
}
