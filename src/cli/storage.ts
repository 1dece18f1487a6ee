import type { EtcdOptions, Storage } from 'nekube/storage';
import { CliError, messageOf } from './io.ts';
import type { StorageChoice } from './storage-flag.ts';

/** After so long a user is told that etcd is waited for. */
const PATIENCE_MS = 1000;
/** After so long etcd is given up. */
const ETCD_MS = 30_000;

/** What a user can do about a storage that does not open, by the error's name. */
const HINTS: Readonly<Record<string, string>> = {
  LockedError: 'end that process, or give another directory with --storage lmdb:DIR',
  DamagedError: 'nothing was changed; give another directory with --storage lmdb:DIR, or restore a snapshot into one',
  StorageFullError: 'make room on the disk',
};

/**
 * Opens a storage; `readOnly` as in `LmdbOptions`.
 *
 * @throws CliError when it is in use, damaged, of a newer format, or not to be had
 */
export async function openStorage(
  choice: Exclude<StorageChoice, { kind: 'etcd' }>,
  options: { readonly readOnly?: boolean } = {},
): Promise<Storage> {
  const { openLmdb, openMemory } = await import('nekube/storage');
  if (choice.kind === 'memory') return openMemory();
  try {
    return await openLmdb(choice.dir, options);
  } catch (cause) {
    const hint = hintFor(cause);
    throw hint === undefined ? cause : new CliError(messageOf(cause), { hint, cause });
  }
}

/**
 * Opens a storage on etcd, and says so when that takes long.
 *
 * @throws CliError when it does not answer in time, or refuses
 */
export async function openEtcdStorage(options: EtcdOptions, say: (line: string) => void): Promise<Storage> {
  const { openEtcd } = await import('nekube/storage');
  const names = options.endpoints.join(',');
  const waiting = setTimeout(() => say(`waiting for etcd at ${names}`), PATIENCE_MS);
  try {
    return await openEtcd({ openMs: ETCD_MS, ...options, log: say });
  } catch (cause) {
    throw new CliError(`Cannot use etcd at ${names}: ${messageOf(rootOf(cause))}`, {
      hint: 'start etcd, or check its address in --storage and the --etcd flags for TLS and users',
      cause,
    });
  } finally {
    clearTimeout(waiting);
  }
}

/** What would help: against what the storage found, or what the file system would not do. */
function hintFor(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ((error as NodeJS.ErrnoException).syscall !== undefined) {
    return 'give a directory that can be made and written with --storage lmdb:DIR';
  }
  return HINTS[error.name];
}

/** Why it went wrong in the first place. */
function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootOf(error.cause) : error;
}
