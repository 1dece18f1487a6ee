import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  escapeFieldValue,
  isStatusError,
  type JsonObject,
  newFailure,
  parseApiVersion,
  type StatusError,
} from 'nekube/apimachinery';
import type { Client, ServedKind } from 'nekube/client';
import {
  changeData,
  goneData,
  historyLineData,
  HistoryStore,
  timelineOf,
  warData,
  warsIn,
  type Scope,
  watchFields,
} from 'nekube/ownership';

/** A war is what brings a value back so often within so long. */
const RULES = { windowMs: 60 * 60_000, returns: 2 };
/** So much is kept of one history, and for so long. */
const KEEP_BYTES = 64 * 1024 * 1024;
const KEEP_MS = 24 * 60 * 60_000;
/** So many lines an answer has, the newest. */
const MOST_LINES = 500;
/** Pages ask all the time: what is told stays so long when nothing was recorded, as wars end by the clock, */
const TOLD_MS = 30_000;
/** and in any case so many times as long as it took to make, since nobody is served meanwhile. */
const TOLD_FOR_WORK = 10;

/** Objects, as a page asks for them. */
export interface Wanted {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

/** Objects whose fields are watched. */
export interface Watched {
  readonly store: HistoryStore;
  /** Milliseconds since 1970. */
  readonly began: number;
  /** What there was is recorded, or it was refused. */
  readonly settled: Promise<void>;
  synced: boolean;
  refused: StatusError | undefined;
  /** What was told last. */
  told: Told | undefined;
  /** Watches no more, and forgets all. */
  readonly end: () => Promise<void>;
}

/** What there is to tell. */
export interface Told {
  readonly lines: readonly JsonObject[];
  readonly wars: readonly JsonObject[];
  /** Moments of `performance.now()`: until then it is good, and if nothing is recorded. */
  readonly until: number;
  untilUnlessRecorded: number;
}

/**
 * Begins to watch, into a folder of its own.
 *
 * @param now milliseconds since 1970
 * @throws StatusError, and NoMatchError where the kind is not served
 */
export async function watchFieldsOf(client: Client, wanted: Wanted, now: number): Promise<Watched> {
  const { apiVersion, kind } = wanted;
  const scope = scopeOf(await client.served({ apiVersion, kind }), wanted);
  const { store, remove } = await temporaryStore();
  const stop = new AbortController();
  let settle = (): void => {};
  const settled = new Promise<void>((resolve) => (settle = resolve));
  const refuse = (error: StatusError): void => {
    watched.refused ??= error;
    settle();
  };
  const watched: Watched = {
    ...{ store, began: now, settled, synced: false, refused: undefined, told: undefined },
    end: async () => {
      stop.abort();
      await ended;
      await store.close();
      await remove();
    },
  };
  const ended = watchFields(client, [scope], {
    ...{ store, signal: stop.signal, rules: RULES, keepMs: KEEP_MS, maxBytes: KEEP_BYTES },
    onRecord: () => {
      if (watched.told !== undefined) watched.told.untilUnlessRecorded = 0;
    },
    onSynced: () => {
      watched.synced = true;
      settle();
    },
    // who may not read them any more is not told what they were, either
    onError: (error) => void (isStatusError(error, 'Forbidden') && refuse(error)),
  }).catch((error: unknown) =>
    refuse(newFailure(500, 'InternalError', `the history cannot be kept: ${(error as Error).message}`)),
  );
  return watched;
}

function scopeOf({ apiVersion, kind, resource, namespaced }: ServedKind, { namespace, name }: Wanted): Scope {
  const { group, version } = parseApiVersion(apiVersion)!;
  return {
    ...{ group, version, kind, resource, namespaced, names: [] },
    ...(namespace !== undefined && namespaced && { namespace }),
    ...(name !== undefined && { fieldSelector: `metadata.name=${escapeFieldValue(name)}` }),
  };
}

/** A store in a folder that `remove` takes away. */
async function temporaryStore(): Promise<{ readonly store: HistoryStore; readonly remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'nekube-console-history-'));
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    return { store: await HistoryStore.open(dir), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * What was seen so far: what was told last, as long as that is good.
 *
 * @param now milliseconds since 1970
 */
export function toldOf(watched: Watched, { name }: Wanted, now: number): Told {
  const begin = performance.now();
  const { store, told } = watched;
  if (told !== undefined && begin < Math.max(told.until, told.untilUnlessRecorded)) return told;
  const lines = name === undefined ? changesOf(store) : linesOf(store, now);
  const wars = warsOf(store, now);
  const end = performance.now();
  const until = end + TOLD_FOR_WORK * (end - begin);
  return (watched.told = { lines, wars, until, untilUnlessRecorded: end + TOLD_MS });
}

/** Who takes fields from whom, each as it is now, the latest first. */
function warsOf(store: HistoryStore, now: number): JsonObject[] {
  const wars = warsIn(store.recordsSince(now - RULES.windowMs), RULES, now);
  return wars.sort((a, b) => b.last - a.last).map(warData);
}

/** What happened to objects of a kind since they are watched, the newest first. */
function changesOf(store: HistoryStore): JsonObject[] {
  const lines: JsonObject[] = [];
  for (const record of store.records(undefined, { reverse: true })) {
    if (record.type === 'found') continue;
    if (record.type === 'deleted') lines.push(goneData(record));
    for (const change of record.changes) if (!change.isOwnersOnly) lines.push(changeData(record, change));
    if (lines.length >= MOST_LINES) break;
  }
  return lines.slice(0, MOST_LINES);
}

/** The history of the one object that is watched, the newest first. */
function linesOf(store: HistoryStore, now: number): JsonObject[] {
  const lines = [...store.objects()].flatMap((object) => [...timelineOf(store, object, { now, withOwners: true })]);
  return lines.slice(-MOST_LINES).reverse().map(historyLineData);
}
