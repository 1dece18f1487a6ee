import type { Entry, LocalStorage } from 'nekube/storage';

const DEFINITIONS = '/registry/apiextensions.k8s.io/customresourcedefinitions/';

/** All that a server kept at one moment. */
export interface Snapshot {
  /** As `resourceVersion` has it. */
  readonly revision: string;
  /** @internal what it is made of: shared, never changed */
  readonly entries: readonly Entry[];
  /** When it was taken, by the clock of the environment. */
  readonly takenAt: number;
}

/** Takes one: costs a look at each key. */
export function takeSnapshot(storage: LocalStorage, now: number): Snapshot {
  const { entries, revision } = storage.range('');
  return { revision: String(revision), entries, takenAt: now };
}

/**
 * Brings the storage back to a snapshot by new writes of what differs: what came since is deleted, what went is made again
 * with its uid and times, what changed is as it was. So time goes on for those who watch: they see events with new
 * revisions, each of which is true.
 *
 * All writes are made in one turn of the event loop, so that nobody writes between. What comes back has as long to live as it
 * had then; what did not change is not written, and expires when it would have. Objects of custom resources go before their definitions and come after them.
 *
 * @returns how many keys were written, and whether definitions of custom resources were among them
 */
export async function restoreSnapshot(
  storage: LocalStorage,
  snapshot: Snapshot,
): Promise<{ readonly written: number; readonly definitionsChanged: boolean }> {
  const wanted = new Map(snapshot.entries.map((entry) => [entry.key, entry]));
  const live = new Map(storage.range('').entries.map((entry) => [entry.key, entry]));
  const gone = [...live.values()].filter(({ key }) => !wanted.has(key));
  const changed = [...wanted.values()].filter((entry) => live.get(entry.key)?.value !== entry.value);
  const writes = [
    ...definitionsLast(gone).map(({ key }) => ({ key, value: null })),
    ...definitionsLast(changed)
      .reverse()
      .map((entry) => ({
        key: entry.key,
        value: entry.value,
        ...(entry.expiresAt !== undefined && {
          ttlSeconds: Math.max(0, Math.floor((entry.expiresAt - snapshot.takenAt) / 1000)),
        }),
      })),
  ];
  await Promise.all(writes.map((write) => storage.write(write)));
  return { written: writes.length, definitionsChanged: writes.some(({ key }) => key.startsWith(DEFINITIONS)) };
}

function definitionsLast(entries: readonly Entry[]): Entry[] {
  const isDefinition = ({ key }: Entry): boolean => key.startsWith(DEFINITIONS);
  return [...entries.filter((entry) => !isDefinition(entry)), ...entries.filter(isDefinition)];
}
