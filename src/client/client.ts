import type { JsonValue, KubeObject, Status } from 'nekube/apimachinery';
import type { Clock } from './clock.ts';
import type { Kind, ObjectKey, ObjectList, ServedKind } from './kinds.ts';
import type { AppliedKnown, AppliedObject, KnownObject, WrittenKnown, WrittenObject } from './known-objects.ts';
import type { Patch } from './patches.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

/** What every request may be told. */
export interface RequestOptions {
  /** Gives the request up. */
  readonly signal?: AbortSignal;
  /** `status`, `scale`, …: the part of the object that it is about. */
  readonly subresource?: string;
}

/** What every request that writes may be told. */
export interface WriteOptions extends RequestOptions {
  /** Who owns what is written; default the client's `fieldManager`. */
  readonly fieldManager?: string;
  /** True: everything happens but the write. */
  readonly dryRun?: boolean;
  /** What becomes of unknown and duplicate fields; default: the server's, `Warn`. */
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
}

/** How an apply is made. */
export interface ApplyOptions extends WriteOptions {
  /** True: fields of others are taken over; false, the default: they are a Conflict. */
  readonly force?: boolean;
}

/** Which objects of a kind. */
export interface Selection {
  /** Absent: those of all namespaces. */
  readonly namespace?: string;
  /** `app=web,tier!=db` */
  readonly labelSelector?: string;
  /** `metadata.name=web` */
  readonly fieldSelector?: string;
}

/** How a list is read. */
export interface ListOptions extends Selection, RequestOptions {
  /** At most so many, and `continue` for more. */
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'NotOlderThan' | 'Exact';
  /** True: the objects have kind, apiVersion and metadata only. */
  readonly metadataOnly?: boolean;
}

/** How is watched. */
export interface WatchOptions extends Selection, RequestOptions {
  /** What happened after this revision; absent: what is there, as `ADDED`, then what happens. */
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'NotOlderThan';
  readonly allowBookmarks?: boolean;
  /** WatchList: what is there comes first and ends with a bookmark that says so. */
  readonly sendInitialEvents?: boolean;
  /** The server ends it after so long. */
  readonly timeoutSeconds?: number;
  readonly metadataOnly?: boolean;
}

/** An event of one watch, as the server sent it. A failure (`ERROR`) is thrown as a StatusError. */
export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

/** How an object goes. */
export interface DeleteOptions extends RequestOptions {
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

/**
 * A client of one cluster, for every kind that it serves. Types come from the kind that is handed in; nothing is
 * checked at run time that the server does not check.
 *
 * All methods reject with a StatusError for an answer of failure, and with a ConnectionError when there is none. What
 * may be repeated is: requests that the server asks to be (429, 503 with Retry-After), and reads whose connection broke.
 * Objects that are handed in are not changed; what is returned belongs to the caller.
 */
export interface Client {
  readonly transport: Transport;
  /** The namespace of what names none: the kubeconfig's, or `default`. */
  readonly defaultNamespace: string;

  get<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    options?: RequestOptions & { readonly metadataOnly?: boolean; readonly resourceVersion?: string },
  ): Promise<T>;
  /** One answer; of a long list with `limit` the first part. */
  list<T extends KubeObject>(kind: Kind<T>, options?: ListOptions): Promise<ObjectList<T>>;
  /**
   * All of a list, read in parts of `limit` (default 500) that are all as of one revision. Throws `Expired` if the server
   * forgets that revision on the way; `listAll` begins again then.
   */
  pages<T extends KubeObject>(kind: Kind<T>, options?: ListOptions): AsyncIterable<T>;
  /** One watch, until the server or the caller ends it. One that goes on: `Reflector`. */
  watch<T extends KubeObject>(kind: Kind<T>, options?: WatchOptions): AsyncIterable<WatchEvent<T>>;
  /** Of a kind among `KnownObjects` the object is checked as that; of others, and with a type that is named, as `T`. */
  create<T extends KubeObject, A extends string = string, K extends string = string>(
    object: WrittenObject<T, A, K>,
    options?: WriteOptions,
  ): Promise<T>;
  create<A extends string, K extends string>(
    object: WrittenKnown<A, K>,
    options?: WriteOptions,
  ): Promise<KnownObject<A, K>>;
  /** Replaces the object; refused with a Conflict if `metadata.resourceVersion` is not the newest. */
  update<T extends KubeObject, A extends string = string, K extends string = string>(
    object: WrittenObject<T, A, K>,
    options?: WriteOptions,
  ): Promise<T>;
  update<A extends string, K extends string>(
    object: WrittenKnown<A, K>,
    options?: WriteOptions,
  ): Promise<KnownObject<A, K>>;
  /** Server-side apply: states the fields that the manager wants, creating the object if need be. The natural write. */
  apply<T extends KubeObject, A extends string = string, K extends string = string>(
    configuration: AppliedObject<T, A, K>,
    options?: ApplyOptions,
  ): Promise<T>;
  apply<A extends string, K extends string>(
    configuration: AppliedKnown<A, K>,
    options?: ApplyOptions,
  ): Promise<KnownObject<A, K>>;
  patch<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, patch: Patch<T>, options?: WriteOptions): Promise<T>;
  /** Resolves with the object if it is still there, waiting for its finalizers, else with the Status of success. */
  delete<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, options?: DeleteOptions): Promise<T | Status>;
  /** Deletes all that are selected, in one namespace. */
  deleteAll<T extends KubeObject>(kind: Kind<T>, selection: Selection, options?: DeleteOptions): Promise<void>;
  /** Creates below an object, or in place of one: `pods/eviction`, `pods/binding`, `serviceaccounts/token`. */
  createSubresource<T extends KubeObject>(
    kind: Kind,
    key: ObjectKey,
    subresource: string,
    object: T,
    options?: WriteOptions,
  ): Promise<T>;

  /** How a kind is served; asked of the server once, and again when it is not known. @throws NoMatchError */
  served<T extends KubeObject>(kind: Kind<T>): Promise<ServedKind<T>>;
  /** Any request, with the client's credentials, retries and errors; the answer as JSON. */
  raw(request: TransportRequest): Promise<JsonValue>;
  /** Any request, for its answer as it comes (logs); a failure is thrown as a StatusError. */
  open(request: TransportRequest): Promise<TransportResponse>;
  /** The same client that acts as somebody else, or by another name. Shares connections and discovery. */
  with(options: {
    readonly impersonate?: Impersonation;
    readonly fieldManager?: string;
    readonly defaultNamespace?: string;
  }): Client;
  close(): Promise<void>;
}

/** As whom requests are made (`kubectl --as`). */
export interface Impersonation {
  readonly user: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** How a client behaves. */
export interface ClientOptions {
  readonly defaultNamespace?: string;
  /** Who owns what is written without naming a manager. */
  readonly fieldManager?: string;
  /** Default `nekube/VERSION`. */
  readonly userAgent?: string;
  /** Gets the text of each Warning header, once for each text; default: none. */
  readonly onWarning?: (text: string) => void;
  /** So many requests a second on average, and so many at once before they wait; absent: no limit. */
  readonly rateLimit?: { readonly perSecond: number; readonly burst: number };
  readonly impersonate?: Impersonation;
  /** What retries and the rate limit wait by; default: the system's. */
  readonly clock?: Clock;
}
