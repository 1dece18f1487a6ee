import type { KubeObject } from 'nekube/apimachinery';
import type { Client, Kind, ObjectKey } from 'nekube/client';
import type { Cache } from './cache/cache.ts';
import { Controller, type ControllerOptions, type ControllerParts } from './controller.ts';
import type { EventRecorder } from './event-recorder.ts';
import {
  type EventHandler,
  enqueueMapped,
  enqueueObject,
  enqueueOwner,
  type RequestMapper,
  textOfKey,
} from './handlers.ts';
import type { Logger } from './log/logger.ts';
import { type ObjectContext, ReconcileObjectContext } from './object-context.ts';
import type { Predicate } from './predicates.ts';
import type { Reconciler } from './reconcile.ts';
import type { Source } from './source.ts';
import { informerSource, streamSource } from './sources.ts';

/** How a kind is watched. */
export interface WatchKindOptions<T extends KubeObject = KubeObject> {
  /** All must let an event pass. */
  readonly predicates?: readonly Predicate<T>[];
  /** True: kind, apiVersion and metadata will do, which takes less memory. Read them with the same option. */
  readonly metadataOnly?: boolean;
}

/** What a builder takes from its manager. */
export interface BuilderParts extends Pick<ControllerParts<ObjectKey>, 'metrics' | 'around' | 'clock'> {
  readonly name: string;
  readonly cache: Cache;
  readonly client: Client;
  readonly logger: Logger;
  readonly options: ControllerOptions;
  readonly recorder: () => EventRecorder;
  readonly add: (controller: Controller<ObjectKey>) => void;
}

/**
 * Says what a controller watches and what it does. `T` is the kind that it is `for`.
 *
 *     manager.controller('web').for(WEB).owns(DEPLOYMENT).reconcile(async (request, { object, applyOwned }) => { … });
 */
export class ControllerBuilder<T extends KubeObject = KubeObject> {
  readonly #parts: BuilderParts;
  readonly #sources: ((forKind: Kind<T> | undefined, predicates: readonly Predicate[]) => Source<ObjectKey>)[] = [];
  readonly #predicates: Predicate[] = [];
  #for: { readonly kind: Kind<T>; readonly metadataOnly: boolean } | undefined;

  constructor(parts: BuilderParts) {
    this.#parts = parts;
  }

  /** The kind whose objects are reconciled: each is its own request. @throws Error if it is for a kind already */
  for<U extends KubeObject>(kind: Kind<U>, options: WatchKindOptions<U> = {}): ControllerBuilder<U> {
    const typed = this as unknown as ControllerBuilder<U>;
    if (typed.#for !== undefined) {
      throw new Error(`Controller ${this.#parts.name} is for ${typed.#for.kind.kind} already: use owns or watches`);
    }
    typed.#for = { kind, metadataOnly: options.metadataOnly ?? false };
    return typed.#watch(kind, () => enqueueObject, options);
  }

  /**
   * A kind of objects that belong to those that the controller is for: their changes are requests of their owners.
   *
   * @param options `matchEveryOwner`: all owners of the kind, not only the one that is the object's controller
   */
  owns<U extends KubeObject>(
    kind: Kind<U>,
    { matchEveryOwner, ...options }: WatchKindOptions<U> & { readonly matchEveryOwner?: boolean } = {},
  ): this {
    const handlerOf = async (owner: Kind | undefined): Promise<EventHandler> => {
      if (owner === undefined) throw new Error(`Controller ${this.#parts.name} owns ${kind.kind} but is for no kind`);
      const { namespaced } = await this.#parts.client.served(owner);
      return enqueueOwner(owner, { namespaced, matchEveryOwner });
    };
    return this.#watch(kind, handlerOf, options);
  }

  /**
   * Any other kind. A function says which requests an object is about; of an update it is asked for both the old and the
   * new object. For more there are handlers.
   */
  watches<U extends KubeObject>(
    kind: Kind<U>,
    by: RequestMapper<U> | EventHandler<U>,
    options: WatchKindOptions<U> = {},
  ): this {
    return this.#watch(kind, () => handlerOf(by), options);
  }

  /** Objects that come from elsewhere than the API, such as a {@link Channel}. Without `by` each is its own request. */
  listens<U extends KubeObject>(
    stream: AsyncIterable<U>,
    by: RequestMapper<U> | EventHandler<U> = enqueueObject,
    options: { readonly name?: string; readonly predicates?: readonly Predicate<U>[] } = {},
  ): this {
    const { logger } = this.#parts;
    const { name = 'stream', predicates = [] } = options;
    return this.source(streamSource({ name, stream, handler: handlerOf(by), predicates, logger }));
  }

  /** Any source. */
  source(source: Source<ObjectKey>): this {
    this.#sources.push(() => source);
    return this;
  }

  /** Predicates that all events of watched kinds must pass, too. */
  predicates(...predicates: readonly Predicate[]): this {
    this.#predicates.push(...predicates);
    return this;
  }

  /** Makes the controller and adds it to the manager. @throws Error if it watches nothing */
  reconcile(reconcile: Reconciler<ObjectKey, ObjectContext<T>>): Controller<ObjectKey> {
    const { name, cache, logger, options, metrics, around, clock } = this.#parts;
    if (this.#sources.length === 0) throw new Error(`Controller ${name} watches nothing: say what it is for`);
    const shared = {
      reader: cache,
      client: this.#parts.client.with({ fieldManager: name }),
      recorder: this.#parts.recorder(),
    };
    const main = this.#for;
    const find = (key: ObjectKey): T | undefined => main && cache.informer(main.kind, main).store.get(key);
    const controller = new Controller<ObjectKey>({
      name,
      reconcile: (key, base) => reconcile(key, new ReconcileObjectContext(base, find(key), shared)),
      sources: this.#sources.map((source) => source(main?.kind, this.#predicates)),
      textOf: textOfKey,
      valuesOf: (key) => ({ ...(main && { kind: main.kind.kind }), ...key }),
      options,
      logger,
      metrics,
      around,
      clock,
    });
    this.#parts.add(controller);
    return controller;
  }

  #watch<U extends KubeObject>(
    kind: Kind<U>,
    handlerFor: (forKind: Kind | undefined) => EventHandler<U> | Promise<EventHandler<U>>,
    { predicates = [], metadataOnly = false }: WatchKindOptions<U>,
  ): this {
    const { cache, logger } = this.#parts;
    this.#sources.push((forKind, all) =>
      informerSource<U>({
        name: `${kind.kind}.${kind.apiVersion}`,
        handler: () => handlerFor(forKind),
        predicates: [...all, ...predicates],
        informer: () => cache.informer(kind, { metadataOnly }),
        lastError: () => cache.lastError(kind, { metadataOnly }),
        logger,
      }),
    );
    return this;
  }
}

function handlerOf<U extends KubeObject>(by: RequestMapper<U> | EventHandler<U>): EventHandler<U> {
  return typeof by === 'function' ? enqueueMapped(by) : by;
}
