import type { KubeObject, LabelSelector } from 'nekube/apimachinery';
import type { Kind, ObjectKey } from 'nekube/client';

/** How is read from a cache. */
export interface ReadOptions {
  /** True: kind, apiVersion and metadata will do. It is a cache of its own, which is smaller. */
  readonly metadataOnly?: boolean;
  readonly signal?: AbortSignal;
}

/** Which objects of a kind are read. */
export interface ReaderListOptions extends ReadOptions {
  /** Absent: those of all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string | LabelSelector;
}

/**
 * Reads what the cache has, which is a little behind the server. What is returned is shared and frozen: `structuredClone`
 * gives one to change.
 *
 * The first read of a kind begins to watch it, and waits until all of it is there; see `CacheOptions.onMissing`. Kinds that
 * are not to be cached are read from the server.
 */
export interface Reader {
  /** Undefined: there is none. */
  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, options?: ReadOptions): Promise<T | undefined>;
  list<T extends KubeObject>(kind: Kind<T>, options?: ReaderListOptions): Promise<readonly T[]>;
  /** @throws RangeError if there is no such index; see `Manager.addIndex` */
  byIndex<T extends KubeObject>(
    kind: Kind<T>,
    index: string,
    value: string,
    options?: ReadOptions,
  ): Promise<readonly T[]>;
}
