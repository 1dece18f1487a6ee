import type { Resource } from '../resources/resource.ts';
import { CLUSTER_URL, ENDPOINT_URL, RESOURCE_TYPES } from '../resources/resource-types.ts';
import type { Request } from '../server/request.ts';
import type { Response } from '../server/response.ts';
import type { Protocol } from '../server/session.ts';

const urlOf = (name: string): string => RESOURCE_TYPES.find((type) => type.name === name)!.url;
/** Of listeners. */
export const LISTENER_URL: string = urlOf('listener');
/** Of routes. */
export const ROUTE_URL: string = urlOf('route');

/** How a client behaves. */
export interface ModelClientOptions {
  readonly protocol: Protocol;
  /** What it says of a resource that it does not like; undefined when it does. */
  readonly complaint: (resource: Resource) => string | undefined;
  /** A cluster of this name may be missing: it was refused. */
  readonly mayMiss: (cluster: string) => boolean;
}

/**
 * An Envoy as far as the protocol goes: it asks for endpoints of its clusters and routes of its listeners, answers a response
 * after it was handled, rejects all of one of which it does not like a part, and accepts clusters when their endpoints have
 * come. It throws when something refers to a cluster that it does not have.
 */
export class ModelClient {
  readonly #options: ModelClientOptions;
  /** What it has, by type and name. */
  readonly resources: ReadonlyMap<string, Map<string, Resource>> = new Map(
    [CLUSTER_URL, ENDPOINT_URL, LISTENER_URL, ROUTE_URL].map((url) => [url, new Map()]),
  );
  /** Responses that came and are not handled. */
  readonly inbox: Response[] = [];
  /** Requests that are not delivered yet. */
  readonly outbox: Request[] = [];
  /** Resources that came, of this connection. */
  received = 0;
  readonly #versions = new Map<string, string>();
  readonly #nonces = new Map<string, string>();
  readonly #asked = new Map<string, Set<string>>();
  /** Clusters that wait for the endpoints of this name. */
  readonly #warming = new Set<string>();
  #clustersToAck: string | undefined;

  constructor(options: ModelClientOptions) {
    this.#options = options;
  }

  /** Begins a stream, with what it has. */
  connect(): void {
    this.inbox.length = 0;
    this.outbox.length = 0;
    this.#nonces.clear();
    this.#asked.clear();
    this.#clustersToAck = undefined;
    this.received = 0;
    for (const url of [CLUSTER_URL, LISTENER_URL]) this.#begin(url);
    for (const url of [ENDPOINT_URL, ROUTE_URL]) if (this.#wanted(url).size > 0) this.#begin(url);
  }

  /** Loses all that it has. */
  restart(): void {
    for (const named of this.resources.values()) named.clear();
    this.#versions.clear();
    this.#warming.clear();
    this.connect();
  }

  /** Nothing is to be done. */
  get isQuiet(): boolean {
    return this.inbox.length === 0 && this.outbox.length === 0;
  }

  get isWarming(): boolean {
    return this.#warming.size > 0;
  }

  /** Handles the response that came first. */
  handle(): void {
    const response = this.inbox.shift();
    if (response === undefined) return;
    this.#nonces.set(response.type, response.nonce);
    this.received += response.resources.length;
    const complaints = response.resources.map((one) => this.#options.complaint(one)).filter((one) => one !== undefined);
    if (complaints.length > 0) return this.#say(response.type, { error: complaints.join(', ') });
    this.#versions.set(response.type, response.version);
    this.#take(response);
    if (response.type === CLUSTER_URL && this.#warming.size > 0) {
      this.#clustersToAck = response.nonce;
      return this.#ask();
    }
    this.#ask();
    this.#say(response.type, {});
    if (this.#clustersToAck !== undefined && this.#warming.size === 0) {
      this.#clustersToAck = undefined;
      this.#say(CLUSTER_URL, {});
    }
  }

  #take({ type, resources, removed }: Response): void {
    const named = this.resources.get(type)!;
    const isWhole = type === CLUSTER_URL || type === LISTENER_URL;
    const names = new Set(resources.map(({ name }) => name));
    const gone =
      this.#options.protocol === 'world' && isWhole ? [...named.keys()].filter((one) => !names.has(one)) : removed;
    for (const name of gone) named.delete(name);
    for (const resource of resources) {
      const isNew = named.get(resource.name)?.version !== resource.version;
      named.set(resource.name, resource);
      if (type === ENDPOINT_URL) this.#warming.delete(resource.name);
      if (isNew && resource.endpointsName !== undefined) this.#warming.add(resource.endpointsName);
    }
    if (type === ENDPOINT_URL) for (const name of removed) this.#warming.delete(name);
    const asked = this.#wanted(ENDPOINT_URL);
    for (const name of this.#warming) if (!asked.has(name)) this.#warming.delete(name);
    this.#checkReferences();
  }

  #checkReferences(): void {
    const clusters = this.resources.get(CLUSTER_URL)!;
    for (const route of this.resources.get(ROUTE_URL)!.values())
      for (const [, name] of JSON.stringify(route.message).matchAll(/"cluster":"([^"]+)"/g))
        if (!clusters.has(name!) && !this.#options.mayMiss(name!))
          throw new Error(`${route.name} refers to ${name}, which it does not have`);
  }

  /** Asks for what it has come to need, and no more for what it does not. */
  #ask(): void {
    for (const url of [ENDPOINT_URL, ROUTE_URL]) {
      const wanted = this.#wanted(url);
      const asked = this.#asked.get(url);
      const kept = this.resources.get(url)!;
      for (const name of kept.keys()) if (!wanted.has(name)) kept.delete(name);
      if (asked === undefined) {
        if (wanted.size > 0) this.#begin(url);
        continue;
      }
      const subscribe = [...wanted].filter((name) => !asked.has(name));
      const unsubscribe = [...asked].filter((name) => !wanted.has(name));
      this.#asked.set(url, wanted);
      if (subscribe.length > 0 || unsubscribe.length > 0) this.#say(url, { subscribe, unsubscribe, isAnswer: false });
    }
  }

  #wanted(url: string): Set<string> {
    if (url === ENDPOINT_URL) {
      const clusters = [...this.resources.get(CLUSTER_URL)!.values()];
      return new Set(clusters.map(({ endpointsName }) => endpointsName).filter((name) => name !== undefined));
    }
    const listeners = [...this.resources.get(LISTENER_URL)!.values()];
    return new Set(
      listeners.flatMap(({ message }) =>
        [...JSON.stringify(message).matchAll(/"route_config_name":"([^"]+)"/g)].map(([, name]) => name!),
      ),
    );
  }

  #begin(url: string): void {
    const names = url === CLUSTER_URL || url === LISTENER_URL ? [] : [...this.#wanted(url)];
    this.#asked.set(url, new Set(names));
    const initial = Object.fromEntries([...this.resources.get(url)!].map(([name, { version }]) => [name, version]));
    const wants =
      this.#options.protocol === 'world'
        ? { names, version: this.#versions.get(url) ?? '' }
        : { subscribe: names, unsubscribe: [], initial };
    this.outbox.push({ type: url, node: { id: 'model' }, nonce: '', error: undefined, wants });
  }

  #say(url: string, { error, subscribe = [], unsubscribe = [], isAnswer = true }: Saying): void {
    const isWorld = this.#options.protocol === 'world';
    const names = [...this.#asked.get(url)!];
    const wants = isWorld ? { names, version: this.#versions.get(url) ?? '' } : { subscribe, unsubscribe, initial: {} };
    const nonce = isAnswer || isWorld ? (this.#nonces.get(url) ?? '') : '';
    this.outbox.push({ type: url, node: undefined, nonce, error, wants });
  }
}

interface Saying {
  readonly error?: string;
  readonly subscribe?: readonly string[];
  readonly unsubscribe?: readonly string[];
  readonly isAnswer?: boolean;
}
