/**
 * A revisioned, ordered key space with watch and compare-and-set, in memory or on disk, behind one interface.
 *
 * What it does not do: it knows nothing of Kubernetes, never copies or reads a value, and has no network.
 */
export * from './storage.ts';
export * from './errors.ts';
export { openMemory } from './memory.ts';
export { openEtcd, type EtcdOptions } from './etcd.ts';
export { openLmdb, type LmdbOptions } from './lmdb.ts';
export { restoreSnapshot, saveSnapshot, type SnapshotInfo } from './snapshot.ts';
