import { resolve } from 'node:path';
import { restoreSnapshot, saveSnapshot } from 'nekube/storage';
import { CliError, type Io } from './io.ts';
import type { SnapshotFlags } from './snapshot-command.ts';
import { openStorage } from './storage.ts';
import { parseStorageChoice, type StorageChoice } from './storage-flag.ts';

/** Writes all of a storage, as of now, into a file; a server may be using it. @throws CliError when it cannot be read */
export async function save(file: string, flags: SnapshotFlags, io: Io): Promise<void> {
  const storage = await openStorage(directoryOf(flags, io), { readOnly: true });
  try {
    const { revision, entries } = await saveSnapshot(storage, resolve(io.cwd, file));
    io.stderr(`nekube: saved ${entries} entries at revision ${revision} to ${file}\n`);
  } finally {
    await storage.close();
  }
}

/** Makes a storage of a file. @throws when the directory is not empty, or the file is missing or damaged */
export async function restore(file: string, flags: SnapshotFlags, io: Io): Promise<void> {
  const { dir } = directoryOf(flags, io);
  const { revision, entries } = await restoreSnapshot(resolve(io.cwd, file), dir);
  io.stderr(`nekube: restored ${entries} entries at revision ${revision} into ${flags.storage}\n`);
}

function directoryOf(flags: SnapshotFlags, io: Io): Extract<StorageChoice, { kind: 'lmdb' }> {
  const choice = parseStorageChoice(flags.storage, io.cwd);
  if (choice.kind === 'lmdb') return choice;
  if (choice.kind === 'etcd') {
    throw new CliError('Cannot use the storage "etcd": it has snapshots of its own', {
      hint: 'use etcdctl snapshot save, and etcdutl snapshot restore (etcdctl before etcd 3.5)',
    });
  }
  throw new CliError('Cannot use the storage "memory": it ends with the server', { hint: 'give --storage lmdb:DIR' });
}
