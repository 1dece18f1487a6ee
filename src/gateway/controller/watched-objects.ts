import type { KubeObject } from 'nekube/apimachinery';
import type { ObjectStore } from 'nekube/client';
import { SNAPSHOT_KINDS, type Snapshot, type SnapshotKind } from '../translate/index.ts';

/** The objects of a snapshot, by part. */
export type SnapshotObjects = Pick<Snapshot, SnapshotKind>;

type AnyObjects = ReadonlyMap<string, KubeObject>;

/** Gives what informers have as the maps of a snapshot: a map stays the same until something in it changes. */
export class WatchedObjects {
  readonly #stores: ReadonlyMap<SnapshotKind, ObjectStore<KubeObject>>;
  readonly #changed: Set<SnapshotKind>;
  readonly #parts = {} as Record<SnapshotKind, AnyObjects>;

  /** @param stores of those parts that the cluster has; the others are empty */
  constructor(stores: ReadonlyMap<SnapshotKind, ObjectStore<KubeObject>>) {
    this.#stores = stores;
    this.#changed = new Set(stores.keys());
    for (const part of Object.keys(SNAPSHOT_KINDS) as SnapshotKind[]) this.#parts[part] = new Map();
  }

  /** Something of a part is not as it was. */
  changed(part: SnapshotKind): void {
    this.#changed.add(part);
  }

  /** What there is now. */
  objects(): SnapshotObjects {
    for (const part of this.#changed) this.#parts[part] = mapOf(this.#stores.get(part)!);
    this.#changed.clear();
    return { ...this.#parts } as unknown as SnapshotObjects;
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
