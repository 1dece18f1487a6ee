import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { HistoryStore, type HistoryStoreOptions } from 'nekube/ownership';
import { CliError, type Io, messageOf } from '../io.ts';

/** Hands `use` the store of a history, and closes it. @throws CliError when it cannot be opened */
export async function withHistoryStore<T>(
  dir: string,
  options: HistoryStoreOptions,
  io: Io,
  use: (store: HistoryStore) => Promise<T>,
): Promise<T> {
  const store = await opened(dir, options, io);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function opened(dir: string, options: HistoryStoreOptions, io: Io): Promise<HistoryStore> {
  const path = resolve(io.cwd, dir);
  if (options.readOnly && !existsSync(path))
    throw new CliError(`There is no history in ${dir}`, {
      hint: 'nekube own watch keeps one; --store says where it is',
    });
  try {
    return await HistoryStore.open(path, options);
  } catch (error) {
    const isTaken = error instanceof Error && error.name === 'LockedError';
    const hint = isTaken ? 'one process keeps a history: give this one another --store' : 'give another --store';
    throw new CliError(messageOf(error), { hint, cause: error });
  }
}
