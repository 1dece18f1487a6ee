import { type KubeObject, newFailure, newResourceExpired } from 'nekube/apimachinery';
import type { Client, ListOptions, WatchEvent, WatchOptions } from '../client.ts';
import { type Clock, sleep } from '../clock.ts';
import type { ObjectList } from '../kinds.ts';
import { copyOf, ModelWatch } from './model-watch.ts';

/** The kind of all objects of a model. */
export const MODEL_KIND = { apiVersion: 'v1', kind: 'ConfigMap' } as const;

/** Something that happened. */
interface Change {
  readonly revision: number;
  readonly event: WatchEvent;
}

/**
 * A server of one kind in a few lines: revisions, a history that is compacted, lists in parts, watches, streams. And its
 * faults: it refuses, forgets, breaks off, is cut off, repeats itself, and comes back older than it was.
 */
export class ModelServer {
  readonly #clock: Clock;
  #objects = new Map<string, KubeObject>();
  #history: Change[] = [];
  /** All objects at each revision that is not compacted. */
  readonly #states = new Map<number, ReadonlyMap<string, KubeObject>>([[1, new Map()]]);
  #revision = 1;
  #compacted = 0;
  #isReachable = true;
  readonly #watches = new Set<ModelWatch>();
  /** Thrown, one by one, by the requests that come next. */
  readonly failures: Error[] = [];
  /** The requests so far: `LIST` or `WATCH`, and their options. */
  readonly requests: {
    readonly verb: string;
    readonly options: ListOptions & Omit<WatchOptions, 'resourceVersionMatch'>;
  }[] = [];
  /** Whether it knows how to stream what there is. */
  streams = true;
  /** So many events before the one to resume at are told again. */
  repeats = 0;
  /** Lists in parts of so many. */
  longestPage = Number.POSITIVE_INFINITY;
  /** Whether it takes revisions that it has not come to. */
  takesAnyRevision = false;
  /** Answers so late, and takes as long between what there is and the end of that in a stream. */
  latencyMs = 0;
  /** Lists from its cache are so many revisions old. */
  lag = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What reads the model. Only lists and watches are there. */
  get client(): Client {
    const client: Partial<Client> = {
      defaultNamespace: 'default',
      list: (_, options) => this.#list(options ?? {}) as Promise<ObjectList<never>>,
      watch: (_, options) => this.#watch(options ?? {}) as AsyncIterable<never>,
    };
    return client as Client;
  }

  get revision(): number {
    return this.#revision;
  }

  /** The revision of every object, by `namespace/name`. */
  get versions(): Record<string, string> {
    const entries = [...this.#objects].map(([key, { metadata }]) => [key, metadata.resourceVersion!] as const);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Creates or changes an object. */
  put(key: string, data: Record<string, string> = {}): void {
    const [namespace = '', name = ''] = key.split('/');
    const uid = this.#objects.get(key)?.metadata.uid ?? `${name}-${this.#revision + 1}`;
    const type = this.#objects.has(key) ? 'MODIFIED' : 'ADDED';
    const object = { ...MODEL_KIND, metadata: { namespace, name, uid, resourceVersion: `${++this.#revision}` }, data };
    this.#objects.set(key, object);
    this.#tell({ type, object });
  }

  /** Deletes an object, if it is there. */
  delete(key: string): void {
    const last = this.#objects.get(key);
    if (last === undefined) return;
    this.#objects.delete(key);
    const metadata = { ...last.metadata, resourceVersion: `${++this.#revision}` };
    this.#tell({ type: 'DELETED', object: { ...last, metadata } });
  }

  /** Tells all watches how far it has come. */
  bookmark(): void {
    for (const watch of this.#watches) if (watch.takesBookmarks) watch.push(this.#bookmark({}));
  }

  /** Sends all watches something that did not happen. */
  inject(event: WatchEvent): void {
    for (const watch of this.#watches) watch.push(event);
  }

  /** Forgets what happened up to now; watches that run go on. */
  compact(): void {
    this.#compacted = this.#revision;
    this.#history = [];
    this.#states.clear();
    this.#states.set(this.#revision, new Map(this.#objects));
  }

  /** Ends all watches: as it should be, or by an error, also those that are cut off. */
  endWatches(error?: Error): void {
    for (const watch of [...this.#watches]) {
      if (error !== undefined) watch.isDead = false;
      watch.end(error);
    }
  }

  /** Cuts the server off: watches are silent and do not end, requests fail. Or joins it again: dead watches stay dead. */
  partition(isCut: boolean): void {
    this.#isReachable = !isCut;
    if (isCut) for (const watch of this.#watches) watch.isDead = true;
  }

  /** What can be restored. */
  snapshot(): () => void {
    const objects = new Map(this.#objects);
    const revision = this.#revision;
    return () => {
      this.#objects = new Map(objects);
      this.#revision = revision;
      this.compact();
      this.endWatches();
    };
  }

  /** How many watches it serves. */
  get watching(): number {
    return this.#watches.size;
  }

  #tell(event: WatchEvent): void {
    this.#states.set(this.#revision, new Map(this.#objects));
    this.#history.push({ revision: this.#revision, event });
    for (const watch of this.#watches) watch.push(event);
  }

  async #begin(verb: string, options: ListOptions & Omit<WatchOptions, 'resourceVersionMatch'>): Promise<void> {
    this.requests.push({ verb, options });
    options.signal?.throwIfAborted();
    if (this.latencyMs > 0) await sleep(this.latencyMs, this.#clock, options.signal);
    if (!this.#isReachable) throw new Error('connect ECONNREFUSED');
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    if (!this.takesAnyRevision && Number(options.resourceVersion ?? 0) > this.#revision)
      throw tooLarge(options.resourceVersion!, this.#revision);
  }

  async #list(options: ListOptions): Promise<ObjectList> {
    await this.#begin('LIST', options);
    const newest = options.resourceVersion === '0' ? this.#revision - this.lag : this.#revision;
    const [at, from] = options.continue?.split(':').map(Number) ?? [Math.max(newest, this.#compacted), 0];
    if (!this.#states.has(at!)) throw newResourceExpired('The provided continue parameter is too old');
    const all = [...this.#states.get(at!)!].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    const limit = Math.min(options.limit ?? Number.POSITIVE_INFINITY, this.longestPage);
    const isWhole = options.limit === undefined || from! + limit >= all.length;
    const items = (isWhole ? all.slice(from) : all.slice(from, from! + limit)).map(copyOf);
    const metadata = { resourceVersion: `${at}`, ...(!isWhole && { continue: `${at}:${from! + limit}` }) };
    return { apiVersion: 'v1', kind: 'ConfigMapList', metadata, items };
  }

  async *#watch(options: WatchOptions): AsyncGenerator<WatchEvent> {
    await this.#begin('WATCH', options);
    if (options.sendInitialEvents && !this.streams) throw newFailure(422, 'Invalid', 'sendInitialEvents is forbidden');
    const after = Number(options.resourceVersion ?? 0);
    const isWhole = options.sendInitialEvents || after === 0;
    if (!isWhole && after < this.#compacted) throw newResourceExpired(`too old resource version: ${after}`);
    const watch = new ModelWatch(options, this.#clock, () => this.#watches.delete(watch));
    if (isWhole) for (const object of this.#objects.values()) watch.push({ type: 'ADDED', object });
    const endInitial = (): void => watch.push(this.#bookmark({ 'k8s.io/initial-events-end': 'true' }));
    if (options.sendInitialEvents && this.latencyMs > 0) this.#clock.after(this.latencyMs, endInitial);
    else if (options.sendInitialEvents) endInitial();
    const resumed = this.#history.filter(({ revision }) => revision > after - this.repeats);
    if (!isWhole) for (const { event } of resumed) watch.push(event);
    this.#watches.add(watch);
    yield* watch.events();
  }

  #bookmark(annotations: Record<string, string>): WatchEvent {
    const object = { ...MODEL_KIND, metadata: { resourceVersion: `${this.#revision}`, annotations } };
    return { type: 'BOOKMARK', object };
  }
}

function tooLarge(asked: string, current: number): Error {
  return newFailure(504, 'Timeout', `Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}
