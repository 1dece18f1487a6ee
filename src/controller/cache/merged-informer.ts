import type { KubeObject } from 'nekube/apimachinery';
import type { IndexFunction, Informer, Kind, ObjectHandler, ObjectKey, ObjectStore } from 'nekube/client';

/** Several informers of one kind, each for a namespace of its own, as one. */
export class MergedInformer<T extends KubeObject> implements Informer<T> {
  readonly kind: Kind<T>;
  readonly store: ObjectStore<T>;
  readonly #parts: ReadonlyMap<string, Informer<T>>;

  /**
   * @param parts by namespace
   * @param defaultNamespace where an object is looked for whose key names no namespace
   */
  constructor(kind: Kind<T>, parts: ReadonlyMap<string, Informer<T>>, defaultNamespace: string) {
    this.kind = kind;
    this.#parts = parts;
    const all = (): ObjectStore<T>[] => [...parts.values()].map(({ store }) => store);
    this.store = {
      get: (key: ObjectKey) => parts.get(key.namespace ?? defaultNamespace)?.store.get(key),
      list: (namespace) =>
        namespace === undefined
          ? all().flatMap((store) => store.list())
          : (parts.get(namespace)?.store.list(namespace) ?? []),
      byIndex: (index, value) => all().flatMap((store) => store.byIndex(index, value)),
      get size() {
        return all().reduce((sum, { size }) => sum + size, 0);
      },
    };
  }

  get isSynced(): boolean {
    return [...this.#parts.values()].every(({ isSynced }) => isSynced);
  }

  async synced(signal?: AbortSignal): Promise<void> {
    await Promise.all(this.#each((part) => part.synced(signal)));
  }

  handle(handler: ObjectHandler<T>): () => void {
    const removes = this.#each((part) => part.handle(handler));
    return () => removes.forEach((remove) => remove());
  }

  addIndex(name: string, index: IndexFunction<T>): void {
    this.#each((part) => part.addIndex(name, index));
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#each((part) => part.run(signal)));
  }

  #each<U>(call: (part: Informer<T>) => U): U[] {
    return [...this.#parts.values()].map(call);
  }
}
