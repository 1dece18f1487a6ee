import type { Entry, LocalStorage, StorageOptions } from './storage.ts';
import { Store } from './store.ts';

/** What a store in memory begins with. */
export interface MemoryOptions extends StorageOptions {
  /** Entries of another store, all as of one revision, which are shared with it; what was before is compacted. */
  readonly from?: { readonly entries: readonly Entry[]; readonly revision: number };
}

/** A store that lives as long as the process. Its writes are durable, and so visible, when they are submitted. */
export function openMemory({ from, ...options }: MemoryOptions = {}): LocalStorage {
  if (from === undefined) return new Store(undefined, { records: [], revision: 1, compacted: 0 }, options);
  const records = from.entries
    .map((entry) => ({ key: entry.key, revision: entry.modRevision, entry }))
    .sort((a, b) => a.revision - b.revision);
  return new Store(undefined, { records, revision: from.revision, compacted: from.revision }, options);
}
