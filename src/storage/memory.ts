import type { LocalStorage, StorageOptions } from './storage.ts';
import { Store } from './store.ts';

/** A store that lives as long as the process. Its writes are durable, and so visible, when they are submitted. */
export function openMemory(options: StorageOptions = {}): LocalStorage {
  return new Store(undefined, { records: [], revision: 1, compacted: 0 }, options);
}
