import type { KubeObject } from 'nekube/apimachinery';
import type { Clock } from './clock.ts';
import type { Kind, ObjectKey } from './kinds.ts';

/** Gives the values under which an object is found in an index. */
export type IndexFunction<T extends KubeObject = KubeObject> = (object: T) => readonly string[];

/** Objects by namespace and name, and by what indexes say of them. They are shared: nobody may change them. */
export interface ObjectStore<T extends KubeObject = KubeObject> {
  get(key: ObjectKey): T | undefined;
  list(namespace?: string): readonly T[];
  /** `namespace` is always there. @throws RangeError if there is no such index */
  byIndex(index: string, value: string): readonly T[];
  readonly size: number;
}

/**
 * Is told what changes. Called in order, one at a time: where a method returns a promise, the next call waits for it,
 * and no other handler does. Must not throw; if it does, `onError` is told (HandlerError), and the handler hears on.
 */
export interface ObjectHandler<T extends KubeObject = KubeObject> {
  /** `initial`: it was there before the informer began, or before the handler was added. */
  added?(object: T, initial: boolean): void;
  /** Also when nothing changed but somebody asked to hear of all again (a resync, or after a gap). */
  updated?(object: T, old: T): void;
  /** `final` is false where the deletion was missed and `object` is what was last known. */
  deleted?(object: T, final: boolean): void;
}

/** Keeps the objects of a kind, or a selection of them, in step with the server. */
export interface Informer<T extends KubeObject = KubeObject> {
  readonly kind: Kind<T>;
  readonly store: ObjectStore<T>;
  /** Whether all that was there when it began is in the store. */
  readonly isSynced: boolean;
  /** Resolves when it is synced, and all handlers heard of it; rejects with the signal's reason. */
  synced(signal?: AbortSignal): Promise<void>;
  /** Adds a handler, which hears first of what is already there; the result removes it. */
  handle(handler: ObjectHandler<T>): () => void;
  /** Adds an index; also of what is already there. @throws RangeError if the name is taken by another function */
  addIndex(name: string, index: IndexFunction<T>): void;
  /** Goes on until the signal is aborted; never rejects: what fails is tried again with backoff, and told to `onError`. */
  run(signal: AbortSignal): Promise<void>;
}

/** How an informer sees its kind. */
export interface InformerOptions<T extends KubeObject = KubeObject> {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly metadataOnly?: boolean;
  /** Changes objects before they are stored, mostly to make them smaller. Called once a version; may change its argument. */
  readonly transform?: (object: T) => T;
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
  /** Every object is told as updated so often; default: never. */
  readonly resyncMs?: number;
  readonly onError?: (error: Error) => void;
  /**
   * For finding out who changes shared objects: `freeze` makes the change itself throw a TypeError, `report` tells
   * `onError` which object was changed and where (MutationError). Default: what the environment's
   * NEKUBE_MUTATION_DETECTOR says, else nothing, since both cost time and memory.
   */
  readonly detectMutations?: 'freeze' | 'report';
  /** False: begins by a list in parts, not by a watch that streams what there is. */
  readonly watchList?: boolean;
  readonly clock?: Clock;
  /** A number from 0 to below 1, for jitter. */
  readonly random?: () => number;
}
