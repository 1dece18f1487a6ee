import {
  type JsonValue,
  type KubeObject,
  isStatusError,
  parseApiVersion,
  type Status,
  stringifyJson,
} from 'nekube/apimachinery';
import type {
  ApplyOptions,
  Client,
  ClientOptions,
  DeleteOptions,
  Impersonation,
  ListOptions,
  RequestOptions,
  Selection,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import { ConnectionError } from './errors.ts';
import { impersonationHeaders } from './impersonation.ts';
import type { Kind, ObjectKey, ObjectList, ServedKind } from './kinds.ts';
import { TruncatedLineError } from './lines.ts';
import { shapeOf } from './object-shape.ts';
import type { ApplyConfiguration, Patch } from './patches.ts';
import { collectionPath, objectPath, type Query, selectionQuery, withQuery } from './paths.ts';
import { type Ask, Requester } from './requester.ts';
import { ServedKinds } from './served-kinds.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';
import { defaultUserAgent } from './user-agent.ts';
import { watchEvents } from './watch-events.ts';

/** Parts of this size are what kubectl and client-go read lists in. */
const PAGE_SIZE = 500;

const JSON_TYPE = 'application/json';
const APPLY_TYPE = 'application/apply-patch+yaml';

/**
 * A client over any transport, which it closes with itself. Sends nothing before it is asked to.
 *
 * @throws RangeError for a rate limit that lets nothing through
 */
export function newClient(transport: Transport, options: ClientOptions = {}): Client {
  const requester = new Requester(transport, options);
  const { defaultNamespace = 'default', fieldManager, impersonate } = options;
  const identity = { userAgent: options.userAgent ?? defaultUserAgent(), impersonate };
  const discover = { method: 'GET', headers: headersOf({ userAgent: identity.userAgent, impersonate: undefined }) };
  const kinds = new ServedKinds((path) => requester.read({ ...discover, path }));
  return new ApiClient(requester, kinds, { defaultNamespace, fieldManager, ...identity });
}

/** What may differ between clients that share all else. */
interface Defaults {
  readonly defaultNamespace: string;
  readonly fieldManager: string | undefined;
  readonly userAgent: string;
  readonly impersonate: Impersonation | undefined;
}

/** What the parts of a request are, before they are headers, a query and a text. */
interface Parts extends RequestOptions {
  readonly query?: Query;
  readonly accept?: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

class ApiClient implements Client {
  readonly transport: Transport;
  readonly defaultNamespace: string;
  readonly #requester: Requester;
  readonly #kinds: ServedKinds;
  readonly #defaults: Defaults;
  readonly #headers: TransportRequest['headers'];

  constructor(requester: Requester, kinds: ServedKinds, defaults: Defaults) {
    this.transport = requester.transport;
    this.defaultNamespace = defaults.defaultNamespace;
    this.#requester = requester;
    this.#kinds = kinds;
    this.#defaults = defaults;
    this.#headers = headersOf(defaults);
  }

  async get<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    options: RequestOptions & { readonly metadataOnly?: boolean; readonly resourceVersion?: string } = {},
  ): Promise<T> {
    const shape = shapeOf(kind, options.metadataOnly);
    const query = { resourceVersion: options.resourceVersion };
    const answer = await this.#onObject(kind, key, 'GET', { ...options, query, accept: shape.acceptObject });
    // a part of an object is of a kind of its own
    return (options.metadataOnly ? shape.object(answer as T) : answer) as T;
  }

  async list<T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
    const { limit, resourceVersion, resourceVersionMatch, continue: next, metadataOnly } = options;
    const shape = shapeOf(kind, metadataOnly);
    const query = { ...selectionQuery(options), limit, continue: next, resourceVersion, resourceVersionMatch };
    const parts = { ...options, query, accept: shape.acceptList };
    return shape.list((await this.#onCollection(kind, options.namespace, 'GET', parts)) as unknown as ObjectList<T>);
  }

  async *pages<T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}): AsyncGenerator<T> {
    let page = await this.list(kind, { limit: PAGE_SIZE, ...options });
    yield* page.items;
    // what goes on must not name the revision again, which is in the token
    const { resourceVersion: _, resourceVersionMatch: __, ...rest } = options;
    while (page.metadata.continue) {
      page = await this.list(kind, { limit: PAGE_SIZE, ...rest, continue: page.metadata.continue });
      yield* page.items;
    }
  }

  async *watch<T extends KubeObject>(kind: Kind<T>, options: WatchOptions = {}): AsyncGenerator<WatchEvent<T>> {
    const shape = shapeOf(kind, options.metadataOnly);
    const served = await this.served(kind);
    const path = collectionPath(served, options.namespace);
    const parts = { signal: options.signal, query: watchQuery(options), accept: shape.acceptObject };
    const ask = this.#ask(served, 'GET', path, parts);
    const { body } = await this.#rethrowing(served, this.#requester.open(ask));
    try {
      for await (const { type, object } of watchEvents(body)) yield { type, object: shape.object(object) as T };
    } catch (e) {
      throw e instanceof TruncatedLineError ? new ConnectionError(this.transport.url, ask, e) : e;
    }
  }

  // what these three give is of the type that the interface makes of what they are given
  async create(object: KubeObject, options: WriteOptions = {}): Promise<never> {
    const served = await this.served(kindOf(object));
    if (options.subresource !== undefined)
      return (await this.createSubresource(served, keyOf(object), options.subresource, object, options)) as never;
    const path = collectionPath(served, object.metadata.namespace ?? this.defaultNamespace);
    return (await this.#read(served, 'POST', path, this.#writing(options, object))) as never;
  }

  async update(object: KubeObject, options: WriteOptions = {}): Promise<never> {
    return (await this.#onObject(kindOf(object), keyOf(object), 'PUT', this.#writing(options, object))) as never;
  }

  async apply(configuration: ApplyConfiguration, options: ApplyOptions = {}): Promise<never> {
    const object = configuration as unknown as KubeObject;
    const { query, ...parts } = this.#writing(options, object, APPLY_TYPE);
    // a manager must be named; who names none is called what the server would call him after other writes
    const fieldManager = query?.fieldManager ?? this.#defaults.userAgent.split('/', 1)[0]!;
    const applying = { ...parts, query: { ...query, fieldManager, force: options.force } };
    return (await this.#onObject(kindOf(object), keyOf(object), 'PATCH', applying)) as never;
  }

  async patch<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: Patch<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    const [type, body] = patchBody(patch);
    return (await this.#onObject(kind, key, 'PATCH', this.#writing(options, body, type))) as T;
  }

  async delete<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, options: DeleteOptions = {}): Promise<T | Status> {
    return (await this.#onObject(kind, key, 'DELETE', { ...options, body: deleteOptions(options) })) as T | Status;
  }

  async deleteAll<T extends KubeObject>(
    kind: Kind<T>,
    selection: Selection,
    options: DeleteOptions = {},
  ): Promise<void> {
    const { signal } = options;
    const parts = { signal, query: selectionQuery(selection), body: deleteOptions(options) };
    await this.#onCollection(kind, selection.namespace ?? this.defaultNamespace, 'DELETE', parts);
  }

  async createSubresource<T extends KubeObject>(
    kind: Kind,
    key: ObjectKey,
    subresource: string,
    object: T,
    options: WriteOptions = {},
  ): Promise<T> {
    const parts = { ...this.#writing(options, object), subresource };
    return (await this.#onObject(kind, key, 'POST', parts)) as T;
  }

  async served<T extends KubeObject>(kind: Kind<T>): Promise<ServedKind<T>> {
    return (await this.#kinds.find(kind)) as ServedKind<T>;
  }

  raw(request: TransportRequest): Promise<JsonValue> {
    return this.#requester.read({ ...request, headers: { ...this.#headers, ...request.headers } });
  }

  open(request: TransportRequest): Promise<TransportResponse> {
    return this.#requester.open({ ...request, headers: { ...this.#headers, ...request.headers } });
  }

  with(options: Partial<Pick<Defaults, 'impersonate' | 'fieldManager' | 'defaultNamespace'>>): Client {
    return new ApiClient(this.#requester, this.#kinds, { ...this.#defaults, ...options });
  }

  close(): Promise<void> {
    return this.transport.close();
  }

  async #onObject(kind: Kind, key: ObjectKey, method: string, parts: Parts): Promise<JsonValue> {
    const served = await this.served(kind);
    const path = objectPath(served, key, this.defaultNamespace, parts.subresource);
    return this.#read(served, method, path, parts, key.name);
  }

  async #onCollection(kind: Kind, namespace: string | undefined, method: string, parts: Parts): Promise<JsonValue> {
    const served = await this.served(kind);
    return this.#read(served, method, collectionPath(served, namespace), parts);
  }

  #read(served: ServedKind, method: string, path: string, parts: Parts, name?: string): Promise<JsonValue> {
    return this.#rethrowing(served, this.#requester.read(this.#ask(served, method, path, parts, name)));
  }

  /** A path that is not there may be one that was: the kind is looked for again the next time. */
  async #rethrowing<T>(served: ServedKind, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (e) {
      if (isStatusError(e, 'NotFound') && !e.status.details?.name) this.#kinds.forget(served.apiVersion);
      throw e;
    }
  }

  #ask(served: ServedKind, method: string, path: string, parts: Parts, name?: string): Ask {
    const { accept, body, contentType = JSON_TYPE, query = {}, signal } = parts;
    const subject = { group: parseApiVersion(served.apiVersion)?.group ?? '', resource: served.resource, name };
    const headers = {
      ...this.#headers,
      ...(accept && { accept }),
      ...(body !== undefined && { 'content-type': contentType }),
    };
    return {
      method,
      path: withQuery(path, query),
      headers,
      subject,
      ...(body !== undefined && { body: contentType === APPLY_TYPE ? yamlOf(body) : stringifyJson(body as JsonValue) }),
      ...(signal && { signal }),
    };
  }

  #writing(options: WriteOptions, body: unknown, contentType?: string): Parts {
    const { fieldManager = this.#defaults.fieldManager, fieldValidation, dryRun, signal, subresource } = options;
    const query = { fieldManager, fieldValidation, dryRun: dryRun ? 'All' : undefined };
    return { query, body, contentType, signal, subresource };
  }
}

/** JSON that YAML reads as JSON does: what YAML does not take in a text, or takes for an end of line (U+0085), is escaped. */
function yamlOf(body: unknown): string {
  // oxlint-disable-next-line no-control-regex
  return stringifyJson(body as JsonValue).replace(/[\x7f-\x9f\u2028\u2029\ufffe\uffff]/g, (one) => {
    return `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function watchQuery(options: WatchOptions): Query {
  const { resourceVersion, resourceVersionMatch, allowBookmarks, sendInitialEvents, timeoutSeconds } = options;
  return {
    ...selectionQuery(options),
    resourceVersion,
    resourceVersionMatch,
    allowWatchBookmarks: allowBookmarks,
    timeoutSeconds,
    watch: true,
    // false must be sent, too
    sendInitialEvents: sendInitialEvents === undefined ? undefined : String(sendInitialEvents),
  };
}

function headersOf({
  userAgent,
  impersonate,
}: Pick<Defaults, 'userAgent' | 'impersonate'>): TransportRequest['headers'] {
  return { accept: JSON_TYPE, 'user-agent': userAgent, ...impersonationHeaders(impersonate) };
}

/** @throws TypeError */
function kindOf({ apiVersion, kind }: KubeObject): Kind {
  if (!apiVersion || !kind) throw new TypeError('An object that is written must have apiVersion and kind');
  return { apiVersion, kind };
}

/** @throws TypeError */
function keyOf({ kind, metadata }: KubeObject): ObjectKey {
  const { name, namespace } = metadata ?? {};
  if (!name) throw new TypeError(`A ${kind} that is written must have metadata.name`);
  return { name, ...(namespace !== undefined && { namespace }) };
}

function patchBody(patch: Patch): readonly [type: string, body: unknown] {
  if ('merge' in patch) return ['application/merge-patch+json', patch.merge];
  if ('json' in patch) return ['application/json-patch+json', patch.json];
  return ['application/strategic-merge-patch+json', patch.strategic];
}

function deleteOptions({ propagationPolicy, gracePeriodSeconds, preconditions, dryRun }: DeleteOptions): unknown {
  return {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    gracePeriodSeconds,
    preconditions,
    propagationPolicy,
    ...(dryRun && { dryRun: ['All'] }),
  };
}
