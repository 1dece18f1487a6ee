import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  escapeFieldValue,
  isStatusError,
  type JsonObject,
  newFailure,
  parseApiVersion,
  type StatusError,
} from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import {
  changeData,
  goneData,
  historyLineData,
  HistoryStore,
  timelineOf,
  warData,
  warsIn,
  watchFields,
} from 'nekube/ownership';
import { type Endpoints, givenName, needed, type PageRequest } from './endpoint.ts';
import type { Person, Session } from './sessions.ts';

/** A war is what brings a value back so often within so long. */
const RULES = { windowMs: 60 * 60_000, returns: 2 };
/** What nobody asks about for so long is watched no more, and forgotten. */
const FORGET_MS = 15 * 60_000;
/** So much is watched at once, for all pages. */
const MOST_WATCHED = 20;
/** Pages that look at a history ask for it more often than that. */
const IN_USE_MS = 30_000;
/** So many lines an answer has, the newest. */
const MOST_LINES = 500;
/** An answer waits so long for what there is when watching begins. */
const LONGEST_START_MS = 5000;
const KEEP_BYTES = 64 * 1024 * 1024;
/** Pages ask all the time: what is told stays so long when nothing was recorded, as wars end by the clock, */
const TOLD_MS = 30_000;
/** and in any case so many times as long as it took to make, since nobody is served meanwhile. */
const TOLD_FOR_WORK = 10;

/** What is watched. */
interface Watched {
  readonly store: HistoryStore;
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
interface Told {
  readonly lines: readonly JsonObject[];
  readonly wars: readonly JsonObject[];
  /** Moments of `performance.now()`: until then it is good, and if nothing is recorded. */
  readonly until: number;
  untilUnlessRecorded: number;
}

/** That somebody has asked for something to be watched. */
interface Asked {
  /** Who, and for what. */
  readonly key: string;
  readonly begun: Promise<Watched>;
  /** When a page asked last. */
  time: number;
  /** The sessions whose pages asked, each with what its end calls. */
  readonly sessions: Map<Session, () => void>;
}

/** Objects, as a page asks for them. */
interface Wanted {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

/**
 * The history of fields from when a page asks for it on: objects are watched as the user who asks, and what is seen is kept
 * in a folder that goes with the last of their sessions that asked. What was there at first is told by managedFields: who set it, and when.
 */
export class FieldHistories {
  readonly #asked = new Set<Asked>();
  /** What is being forgotten. */
  readonly #ending = new Set<Promise<void>>();
  readonly #now: () => number;
  #sweeping: ReturnType<typeof setInterval> | undefined;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What pages ask of it. */
  get endpoints(): Endpoints {
    return { 'GET /console/field-history': (request) => this.#answer(request) };
  }

  /** Watches no more, and forgets all. */
  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    for (const one of this.#asked) this.#forget(one);
    await Promise.all(this.#ending);
  }

  /** @throws StatusError what the cluster says to who may not read the objects */
  async #answer({ client, session, query, signal }: PageRequest): Promise<JsonObject> {
    const wanted = {
      apiVersion: needed(query, 'apiVersion'),
      kind: needed(query, 'kind'),
      namespace: givenName(query, 'namespace'),
      name: givenName(query, 'name'),
    };
    await this.#checkReader(client, session, wanted, signal);
    const asked = this.#ask(client, session, wanted);
    const watched = await asked.begun;
    await Promise.race([watched.settled, sleep(LONGEST_START_MS, undefined, { signal, ref: false })]);
    if (watched.refused !== undefined) {
      this.#forget(asked);
      throw watched.refused;
    }
    if (!this.#asked.has(asked)) throw newFailure(503, 'ServiceUnavailable', 'it is watched no more: ask again');
    const { lines, wars } = this.#told(watched, wanted);
    return {
      since: new Date(watched.began).toISOString(),
      synced: watched.synced,
      lines: [...lines],
      wars: [...wars],
    };
  }

  #told(watched: Watched, { name }: Wanted): Told {
    const begin = performance.now();
    const { store, told } = watched;
    if (told !== undefined && begin < Math.max(told.until, told.untilUnlessRecorded)) return told;
    const now = this.#now();
    const lines = name === undefined ? changesOf(store) : linesOf(store, now);
    const wars = warsOf(store, now);
    const end = performance.now();
    const until = end + TOLD_FOR_WORK * (end - begin);
    return (watched.told = { lines, wars, until, untilUnlessRecorded: end + TOLD_MS });
  }

  /**
   * A watch goes on when the right to it was taken away: who may not list the objects now is not told what they were, either.
   *
   * @throws StatusError `Forbidden`
   */
  async #checkReader(client: Client, session: Session, wanted: Wanted, signal: AbortSignal): Promise<void> {
    const { apiVersion, kind, namespace, name } = wanted;
    try {
      await client.list(
        { apiVersion, kind },
        {
          ...{ limit: 1, metadataOnly: true, signal },
          ...(namespace !== undefined && { namespace }),
          ...(name !== undefined && { fieldSelector: `metadata.name=${escapeFieldValue(name)}` }),
        },
      );
    } catch (error) {
      // that a cluster does not answer for a while is the watch's matter
      if (!isStatusError(error, 'Forbidden')) return;
      const known = this.#known(session, wanted);
      if (known !== undefined) this.#forget(known);
      throw error;
    }
  }

  #known({ person }: Session, wanted: Wanted): Asked | undefined {
    const key = keyOf(person, wanted);
    return [...this.#asked].find((one) => one.key === key);
  }

  /** What is watched for the user, or begins to be. It is one, whoever asks at the same time: nothing is awaited here. */
  #ask(client: Client, session: Session, wanted: Wanted): Asked {
    const asked = this.#known(session, wanted) ?? this.#begin(client, keyOf(session.person, wanted), wanted);
    asked.time = this.#now();
    if (asked.sessions.has(session)) return asked;
    const onEnd = (): void => {
      asked.sessions.delete(session);
      if (asked.sessions.size === 0) this.#forget(asked);
    };
    asked.sessions.set(session, onEnd);
    session.ended.addEventListener('abort', onEnd, { once: true });
    return asked;
  }

  #begin(client: Client, key: string, wanted: Wanted): Asked {
    this.#makeRoom();
    const begun = watch(client, wanted, this.#now());
    const asked: Asked = { key, time: this.#now(), begun, sessions: new Map() };
    this.#asked.add(asked);
    begun.catch(() => this.#forget(asked));
    this.#sweeping ??= setInterval(() => this.#sweep(), 60_000).unref();
    return asked;
  }

  /** Forgets what was asked for longest ago. @throws StatusError `TooManyRequests` where pages look at all of them */
  #makeRoom(): void {
    if (this.#asked.size < MOST_WATCHED) return;
    const [oldest] = [...this.#asked].sort((a, b) => a.time - b.time);
    if (oldest!.time > this.#now() - IN_USE_MS)
      throw newFailure(
        429,
        'TooManyRequests',
        `${MOST_WATCHED} histories are looked at, and no more are kept: close a page`,
      );
    this.#forget(oldest!);
  }

  /** What comes of it is nobody's failure any more. */
  #forget(asked: Asked): void {
    if (!this.#asked.delete(asked)) return;
    for (const [session, onEnd] of asked.sessions) session.ended.removeEventListener('abort', onEnd);
    const ending = asked.begun.then(({ end }) => end()).catch(() => {});
    this.#ending.add(ending);
    void ending.then(() => this.#ending.delete(ending));
  }

  #sweep(): void {
    for (const one of this.#asked) if (one.time < this.#now() - FORGET_MS) this.#forget(one);
  }
}

function keyOf(person: Person, wanted: Wanted): string {
  return JSON.stringify([person, wanted]);
}

/** Begins to watch, into a folder of its own. @throws StatusError, and NoMatchError where the kind is not served */
async function watch(client: Client, { apiVersion, kind, namespace, name }: Wanted, began: number): Promise<Watched> {
  const served = await client.served({ apiVersion, kind });
  const { group, version } = parseApiVersion(served.apiVersion)!;
  const scope = {
    ...{ group, version, kind: served.kind, resource: served.resource, namespaced: served.namespaced, names: [] },
    ...(namespace !== undefined && served.namespaced && { namespace }),
    ...(name !== undefined && { fieldSelector: `metadata.name=${escapeFieldValue(name)}` }),
  };
  const dir = await mkdtemp(join(tmpdir(), 'nekube-console-history-'));
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  const store = await HistoryStore.open(dir).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const stop = new AbortController();
  let settle = (): void => {};
  const settled = new Promise<void>((resolve) => (settle = resolve));
  const refuse = (error: StatusError): void => {
    watched.refused ??= error;
    settle();
  };
  const watched: Watched = {
    ...{ store, began, settled, synced: false, refused: undefined, told: undefined },
    end: async () => {
      stop.abort();
      await ended;
      await store.close();
      await remove();
    },
  };
  const ended = watchFields(client, [scope], {
    ...{ store, signal: stop.signal, rules: RULES, keepMs: 24 * 60 * 60_000, maxBytes: KEEP_BYTES },
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
