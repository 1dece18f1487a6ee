import type { KubeObject } from 'nekube/apimachinery';
import type { ApplyConfiguration, ApplyOptions, Client, DeepPartial } from 'nekube/client';
import type { Reader } from './cache/reader.ts';
import type { EventRecorder, NewEvent } from './event-recorder.ts';
import type { Logger } from './log/logger.ts';
import { type Owned, setControllerReference } from './owner-references.ts';
import type { ReconcileContext } from './reconcile.ts';
import { applyStatus } from './writes.ts';

/** What a reconcile of a kind's objects works with. */
export interface ObjectContext<T extends KubeObject = KubeObject> extends ReconcileContext {
  /** The object as the cache had it when the reconcile began; frozen. Undefined: it is gone. */
  readonly object: T | undefined;
  /** Reads what is cached. */
  readonly reader: Reader;
  /** Reads and writes what the server has. Its field manager is the controller's name. */
  readonly client: Client;
  /**
   * States the fields that this controller wants in an object, creating it if need be (server-side apply). Fields of others
   * are taken over unless `force` is false. An apply that changes nothing writes nothing.
   */
  readonly apply: Client['apply'];
  /**
   * The same for an object that belongs to the one that is reconciled: it goes with it, and its changes are reconciled.
   * Without a namespace it gets that of its owner.
   *
   * @throws Error if there is no object that could own it, or it is in another namespace
   */
  readonly applyOwned: Client['apply'];
  /** States the status of the object that is reconciled, as far as this controller knows it. */
  applyStatus(status: DeepPartial<T['status']>, options?: ApplyOptions): Promise<T>;
  /** Tells an event of the object that is reconciled; waits for nothing. */
  record(event: NewEvent): void;
}

/** What all reconciles of a controller share. */
export interface ObjectContextParts {
  readonly reader: Reader;
  readonly client: Client;
  readonly recorder: EventRecorder;
}

/** The context of one reconcile. Its methods may be taken out of it. */
export class ReconcileObjectContext<T extends KubeObject> implements ObjectContext<T> {
  readonly object: T | undefined;
  readonly #base: ReconcileContext;
  readonly #parts: ObjectContextParts;

  constructor(base: ReconcileContext, object: T | undefined, parts: ObjectContextParts) {
    this.#base = base;
    this.object = object;
    this.#parts = parts;
  }

  get signal(): AbortSignal {
    return this.#base.signal;
  }
  get log(): Logger {
    return this.#base.log;
  }
  get reconcileId(): string {
    return this.#base.reconcileId;
  }
  get priority(): number {
    return this.#base.priority;
  }
  get failures(): number {
    return this.#base.failures;
  }
  get reader(): Reader {
    return this.#parts.reader;
  }
  get client(): Client {
    return this.#parts.client;
  }

  readonly apply: Client['apply'] = (configuration: ApplyConfiguration, options?: ApplyOptions): Promise<never> =>
    this.client.apply<KubeObject>(configuration, { force: true, signal: this.signal, ...options }) as Promise<never>;

  readonly applyOwned: Client['apply'] = async (
    configuration: ApplyConfiguration,
    options?: ApplyOptions,
  ): Promise<never> => {
    const owner = this.#own('own others');
    const { namespace } = owner.metadata;
    const owned = { ...configuration, metadata: { ...(namespace && { namespace }), ...configuration.metadata } };
    setControllerReference(owner, owned as Owned);
    return (await this.apply<KubeObject>(owned as ApplyConfiguration, options)) as never;
  };

  readonly applyStatus = async (status: DeepPartial<T['status']>, options?: ApplyOptions): Promise<T> =>
    applyStatus(this.client, this.#own('have a status'), status, { signal: this.signal, ...options });

  readonly record = (event: NewEvent): void => {
    if (this.object !== undefined) this.#parts.recorder.record(this.object, event);
  };

  #own(what: string): T {
    if (this.object === undefined) throw new Error(`The object of this request is gone, so it cannot ${what}`);
    return this.object;
  }
}
