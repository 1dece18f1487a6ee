import type { KubeObject } from 'nekube/apimachinery';
import type { ObjectKey, ObjectStore } from 'nekube/client';
import { LayeredMap } from '../model/layered-map.ts';
import { SNAPSHOT_KINDS, type Snapshot, type SnapshotKind } from '../translate/index.ts';

/** The objects of a snapshot, by part. */
export type SnapshotObjects = Pick<Snapshot, SnapshotKind>;

type AnyObjects = ReadonlyMap<string, KubeObject>;

/** Gives what informers have as the maps of a snapshot: a map stays the same until something in it changes. */
export class WatchedObjects {
  readonly #stores: ReadonlyMap<SnapshotKind, ObjectStore<KubeObject>>;
  /** By part, what is not as it was. */
  readonly #changed = new Map<SnapshotKind, Map<string, ObjectKey>>();
  readonly #parts = {} as Record<SnapshotKind, AnyObjects>;
  #isRead = false;

  /** @param stores of those parts that the cluster has; the others are empty */
  constructor(stores: ReadonlyMap<SnapshotKind, ObjectStore<KubeObject>>) {
    this.#stores = stores;
    for (const part of Object.keys(SNAPSHOT_KINDS) as SnapshotKind[]) this.#parts[part] = new Map();
  }

  /** An object of a part is not as it was, or is gone. */
  changed(part: SnapshotKind, { metadata: { namespace, name = '' } }: KubeObject): void {
    let keys = this.#changed.get(part);
    if (keys === undefined) this.#changed.set(part, (keys = new Map()));
    const key = namespace === undefined ? { name } : { namespace, name };
    keys.set(keyOf({ metadata: key }), key);
  }

  /** What there is now. Once all was read, it costs what changed since. */
  objects(): SnapshotObjects {
    if (!this.#isRead) for (const [part, store] of this.#stores) this.#parts[part] = mapOf(store);
    else for (const [part, keys] of this.#changed) this.#parts[part] = this.#withChanges(part, keys);
    this.#isRead = true;
    this.#changed.clear();
    return { ...this.#parts } as unknown as SnapshotObjects;
  }

  #withChanges(part: SnapshotKind, keys: ReadonlyMap<string, ObjectKey>): AnyObjects {
    const [store, before] = [this.#stores.get(part)!, this.#parts[part]];
    const now = [...keys].map(([key, at]) => [key, store.get(at)] as const);
    const changes = now.filter(([key, object]) => object !== before.get(key));
    return changes.length === 0 ? before : LayeredMap.changed(before, new Map(changes));
  }
}

function mapOf(store: ObjectStore<KubeObject>): AnyObjects {
  const objects = new Map<string, KubeObject>();
  for (const object of store.list()) objects.set(keyOf(object), object);
  return objects;
}

/** `NAMESPACE/NAME`, or `NAME` where there is no namespace. */
export function keyOf({ metadata: { namespace, name = '' } }: KubeObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
