import type { KubeObject } from 'nekube/apimachinery';
import type { IndexFunction, ObjectStore } from './informer-types.ts';
import type { ObjectKey } from './kinds.ts';
import { shownObject } from './object-name.ts';

/** The name of the index that every store has. */
const NAMESPACE_INDEX = 'namespace';

/** An index: which objects are found under a value. */
interface Index<T extends KubeObject> {
  readonly of: IndexFunction<T>;
  readonly objects: Map<string, Set<T>>;
}

/**
 * The store behind an informer. Objects are kept by namespace, then name, so that the objects of a namespace are at hand,
 * and no key is made for each object.
 */
export class IndexedStore<T extends KubeObject = KubeObject> implements ObjectStore<T> {
  readonly #namespaces = new Map<string, Map<string, T>>();
  readonly #indexes = new Map<string, Index<T>>();
  readonly #defaultNamespace: string;
  readonly #onError: (error: Error) => void;
  #size = 0;

  /**
   * @param defaultNamespace where an object is looked for whose key names no namespace, if it is not of the cluster
   * @param onError gets what an index function threw; the object is then in that index under no value
   */
  constructor(defaultNamespace: string, onError: (error: Error) => void) {
    this.#defaultNamespace = defaultNamespace;
    this.#onError = onError;
  }

  get size(): number {
    return this.#size;
  }

  get({ namespace, name }: ObjectKey): T | undefined {
    const found = this.#namespaces.get(namespace ?? '')?.get(name);
    if (found !== undefined || namespace !== undefined) return found;
    return this.#namespaces.get(this.#defaultNamespace)?.get(name);
  }

  list(namespace?: string): readonly T[] {
    if (namespace !== undefined) return [...(this.#namespaces.get(namespace)?.values() ?? [])];
    const all: T[] = [];
    for (const objects of this.#namespaces.values()) for (const object of objects.values()) all.push(object);
    return all;
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index !== undefined) return [...(index.objects.get(value) ?? [])];
    if (name === NAMESPACE_INDEX) return this.list(value);
    throw new RangeError(`There is no index ${name}; add it by addIndex, or in the options of the informer`);
  }

  /** Adds an index, also of what is there. @throws RangeError if the name is taken by another function */
  addIndex(name: string, of: IndexFunction<T>): void {
    const known = this.#indexes.get(name);
    if (known?.of === of) return;
    if (known !== undefined || name === NAMESPACE_INDEX) throw new RangeError(`There is already another index ${name}`);
    const index: Index<T> = { of, objects: new Map() };
    this.#indexes.set(name, index);
    for (const object of this.list()) this.#enter(name, index, object);
  }

  /** Stores an object; gives the one whose place it took. */
  put(object: T): T | undefined {
    const { namespace = '', name = '' } = object.metadata;
    let objects = this.#namespaces.get(namespace);
    if (objects === undefined) this.#namespaces.set(namespace, (objects = new Map()));
    const old = objects.get(name);
    objects.set(name, object);
    if (old === undefined) this.#size++;
    this.#reindex(old, object);
    return old;
  }

  /** Forgets an object; gives what was known of it. */
  remove({ namespace = '', name = '' }: { readonly namespace?: string; readonly name?: string }): T | undefined {
    const objects = this.#namespaces.get(namespace);
    const old = objects?.get(name);
    if (objects === undefined || old === undefined) return undefined;
    objects.delete(name);
    if (objects.size === 0) this.#namespaces.delete(namespace);
    this.#size--;
    this.#reindex(old, undefined);
    return old;
  }

  #reindex(old: T | undefined, object: T | undefined): void {
    for (const [name, index] of this.#indexes) {
      if (old !== undefined) this.#leave(name, index, old);
      if (object !== undefined) this.#enter(name, index, object);
    }
  }

  #enter(name: string, index: Index<T>, object: T): void {
    for (const value of this.#valuesOf(name, index, object)) {
      const objects = index.objects.get(value);
      if (objects === undefined) index.objects.set(value, new Set([object]));
      else objects.add(object);
    }
  }

  #leave(name: string, index: Index<T>, object: T): void {
    for (const value of this.#valuesOf(name, index, object)) {
      const objects = index.objects.get(value);
      objects?.delete(object);
      if (objects?.size === 0) index.objects.delete(value);
    }
  }

  #valuesOf(name: string, index: Index<T>, object: T): readonly string[] {
    try {
      return index.of(object);
    } catch (cause) {
      this.#onError(new Error(`Cannot find the values of ${shownObject(object)} in index ${name}`, { cause }));
      return [];
    }
  }
}
