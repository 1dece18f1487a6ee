/**
 * A revisioned, ordered key space with watch and compare-and-set behind one interface: in memory, on disk, or in an etcd
 * that several servers share; and beside it a plain map on the disk, for records that are more than memory holds.
 *
 * What it does not do: it knows nothing of Kubernetes, never copies or reads a value, and no store but the one on etcd has
 * a connection.
 */
export type {
  Awaitable,
  Clock,
  Entry,
  GetOptions,
  LocalStorage,
  NewEntry,
  RangeOptions,
  RangeResult,
  ReadOptions,
  Storage,
  StorageEvent,
  StorageOptions,
  StorageStats,
  Watch,
  WatchOptions,
  Write,
  WriteResult,
} from './storage.ts';
export { MOST_AT_ONCE } from './storage.ts';
export {
  ClosedError,
  CompactedError,
  DamagedError,
  FutureRevisionError,
  LockedError,
  StorageFullError,
} from './errors.ts';
export { type MemoryOptions, openMemory } from './memory.ts';
export { openEtcd, type EtcdOptions } from './etcd.ts';
export { ETCD_VERSION } from './etcd-server/version.ts';
export { startEtcdServer, type EtcdServer, type EtcdServerOptions } from './etcd-server.ts';
export { openLmdb, type LmdbOptions } from './lmdb.ts';
export { openTable, type Table, type TableBatch, type TableOptions, type TableRange } from './table.ts';
export { restoreSnapshot, saveSnapshot, type SnapshotInfo } from './snapshot.ts';
