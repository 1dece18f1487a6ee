import { isStatusError, type KubeObject, LabelSelector, parseLabelSelector } from 'nekube/apimachinery';
import {
  builtinKind,
  type Client,
  type Clock,
  type IndexFunction,
  type Informer,
  type InformerOptions,
  InformerSet,
  type Kind,
  type ObjectKey,
} from 'nekube/client';
import type { Logger } from '../log/logger.ts';
import type { Runnable } from '../runnable.ts';
import { MergedInformer } from './merged-informer.ts';
import type { Reader, ReaderListOptions, ReadOptions } from './reader.ts';

/** What of a kind is cached, and how. */
export interface CachedKindOptions<T extends KubeObject = KubeObject> {
  /** Only objects of these; none in it: all. Kinds without namespaces are seen whole. */
  readonly namespaces?: readonly string[];
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Changes objects before they are stored, mostly to make them smaller: `stripManagedFields` of `nekube/client`. */
  readonly transform?: (object: T) => T;
  /** Every object is told as updated so often; default: never. */
  readonly resyncMs?: number;
}

/** What a cache has. What is said of a kind comes before what is said of all. */
export interface CacheOptions extends CachedKindOptions {
  // biome-ignore lint/suspicious/noExplicitAny: kinds of different objects stand side by side
  readonly kinds?: readonly (CachedKindOptions<any> & { readonly kind: Kind })[];
  /** Read from the server each time. */
  readonly uncached?: readonly Kind[];
  /** What a read of a kind does that nothing watches yet: watches it from now on (default), asks the server, or throws. */
  readonly onMissing?: 'watch' | 'ask' | 'refuse';
}

/** An informer of the cache. */
interface Cached {
  readonly informer: Informer;
  lastError: unknown;
}

/** Informers by kind, which all controllers of a manager share, and reads from them. */
export class Cache implements Runnable, Reader {
  readonly name = 'cache';
  readonly group = 'caches';
  readonly #client: Client;
  readonly #options: CacheOptions;
  readonly #set: InformerSet;
  readonly #log: Logger;
  readonly #informers = new Map<string, Cached>();
  #signal: AbortSignal | undefined;

  constructor(parts: {
    readonly client: Client;
    readonly options?: CacheOptions;
    readonly logger: Logger;
    readonly clock?: Clock;
  }) {
    this.#client = parts.client;
    this.#options = parts.options ?? {};
    this.#log = parts.logger;
    // frozen once a version, instead of copied for every reader
    this.#set = new InformerSet(parts.client, {
      detectMutations: 'freeze',
      ...(parts.clock && { clock: parts.clock }),
    });
  }

  /** The informer of a kind; the same each time. It runs with the cache. */
  informer<T extends KubeObject>(kind: Kind<T>, { metadataOnly = false } = {}): Informer<T> {
    return this.#cached(kind, metadataOnly).informer as Informer<T>;
  }

  /**
   * The informer of a kind that is watched already, with all of its objects, for who can do with it or without; undefined: there is
   * none, or it is limited to some.
   */
  watched<T extends KubeObject>(kind: Kind<T>): Informer<T> | undefined {
    const { namespaces = [], labelSelector, fieldSelector } = this.#optionsOf(kind);
    if (namespaces.length > 0 || labelSelector || fieldSelector) return undefined;
    return this.#informers.get(textOf(kind))?.informer as Informer<T> | undefined;
  }

  /** What went wrong last with the informer of a kind, if it was not in step since. */
  lastError(kind: Kind, { metadataOnly = false } = {}): unknown {
    return this.#informers.get(textOf(kind, metadataOnly))?.lastError;
  }

  addIndex<T extends KubeObject>(kind: Kind<T>, name: string, index: IndexFunction<T>): void {
    this.informer(kind).addIndex(name, index);
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    await this.#set.run(signal);
  }

  /** Resolves when all that is cached by now is in step. */
  async ready(signal: AbortSignal): Promise<void> {
    await this.#set.synced(signal);
  }

  async get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, options: ReadOptions = {}): Promise<T | undefined> {
    const informer = await this.#reading(kind, options);
    if (informer) return informer.store.get(key);
    const { metadataOnly, signal } = options;
    return this.#client.get(kind, key, { metadataOnly, signal }).catch((error: unknown) => {
      if (isStatusError(error, 'NotFound')) return undefined;
      throw error;
    });
  }

  async list<T extends KubeObject>(kind: Kind<T>, options: ReaderListOptions = {}): Promise<readonly T[]> {
    const { namespace, labelSelector, metadataOnly, signal } = options;
    const informer = await this.#reading(kind, options);
    if (informer) {
      const all = informer.store.list(namespace);
      const selector = selectorOf(labelSelector);
      return selector.isEmpty ? all : all.filter(({ metadata }) => selector.matches(metadata.labels));
    }
    const selection = { namespace, labelSelector: labelSelector?.toString(), metadataOnly, signal };
    const found: T[] = [];
    for await (const object of this.#client.pages(kind, selection)) found.push(object);
    return found;
  }

  async byIndex<T extends KubeObject>(
    kind: Kind<T>,
    index: string,
    value: string,
    options: ReadOptions = {},
  ): Promise<readonly T[]> {
    const informer = await this.#reading(kind, options);
    if (informer === undefined) throw new RangeError(`${kind.kind} is not cached, so it has no index ${index}`);
    return informer.store.byIndex(index, value);
  }

  /** The informer to read from, when it is in step; undefined: the server is asked. */
  async #reading<T extends KubeObject>(
    kind: Kind<T>,
    { metadataOnly = false, signal }: ReadOptions,
  ): Promise<Informer<T> | undefined> {
    const known = this.#informers.get(textOf(kind, metadataOnly))?.informer as Informer<T> | undefined;
    // also if something watches the kind: who asks for this wants what the server has
    if (this.#options.uncached?.some((one) => textOf(one) === textOf(kind))) return undefined;
    if (known?.isSynced) return known;
    if (known === undefined && !this.#mayWatch(kind)) return undefined;
    if (this.#signal === undefined) throw new Error(`Cannot read ${kind.kind}: the cache has not started`);
    const informer = this.informer(kind, { metadataOnly });
    await informer.synced(signal ?? this.#signal);
    return informer;
  }

  #mayWatch(kind: Kind): boolean {
    const { onMissing = 'watch' } = this.#options;
    if (onMissing !== 'refuse') return onMissing === 'watch';
    throw new Error(`Cannot read ${textOf(kind)}: nothing watches it, and onMissing is "refuse"`);
  }

  #cached<T extends KubeObject>(kind: Kind<T>, metadataOnly: boolean): Cached {
    const text = textOf(kind, metadataOnly);
    const found = this.#informers.get(text);
    if (found !== undefined) return found;
    const cached: Cached = {
      informer: this.#create(kind, metadataOnly, (error) => {
        cached.lastError = error;
        this.#log.warn('An informer failed, and tries again', { kind: textOf(kind), error });
      }),
      lastError: undefined,
    };
    this.#informers.set(text, cached);
    if (this.#signal !== undefined) this.#log.info('Watching a kind from now on', { kind: textOf(kind), metadataOnly });
    return cached;
  }

  #optionsOf(kind: Kind): CachedKindOptions {
    return { ...this.#options, ...this.#options.kinds?.find((one) => textOf(one.kind) === textOf(kind)) };
  }

  #create<T extends KubeObject>(kind: Kind<T>, metadataOnly: boolean, onError: (error: Error) => void): Informer {
    const { namespaces = [], labelSelector, fieldSelector, transform, resyncMs } = this.#optionsOf(kind);
    const options: InformerOptions<T> = {
      labelSelector,
      fieldSelector,
      resyncMs,
      metadataOnly,
      onError,
      transform: transform as InformerOptions<T>['transform'],
    };
    const create = (namespace?: string): Informer<T> => this.#set.informer(kind, { ...options, namespace });
    if (namespaces.length < 2 || isClusterScoped(kind)) return create(namespaces[0]) as unknown as Informer;
    const parts = new Map(namespaces.map((namespace) => [namespace, create(namespace)]));
    return new MergedInformer(kind, parts, this.#client.defaultNamespace) as unknown as Informer;
  }
}

/** Whether a kind is known to have no namespaces: one informer sees all of it, and several would see it several times. */
function isClusterScoped(kind: Kind & { readonly namespaced?: boolean }): boolean {
  return (kind.namespaced ?? builtinKind(kind)?.namespaced) === false;
}

function textOf({ apiVersion, kind }: Kind, metadataOnly = false): string {
  return `${kind}.${apiVersion}${metadataOnly ? ' (metadata)' : ''}`;
}

function selectorOf(selector: string | LabelSelector | undefined): LabelSelector {
  if (selector === undefined) return LabelSelector.everything;
  return typeof selector === 'string' ? parseLabelSelector(selector) : selector;
}
