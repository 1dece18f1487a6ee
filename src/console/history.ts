import {
  isStatusError,
  type JsonObject,
  type KubeObject,
  newBadRequest,
  newFailure,
  newResourceExpired,
} from 'nekube/apimachinery';
import { type Client, isNoMatchError, type Kind } from 'nekube/client';
import { type Endpoints, given } from './endpoint.ts';
import { type Moment, Moments } from './moments.ts';

/** So often is looked which revision is the newest. */
const SAMPLE_MS = 5000;
/** For so long is believed how far back the cluster's history reaches, and that there is nothing that may be listed. */
const REACH_MS = 15_000;
const REFUSED_MS = 60_000;
/**
 * Kinds whose objects tell when they were written last, of before the console began to look. Which revision is the newest
 * is told by a list of any of them: by the first that may be read.
 */
const TELLING: readonly Kind[] = [
  { apiVersion: 'v1', kind: 'Namespace' },
  { apiVersion: 'v1', kind: 'Event' },
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'v1', kind: 'Pod' },
];

/** Who lists what, to learn of revisions. */
interface Reader {
  readonly client: Client;
  readonly kind: Kind;
}

/**
 * Which states of the cluster can still be read, and when they were. The API has no clock for revisions: the console
 * looks now and then, and what was before it began is told by the objects that were written then. Where the console's user
 * may list nothing that tells, it is looked as the one who asks, when they ask.
 */
export class ClusterHistory {
  readonly #client: Client;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  readonly #moments = new Moments();
  /** What the console's user may list, as far as that is known. */
  #reader: Reader | undefined;
  #refusedUntil = 0;
  #earlier: Promise<void> | undefined;
  /** The oldest revision that can be read, and until when that is believed. */
  #oldest = { revision: 1, until: 0 };

  /** @param now milliseconds since 1970 */
  constructor(client: Client, now: () => number) {
    this.#client = client;
    this.#now = now;
  }

  /** Begins to look. */
  start(): void {
    const look = (): void => void (this.#now() >= this.#refusedUntil && this.#sample().catch(() => {}));
    const timer = setInterval(look, SAMPLE_MS).unref();
    this.#stop.signal.addEventListener('abort', () => clearInterval(timer));
    look();
  }

  /** Looks no more. */
  close(): void {
    this.#stop.abort();
  }

  /** What pages ask of it. */
  get endpoints(): Endpoints {
    return {
      'GET /console/history': async ({ query, client, signal }) => {
        try {
          return await this.#answer(given(query, 'at'), client, signal);
        } catch (error) {
          if (!isStatusError(error, 'Forbidden')) throw error;
          if (query.has('at')) throw newFailure(403, 'Forbidden', NO_TIMES);
          return { moments: [], reason: NO_TIMES };
        }
      },
    };
  }

  async #answer(at: string | undefined, asker: Client, signal: AbortSignal): Promise<JsonObject> {
    const time = at === undefined ? undefined : Date.parse(at);
    if (Number.isNaN(time)) throw newBadRequest('at must be a time, as in 2026-01-02T03:04:05Z');
    const { moment: seen, reader } = await this.#sample(asker);
    await (this.#earlier ??= this.#readEarlier(reader.client));
    const oldest = await this.#oldestRevision(seen.revision, reader, signal);
    this.#moments.forgetBefore(oldest);
    const moments = this.#moments.all;
    const first = { revision: oldest, time: moments[0]!.time };
    // another look may have seen more meanwhile; and what was the newest before is it still
    const last = moments.at(-1)!;
    const newest = { revision: last.revision, time: Math.max(last.time, seen.time) };
    if (time === undefined)
      return { oldest: momentData(first), newest: momentData(newest), moments: moments.map(momentData) };
    const found = this.#moments.at(time);
    if (found !== undefined) return momentData(found);
    throw newResourceExpired(`nothing is known of before ${new Date(first.time).toISOString()}`);
  }

  /** A list that is consistent is of the newest revision, also if it has one object. @throws StatusError `Forbidden` */
  async #sample(asker?: Client): Promise<{ readonly moment: Moment; readonly reader: Reader }> {
    const time = this.#now();
    const before = this.#newestRevision;
    const { revision, reader } = await this.#newest(asker);
    const moment = { revision, time };
    if (revision < before) {
      this.#oldest = { revision: 1, until: 0 };
      this.#earlier = undefined;
    }
    // what another look saw meanwhile is newer, which does not say that the cluster began anew
    else if (revision < this.#newestRevision) return { moment, reader };
    this.#moments.add(moment);
    return { moment, reader };
  }

  get #newestRevision(): number {
    return this.#moments.all.at(-1)?.revision ?? 0;
  }

  /** @throws StatusError `Forbidden`: nobody may list anything that tells */
  async #newest(asker: Client | undefined): Promise<{ readonly revision: number; readonly reader: Reader }> {
    const own = TELLING.map((kind) => ({ client: this.#client, kind }));
    const theirs = asker === undefined ? [] : TELLING.map((kind) => ({ client: asker, kind }));
    const known = this.#reader === undefined ? [] : [this.#reader];
    const mayOwn = this.#now() >= this.#refusedUntil;
    let refusal: unknown;
    for (const reader of [...known, ...(mayOwn ? own : []), ...theirs])
      try {
        const { metadata } = await reader.client.list(reader.kind, { ...ONE, signal: this.#stop.signal });
        if (reader.client === this.#client) this.#reader = reader;
        else if (mayOwn) this.#refusedUntil = this.#now() + REFUSED_MS;
        return { revision: Number(metadata.resourceVersion), reader };
      } catch (error) {
        if (!isStatusError(error, 'Forbidden') && !isStatusError(error, 'NotFound') && !isNoMatchError(error))
          throw error;
        if (isStatusError(error, 'Forbidden')) refusal ??= error;
      }
    this.#reader = undefined;
    this.#refusedUntil = this.#now() + REFUSED_MS;
    throw refusal ?? newFailure(403, 'Forbidden', NO_TIMES);
  }

  async #readEarlier(client: Client): Promise<void> {
    const lists = TELLING.map(async (kind) => {
      const { items } = await client.list<KubeObject>(kind, {
        limit: 500,
        metadataOnly: true,
        signal: this.#stop.signal,
      });
      return items.flatMap(lastWrite);
    });
    const found = await Promise.allSettled(lists);
    this.#moments.addEarlier(found.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])));
  }

  /** What the cluster has forgotten it does not remember again, so that is looked for from there on. */
  async #oldestRevision(newest: number, reader: Reader, signal: AbortSignal): Promise<number> {
    const { revision, until } = this.#oldest;
    if (this.#now() < until) return revision;
    const found = await firstThat((one) => canRead(one, reader, signal), revision, newest);
    this.#oldest = { revision: found, until: this.#now() + REACH_MS };
    return found;
  }
}

const ONE = { limit: 1, metadataOnly: true } as const;
const NO_TIMES =
  'When states of the cluster were is not known: neither the user of the console nor you may list namespaces, events, leases, ' +
  'deployments or pods in all namespaces. A revision can be shown all the same, by its number';

async function canRead(revision: number, { client, kind }: Reader, signal: AbortSignal): Promise<boolean> {
  try {
    const exact = { resourceVersion: String(revision), resourceVersionMatch: 'Exact' } as const;
    await client.list(kind, { ...ONE, ...exact, signal });
    return true;
  } catch (error) {
    if (isStatusError(error, 'Expired') || isStatusError(error, 'Gone')) return false;
    throw error;
  }
}

/** The first number for which it is so, if it is so for all after that, and for the last. */
async function firstThat(isSo: (number: number) => Promise<boolean>, first: number, last: number): Promise<number> {
  if (await isSo(first)) return first;
  let [no, yes] = [first, last];
  while (yes - no > 1) {
    const middle = no + Math.floor((yes - no) / 2);
    if (await isSo(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

/** When the revision of an object was written, in whole seconds: the newest time that it has of a write. */
function lastWrite({ metadata }: KubeObject): Moment[] {
  const { resourceVersion, creationTimestamp, managedFields = [] } = metadata;
  const times = [creationTimestamp, ...managedFields.map(({ time }) => time)].flatMap((time) =>
    typeof time === 'string' ? [Date.parse(time)] : [],
  );
  const revision = Number(resourceVersion);
  return times.length > 0 && Number.isSafeInteger(revision) ? [{ revision, time: Math.max(...times) }] : [];
}

function momentData({ revision, time }: Moment): JsonObject {
  return { revision: String(revision), time: new Date(time).toISOString() };
}
