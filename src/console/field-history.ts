import { setTimeout as sleep } from 'node:timers/promises';
import { escapeFieldValue, isStatusError, type JsonObject, newFailure } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { type Endpoints, givenName, needed, type PageRequest } from './endpoint.ts';
import type { Person, Session } from './sessions.ts';
import { toldOf, type Wanted, type Watched, watchFieldsOf } from './watched-fields.ts';

/** What nobody asks about for so long is watched no more, and forgotten. */
const FORGET_MS = 15 * 60_000;
/** So much is watched at once, for all pages. */
const MOST_WATCHED = 20;
/** Pages that look at a history ask for it more often than that. */
const IN_USE_MS = 30_000;
/** An answer waits so long for what there is when watching begins. */
const LONGEST_START_MS = 5000;

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
    const { lines, wars } = toldOf(watched, wanted, this.#now());
    return {
      since: new Date(watched.began).toISOString(),
      synced: watched.synced,
      lines: [...lines],
      wars: [...wars],
    };
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
    const begun = watchFieldsOf(client, wanted, this.#now());
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
