import type { KubeObject } from 'nekube/apimachinery';
import { compareResourceVersions, type Informer, type ObjectKey } from 'nekube/client';

/**
 * What an informer has, and what was written since and has not come back yet. Who binds one object to another must not see
 * how either was before.
 */
export class FreshStore<T extends KubeObject> {
  readonly #informer: Informer<T>;
  readonly #written = new Map<string, T>();

  constructor(informer: Informer<T>) {
    this.#informer = informer;
    informer.handle({ deleted: ({ metadata }) => void this.#written.delete(textOf(metadata)) });
  }

  get(key: ObjectKey): T | undefined {
    return this.#newer(textOf(key), this.#informer.store.get(key));
  }

  list(): readonly T[] {
    const seen = this.#informer.store.list();
    if (this.#written.size === 0) return seen;
    return seen.map((one) => this.#newer(textOf(one.metadata), one)!);
  }

  /** Remembers what was written. */
  put(object: T): T {
    this.#written.set(textOf(object.metadata), object);
    return object;
  }

  #newer(key: string, seen: T | undefined): T | undefined {
    const written = this.#written.get(key);
    if (written === undefined) return seen;
    if (seen === undefined) return written;
    const order = compareResourceVersions(seen.metadata.resourceVersion ?? '', written.metadata.resourceVersion ?? '');
    if (order !== undefined && order < 0) return written;
    this.#written.delete(key);
    return seen;
  }
}

function textOf({ namespace = '', name }: { readonly namespace?: string; readonly name?: string }): string {
  return `${namespace}/${name}`;
}
