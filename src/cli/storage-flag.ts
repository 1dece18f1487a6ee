import { resolve } from 'node:path';
import { type EtcdChoice, parseEtcdUrls } from './etcd-options.ts';
import { CliError } from './io.ts';

/** Which storage a command works on. */
export type StorageChoice =
  | { readonly kind: 'memory' }
  | { readonly kind: 'lmdb'; readonly dir: string }
  | ({ readonly kind: 'etcd' } & EtcdChoice);

/** Where `nekube up` keeps its data unless told otherwise. */
export const DEFAULT_STORAGE = 'lmdb:.nekube/data';

/**
 * Reads `memory`, `lmdb:DIR`, the directory relative to `cwd`, or `etcd:URL[,URL…]`.
 *
 * @throws CliError naming the forms, for anything else
 */
export function parseStorageChoice(text: string, cwd: string): StorageChoice {
  if (text === 'memory') return { kind: 'memory' };
  const dir = /^lmdb:(.+)$/.exec(text)?.[1];
  if (dir !== undefined) return { kind: 'lmdb', dir: resolve(cwd, dir) };
  const urls = /^etcd:(.+)$/.exec(text)?.[1];
  if (urls !== undefined) {
    const etcd = parseEtcdUrls(urls);
    if (etcd !== undefined) return { kind: 'etcd', ...etcd };
    // what is no URL may have a password in it all the same
    throw new CliError('Cannot use the storage "etcd:…": what follows is no list of URLs', {
      hint: 'give --storage etcd:http://127.0.0.1:2379, with commas between several members',
    });
  }
  throw new CliError(`Cannot use the storage ${JSON.stringify(text)}: there is no such storage`, {
    hint: 'give --storage memory, or --storage lmdb:DIR or etcd:URL to keep the data',
  });
}
