import { resolve } from 'node:path';
import { CliError } from './io.ts';

/** Which storage a command works on. */
export type StorageChoice = { readonly kind: 'memory' } | { readonly kind: 'lmdb'; readonly dir: string };

/** Where `nekube up` keeps its data unless told otherwise. */
export const DEFAULT_STORAGE = 'lmdb:.nekube/data';

/**
 * Reads `memory` or `lmdb:DIR`, the directory relative to `cwd`.
 *
 * @throws CliError naming the forms, for anything else
 */
export function parseStorageChoice(text: string, cwd: string): StorageChoice {
  if (text === 'memory') return { kind: 'memory' };
  const dir = /^lmdb:(.+)$/.exec(text)?.[1];
  if (dir !== undefined) return { kind: 'lmdb', dir: resolve(cwd, dir) };
  const what = /^etcd(:|$)/.test(text) ? 'etcd is not available yet' : 'there is no such storage';
  throw new CliError(`Cannot use the storage ${JSON.stringify(text)}: ${what}`, {
    hint: 'give --storage memory, or --storage lmdb:DIR to keep the data',
  });
}
