import { isStatusError, type JsonObject, type KubeObject, newResourceExpired } from 'nekube/apimachinery';
import type { Client, Kind } from 'nekube/client';
import { failure } from './answers.ts';
import { type Endpoints, given } from './endpoint.ts';
import { type Moment, Moments } from './moments.ts';

/** So often is looked which revision is the newest. */
const SAMPLE_MS = 5000;
/** For so long is believed how far back the cluster's history reaches. */
const REACH_MS = 15_000;
const NAMESPACES = { apiVersion: 'v1', kind: 'Namespace' };
/** Kinds whose objects tell when they were written last, of before the console began to look. */
const TELLING: readonly Kind[] = [
  NAMESPACES,
  { apiVersion: 'v1', kind: 'Event' },
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'v1', kind: 'Pod' },
];

/**
 * Which states of the cluster can still be read, and when they were. The API has no clock for revisions: the console
 * looks now and then, and what was before it began is told by the objects that were written then.
 */
export class ClusterHistory {
  readonly #client: Client;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  readonly #moments = new Moments();
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
    const timer = setInterval(() => void this.#sample().catch(() => {}), SAMPLE_MS).unref();
    this.#stop.signal.addEventListener('abort', () => clearInterval(timer));
    void this.#sample().catch(() => {});
  }

  /** Looks no more. */
  close(): void {
    this.#stop.abort();
  }

  /** What pages ask of it. */
  get endpoints(): Endpoints {
    return { 'GET /console/history': ({ query, signal }) => this.#answer(given(query, 'at'), signal) };
  }

  async #answer(at: string | undefined, signal: AbortSignal): Promise<JsonObject> {
    const newest = await this.#sample();
    await (this.#earlier ??= this.#readEarlier());
    const oldest = await this.#oldestRevision(newest.revision, signal);
    this.#moments.forgetBefore(oldest);
    const moments = this.#moments.all;
    const first = { revision: oldest, time: moments[0]!.time };
    if (at === undefined)
      return { oldest: momentData(first), newest: momentData(newest), moments: moments.map(momentData) };
    const time = Date.parse(at);
    if (Number.isNaN(time)) throw failure(400, 'BadRequest', 'at must be a time, as in 2026-01-02T03:04:05Z');
    const found = this.#moments.at(time);
    if (found !== undefined) return momentData(found);
    throw newResourceExpired(`nothing is known of before ${new Date(first.time).toISOString()}`);
  }

  /** A list that is consistent is of the newest revision, also if it has one object. */
  async #sample(): Promise<Moment> {
    const time = this.#now();
    const { metadata } = await this.#client.list(NAMESPACES, {
      limit: 1,
      metadataOnly: true,
      signal: this.#stop.signal,
    });
    const moment = { revision: Number(metadata.resourceVersion), time };
    if (moment.revision < (this.#moments.all.at(-1)?.revision ?? 0)) {
      this.#oldest = { revision: 1, until: 0 };
      this.#earlier = undefined;
    }
    this.#moments.add(moment);
    return moment;
  }

  async #readEarlier(): Promise<void> {
    const lists = TELLING.map(async (kind) => {
      const { items } = await this.#client.list<KubeObject>(kind, {
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
  async #oldestRevision(newest: number, signal: AbortSignal): Promise<number> {
    const { revision, until } = this.#oldest;
    if (this.#now() < until) return revision;
    const found = await firstThat((one) => this.#canRead(one, signal), revision, newest);
    this.#oldest = { revision: found, until: this.#now() + REACH_MS };
    return found;
  }

  async #canRead(revision: number, signal: AbortSignal): Promise<boolean> {
    try {
      const options = { limit: 1, metadataOnly: true, signal } as const;
      const exact = { resourceVersion: String(revision), resourceVersionMatch: 'Exact' } as const;
      await this.#client.list(NAMESPACES, { ...options, ...exact });
      return true;
    } catch (error) {
      if (isStatusError(error, 'Expired') || isStatusError(error, 'Gone')) return false;
      throw error;
    }
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
