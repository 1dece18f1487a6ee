import type { KubeObject } from 'nekube/apimachinery';
import type { Storage } from 'nekube/storage';
import { Informer } from '../registry/informer.ts';
import type { Resources } from '../registry/resources.ts';
import type { ServedResource } from '../registry/served.ts';
import type { Store } from '../registry/store.ts';

/** What custom resources are followed with. */
export interface FollowOptions {
  readonly resources: Resources;
  readonly store: Store;
  readonly storage: Storage;
}

/** A custom resource while it is served. */
interface Serving {
  readonly resource: ServedResource;
  readonly informer: Informer;
  readonly stop: AbortController;
}

const none: readonly KubeObject[] = [];

/**
 * The objects of a custom resource that the server itself looks at: followed by an informer while the resource is served,
 * none while it is not. A definition that changes is followed anew.
 */
export class FollowedResource {
  readonly #options: FollowOptions;
  readonly #name: readonly [group: string, version: string, resource: string];
  #serving: Serving | undefined;
  #seen = 0;
  #generation = 0;
  #reading: Promise<void> | undefined;
  #signal: AbortSignal | undefined;
  readonly #listeners: (() => void)[] = [];

  constructor(options: FollowOptions, group: string, version: string, resource: string) {
    this.#options = options;
    this.#name = [group, version, resource];
  }

  /** Counts up with each change. */
  get generation(): number {
    return this.#generation;
  }

  /** Undefined while it is not served. */
  get resource(): ServedResource | undefined {
    return this.#serving?.resource;
  }

  /** Calls `listener` after each change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Follows what is served until the signal is aborted. */
  async start(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#serving?.stop.abort(), { once: true });
    await this.settled();
  }

  /** All objects, in the order of their keys. */
  list(): readonly KubeObject[] {
    return this.#serving?.informer.list() ?? none;
  }

  /** The objects of a namespace, in the order of their names. */
  inNamespace(namespace: string): readonly KubeObject[] {
    return this.#serving?.informer.inNamespace(namespace) ?? none;
  }

  /** One object; the namespace is empty for those of the cluster. */
  get(namespace: string, name: string): KubeObject | undefined {
    return this.#serving?.informer.get(namespace, name);
  }

  /**
   * Brings it in step with what is served now.
   *
   * @returns a promise only where something has to be read first
   */
  settled(): Promise<void> | undefined {
    const { resources } = this.#options;
    if (this.#signal === undefined || this.#seen === resources.generation) return this.#reading;
    this.#seen = resources.generation;
    const resource = resources.find(...this.#name);
    if (resource === this.#serving?.resource) return this.#reading;
    this.#serving?.stop.abort();
    this.#serving = undefined;
    this.#changed();
    if (resource === undefined) return (this.#reading = undefined);
    const reading = this.#follow(resource).finally(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    return (this.#reading = reading);
  }

  async #follow(resource: ServedResource): Promise<void> {
    const stop = new AbortController();
    const informer = new Informer(resource, this.#options);
    const serving = { resource, informer, stop };
    this.#serving = serving;
    informer.onChange(() => {
      if (this.#serving === serving) this.#changed();
    });
    try {
      await informer.start(stop.signal);
    } catch (error) {
      // it is tried again by the next who asks
      if (this.#serving === serving) {
        this.#serving = undefined;
        this.#seen = 0;
      }
      throw error;
    }
    if (this.#signal?.aborted) stop.abort();
  }

  #changed(): void {
    this.#generation++;
    for (const listener of this.#listeners) listener();
  }
}
