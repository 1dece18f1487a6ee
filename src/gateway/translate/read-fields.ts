import type { Resource } from './resources.ts';
import { type Objects, SNAPSHOT_KINDS, type Snapshot, type SnapshotKind } from './snapshot.ts';

/** For tests: which fields of objects are looked at, as `HTTPRoute spec.rules[].matches[].path.type`. */
export class ReadFields {
  readonly #read = new Set<string>();
  readonly #proxies = new WeakMap<object, object>();

  /** The same snapshot, of which it is noted what is read. */
  watch(snapshot: Snapshot): Snapshot {
    const parts = Object.keys(SNAPSHOT_KINDS) as SnapshotKind[];
    const watched = parts.map((part) => [part, this.#objects(snapshot[part], SNAPSHOT_KINDS[part].kind)] as const);
    return { ...snapshot, ...Object.fromEntries(watched) };
  }

  has(field: string): boolean {
    return this.#read.has(field);
  }

  #objects(objects: Objects<Resource>, kind: string): Objects<Resource> {
    return new Map([...objects].map(([key, object]) => [key, this.#watched(object, kind, '')]));
  }

  #watched<T extends object>(object: T, kind: string, path: string): T {
    const known = this.#proxies.get(object);
    if (known !== undefined) return known as T;
    const proxy = new Proxy(object, {
      get: (target, key, receiver) => {
        const value: unknown = Reflect.get(target, key, receiver);
        if (typeof key === 'symbol' || typeof value === 'function') return value;
        const at = Array.isArray(target) ? `${path}[]` : path === '' ? key : `${path}.${key}`;
        if (!(Array.isArray(target) && key === 'length')) this.#read.add(`${kind} ${at}`);
        return typeof value === 'object' && value !== null ? this.#watched(value, kind, at) : value;
      },
    });
    this.#proxies.set(object, proxy);
    return proxy;
  }
}
