import { RESOURCE_TYPES } from '../resources/resource-types.ts';
import type { ResourceKey } from '../resources/snapshot.ts';
import { AdsClient, type AdsClientOptions, type Received, type ReceivedResource } from './ads-client.ts';
import { referencesOf } from './references.ts';

/** The resources that a server gives, by the URL of their type and by name. */
export type Collected = ReadonlyMap<string, ReadonlyMap<string, ReceivedResource>>;

/** How to collect. */
export interface CollectOptions extends AdsClientOptions {
  /** Names to ask for beside those that come up. */
  readonly names?: readonly ResourceKey[];
  /** So long without a response is taken for all there is. A server that answers all that is asked is not waited for. */
  readonly quietMs: number;
  readonly signal: AbortSignal;
}

/** What is heard of a server, and what is known by then. */
export type Heard = (received: Received, all: Collected) => void;

/** Follows what a server gives to an Envoy: all clusters and listeners, and what they come to ask for. Ends with the signal. */
export async function follow(options: Omit<CollectOptions, 'quietMs'>, heard: Heard): Promise<void> {
  const client = new AdsClient(options);
  try {
    await client.open();
    const collecting = new Collecting(client, options.names ?? []);
    await ended(client, options.signal, (received) => {
      collecting.take(received);
      heard(received, collecting.all);
    });
  } finally {
    client.close();
  }
}

/** All that a server gives to an Envoy now. @throws GrpcError, or the reason of the signal */
export async function collect(options: CollectOptions): Promise<Collected> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const client = new AdsClient(options);
  try {
    await client.open();
    const collecting = new Collecting(client, options.names ?? []);
    let quiet = setTimeout(() => stop.abort(), options.quietMs);
    await ended(client, signal, (received) => {
      collecting.take(received);
      clearTimeout(quiet);
      if (collecting.isWhole) stop.abort();
      else quiet = setTimeout(() => stop.abort(), options.quietMs);
    }).finally(() => clearTimeout(quiet));
    options.signal.throwIfAborted();
    return collecting.all;
  } finally {
    client.close();
  }
}

function ended(client: AdsClient, signal: AbortSignal, take: (received: Received) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve();
    signal.addEventListener('abort', stop, { once: true });
    client.on('response', take);
    client.on('error', reject);
    client.on('end', () => reject(new Error('the server has ended the stream')));
    if (signal.aborted) stop();
  });
}

/** Asks as an Envoy does: for what it comes to need. */
class Collecting {
  readonly all = new Map<string, Map<string, ReceivedResource>>();
  readonly #client: AdsClient;
  /** What is not answered yet: types, and types with names. */
  readonly #open = new Set<string>();
  readonly #asked = new Set<string>();

  constructor(client: AdsClient, names: readonly ResourceKey[]) {
    this.#client = client;
    for (const { url, isWhole, name } of RESOURCE_TYPES) {
      if (!isWhole || name === 'scoped-route') continue;
      this.#open.add(url);
      client.subscribe(url, 'all');
    }
    for (const { type, name } of names) this.#ask(type, [name]);
  }

  /** All that was asked for was answered. */
  get isWhole(): boolean {
    return this.#open.size === 0;
  }

  take({ type, resources, removed }: Received): void {
    const named = this.all.get(type) ?? new Map<string, ReceivedResource>();
    this.all.set(type, named);
    this.#open.delete(type);
    for (const name of removed) {
      named.delete(name);
      this.#open.delete(`${type} ${name}`);
    }
    const wanted = new Map<string, Set<string>>();
    for (const resource of resources) {
      named.set(resource.name, resource);
      this.#open.delete(`${type} ${resource.name}`);
      for (const key of referencesOf(resource.message))
        wanted.set(key.type, (wanted.get(key.type) ?? new Set()).add(key.name));
    }
    for (const [url, names] of wanted) this.#ask(url, [...names]);
  }

  #ask(type: string, names: readonly string[]): void {
    const news = names.filter((name) => !this.#asked.has(`${type} ${name}`));
    if (news.length === 0) return;
    for (const name of news) {
      this.#asked.add(`${type} ${name}`);
      this.#open.add(`${type} ${name}`);
    }
    this.#client.subscribe(type, news);
  }
}
