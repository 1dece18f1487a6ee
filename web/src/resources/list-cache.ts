import { type ListSource, TableList } from './table-list.ts';

/** How long a list that nobody shows goes on: one comes back from a detail to the list as it was left. */
const LINGER_MS = 30_000;

interface Entry {
  readonly list: TableList;
  users: number;
  timer?: ReturnType<typeof setTimeout>;
}

const entries = new Map<string, Entry>();

const keyOf = (source: ListSource): string =>
  JSON.stringify([source.kind.path, source.namespace, source.fields, source.selector, source.revision]);

/** The list of a source, shared by all who show it. Pair with `releaseList`. */
export function acquireList(source: ListSource): TableList {
  const key = keyOf(source);
  let entry = entries.get(key);
  if (!entry || entry.list.state.peek().phase === 'failed') {
    entry?.list.stop();
    entry = { list: new TableList(source), users: 0 };
    entries.set(key, entry);
  }
  clearTimeout(entry.timer);
  entry.users++;
  return entry.list;
}

export function releaseList(source: ListSource): void {
  const key = keyOf(source);
  const entry = entries.get(key);
  if (!entry || --entry.users > 0) return;
  entry.timer = setTimeout(() => {
    entry.list.stop();
    if (entries.get(key) === entry) entries.delete(key);
  }, LINGER_MS);
}

/** The lists that are in memory, for those who search by name. */
export function listsInMemory(): readonly { readonly key: string; readonly list: TableList }[] {
  return [...entries].map(([key, { list }]) => ({ key, list }));
}
