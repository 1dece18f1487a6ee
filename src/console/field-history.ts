import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isStatusError, type JsonObject, parseApiVersion, type StatusError } from 'nekube/apimachinery';
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
import { failure } from './answers.ts';
import { type Endpoints, givenName, needed, type PageRequest } from './endpoint.ts';

/** A war is what brings a value back so often within so long. */
const RULES = { windowMs: 60 * 60_000, returns: 2 };
/** What nobody asks about for so long is watched no more, and forgotten. */
const FORGET_MS = 15 * 60_000;
/** So much is watched at once, for all pages. */
const MOST_WATCHED = 20;
/** So many lines an answer has, the newest. */
const MOST_LINES = 500;
/** An answer waits so long for what there is when watching begins. */
const LONGEST_START_MS = 5000;
const KEEP_BYTES = 64 * 1024 * 1024;

/** What is watched for somebody. */
interface Watched {
  readonly store: HistoryStore;
  readonly dir: string;
  readonly began: number;
  readonly stop: AbortController;
  readonly ended: Promise<unknown>;
  /** What there was is recorded, or it was refused. */
  readonly settled: Promise<void>;
  synced: boolean;
  refused: StatusError | undefined;
  asked: number;
}

/**
 * The history of fields from when a page asks for it on: objects are watched as the user who asks, and what is seen is kept
 * in a folder that goes with the console. What was there at first is told by managedFields: who set it, and when.
 */
export class FieldHistories {
  readonly #watched = new Map<string, Promise<Watched>>();
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
    await Promise.all([...this.#watched.keys()].map((key) => this.#forget(key)));
  }

  /** @throws StatusError what the cluster says to who may not read the objects */
  async #answer({ client, session, query, signal }: PageRequest): Promise<JsonObject> {
    const kind = { apiVersion: needed(query, 'apiVersion'), kind: needed(query, 'kind') };
    const [namespace, name] = [givenName(query, 'namespace'), givenName(query, 'name')];
    const key = JSON.stringify([session.person, kind, namespace, name]);
    let begun = this.#watched.get(key);
    if (begun === undefined) {
      if (this.#watched.size >= MOST_WATCHED) await this.#forgetOldest();
      begun = this.#begin(client, { ...kind, namespace, name });
      this.#watched.set(key, begun);
      begun.catch(() => this.#watched.delete(key));
      session.ended.addEventListener('abort', () => void this.#forget(key), { once: true });
      this.#sweeping ??= setInterval(() => void this.#sweep(), 60_000).unref();
    }
    const watched = await begun;
    watched.asked = this.#now();
    await Promise.race([watched.settled, sleep(LONGEST_START_MS, undefined, { signal, ref: false })]);
    if (watched.refused !== undefined) {
      await this.#forget(key);
      throw watched.refused;
    }
    return {
      since: new Date(watched.began).toISOString(),
      synced: watched.synced,
      lines: name === undefined ? changesOf(watched.store) : linesOf(watched.store, this.#now()),
      wars: warsOf(watched.store, this.#now()),
    };
  }

  async #begin(
    client: Client,
    asked: {
      readonly apiVersion: string;
      readonly kind: string;
      readonly namespace: string | undefined;
      readonly name: string | undefined;
    },
  ): Promise<Watched> {
    const { apiVersion, kind, resource, namespaced } = await client.served(asked);
    const { group, version } = parseApiVersion(apiVersion)!;
    const { namespace, name } = asked;
    const scope = {
      ...{ group, version, kind, resource, namespaced, names: [] },
      ...(namespace !== undefined && namespaced && { namespace }),
      ...(name !== undefined && { fieldSelector: `metadata.name=${name}` }),
    };
    const dir = await mkdtemp(join(tmpdir(), 'nekube-console-history-'));
    const store = await HistoryStore.open(dir);
    const [stop, now] = [new AbortController(), this.#now()];
    let settle = (): void => {};
    const settled = new Promise<void>((resolve) => (settle = resolve));
    const watched: Watched = {
      ...{ store, dir, began: now, stop, synced: false, refused: undefined, asked: now },
      ended: Promise.resolve(),
      settled,
    };
    const ended = watchFields(client, [scope], {
      ...{ store, signal: stop.signal, rules: RULES, keepMs: 24 * 60 * 60_000, maxBytes: KEEP_BYTES },
      onSynced: () => {
        watched.synced = true;
        settle();
      },
      onError: (error, wasWatched) => {
        // who may not read them now will hardly be asked by the watch
        if (wasWatched || !isStatusError(error, 'Forbidden')) return;
        watched.refused = error;
        settle();
      },
    }).catch((error: unknown) => {
      watched.refused ??= failure(500, 'InternalError', `the history cannot be kept: ${(error as Error).message}`);
      settle();
    });
    return Object.assign(watched, { ended });
  }

  async #forget(key: string): Promise<void> {
    const begun = this.#watched.get(key);
    this.#watched.delete(key);
    const watched = await begun?.catch(() => undefined);
    if (watched === undefined) return;
    watched.stop.abort();
    await watched.ended;
    await watched.store.close();
    await rm(watched.dir, { recursive: true, force: true });
  }

  async #forgetOldest(): Promise<void> {
    const all = await Promise.all([...this.#watched].map(async ([key, begun]) => [key, (await begun).asked] as const));
    const [oldest] = all.sort((a, b) => a[1] - b[1]);
    if (oldest !== undefined) await this.#forget(oldest[0]);
  }

  async #sweep(): Promise<void> {
    for (const [key, begun] of this.#watched) {
      const watched = await begun.catch(() => undefined);
      if (watched !== undefined && watched.asked < this.#now() - FORGET_MS) await this.#forget(key);
    }
  }
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
