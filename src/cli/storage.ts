import type { Storage } from 'nekube/storage';
import { CliError, messageOf } from './io.ts';
import type { StorageChoice } from './storage-flag.ts';

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
  choice: StorageChoice,
  options: { readonly readOnly?: boolean } = {},
): Promise<Storage> {
  const { openLmdb, openMemory } = await import('nekube/storage');
  if (choice.kind === 'memory') return openMemory();
  try {
    return await openLmdb(choice.dir, options);
  } catch (cause) {
    const hint = cause instanceof Error ? HINTS[cause.name] : undefined;
    throw hint === undefined ? cause : new CliError(messageOf(cause), { hint, cause });
  }
}
