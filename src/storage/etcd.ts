import type { Storage } from './storage.ts';
import type { EtcdOptions } from './etcd/store.ts';

export type { EtcdOptions } from './etcd/store.ts';

/**
 * Opens a store on etcd 3.4 or newer, which other servers may use too, and reads what it holds. What is needed for it
 * is loaded only here.
 *
 * @throws StatusError if etcd does not answer in time, or refuses
 */
export async function openEtcd(options: EtcdOptions): Promise<Storage> {
  const { openEtcdStore } = await import('./etcd/store.ts');
  return openEtcdStore(options);
}
