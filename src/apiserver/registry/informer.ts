import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from 'nekube/apimachinery';
import type { Entry, Storage } from 'nekube/storage';
import { keyOf, type ServedResource } from './served.ts';
import type { Store } from './store.ts';

/** How long to wait before reading anew, when the storage cannot be read or watched. */
const RETRY_MS = 200;

/** What an informer reads through. */
export interface InformerSource {
  readonly store: Pick<Store, 'decode'>;
  readonly storage: Storage;
}

/** A stored version, and what it decodes to once somebody asked. */
interface Known {
  readonly entry: Entry;
  object?: KubeObject;
}

/**
 * All objects of one resource, in the hub version, as of the newest event: what every request looks at (roles, webhook
 * configurations, policies, …) without reading the storage each time.
 *
 * An object is decoded when it is first asked for, and shared by all who ask: nobody may change it. A write shows within
 * a turn of the event loop after it is durable; on a storage of several servers, when the storage tells of it.
 */
export class Informer {
  readonly #resource: ServedResource;
  readonly #source: InformerSource;
  readonly #known = new Map<string, Known>();
  #all: readonly KubeObject[] | undefined;
  #byNamespace: ReadonlyMap<string, readonly KubeObject[]> | undefined;
  #generation = 0;
  readonly #listeners: (() => void)[] = [];

  constructor(resource: ServedResource, source: InformerSource) {
    this.#resource = resource;
    this.#source = source;
  }

  /** Counts up with each change, so that what is derived from the objects can be kept until then. */
  get generation(): number {
    return this.#generation;
  }

  /** Calls `listener` after each change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Reads what there is, and follows it until the signal is aborted. Rejects when the first reading fails. */
  async start(signal: AbortSignal): Promise<void> {
    this.#watch(await this.#read(), signal);
  }

  /** All objects, in the order of their keys. */
  list(): readonly KubeObject[] {
    return (this.#all ??= [...this.#known.keys()].sort().map((key) => this.#decoded(this.#known.get(key)!)));
  }

  /** The objects of a namespace, in the order of their names. */
  inNamespace(namespace: string): readonly KubeObject[] {
    this.#byNamespace ??= groupByNamespace(this.list());
    return this.#byNamespace.get(namespace) ?? [];
  }

  /** One object; the namespace is empty for those of the cluster. */
  get(namespace: string, name: string): KubeObject | undefined {
    const known = this.#known.get(keyOf(this.#resource, namespace, name));
    return known && this.#decoded(known);
  }

  #decoded(known: Known): KubeObject {
    return (known.object ??= this.#source.store.decode(this.#resource, known.entry));
  }

  /** @returns the revision that was read */
  async #read(): Promise<number> {
    const { entries, revision } = await this.#source.storage.range(this.#resource.keyPrefix, { mayLag: true });
    const before = new Map(this.#known);
    this.#known.clear();
    for (const entry of entries) {
      const same = before.get(entry.key);
      this.#known.set(entry.key, same?.entry.modRevision === entry.modRevision ? same : { entry });
    }
    this.#changed();
    return revision;
  }

  #watch(after: number, signal: AbortSignal): void {
    this.#source.storage.watch({
      prefix: this.#resource.keyPrefix,
      after,
      signal,
      onEvents: (events) => {
        for (const { key, entry } of events) {
          if (entry === undefined) this.#known.delete(key);
          else this.#known.set(key, { entry });
        }
        this.#changed();
      },
      onError: () => void this.#startAgain(signal),
    });
  }

  /** What was missed cannot be told: all is read anew, until that succeeds. */
  async #startAgain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        return this.#watch(await this.#read(), signal);
      } catch {
        await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => {});
      }
    }
  }

  #changed(): void {
    this.#generation++;
    this.#all = undefined;
    this.#byNamespace = undefined;
    for (const listener of this.#listeners) listener();
  }
}

function groupByNamespace(objects: readonly KubeObject[]): ReadonlyMap<string, readonly KubeObject[]> {
  const groups = new Map<string, KubeObject[]>();
  for (const object of objects) {
    const namespace = object.metadata.namespace ?? '';
    const group = groups.get(namespace);
    if (group === undefined) groups.set(namespace, [object]);
    else group.push(object);
  }
  return groups;
}
