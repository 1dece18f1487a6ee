import type { Resource } from './resource.ts';
import { RESOURCE_TYPES } from './resource-types.ts';

/** The resources of a type lie in so many maps, so that a change copies a small part of them. */
const BUCKETS = 256;

type Bucket = ReadonlyMap<string, Resource>;
const EMPTY: readonly Bucket[] = Array.from({ length: BUCKETS }, () => new Map());

/** FNV-1a. */
function bucketOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % BUCKETS;
}

/** A type of resource and its name. */
export interface ResourceKey {
  /** The URL of the type. */
  readonly type: string;
  readonly name: string;
}

/** What is put and what is removed. */
export interface SnapshotChanges {
  readonly put?: Iterable<Resource>;
  readonly remove?: Iterable<ResourceKey>;
}

/**
 * All resources that an Envoy is to have. It never changes; `with` makes another one, which shares all that is alike, so
 * that a change costs as much as it is large and the difference of two is found as quickly.
 */
export class Snapshot {
  /** One without resources. */
  static readonly empty = new Snapshot(new Map());

  readonly #types: ReadonlyMap<string, readonly Bucket[]>;

  private constructor(types: ReadonlyMap<string, readonly Bucket[]>) {
    this.#types = types;
  }

  /** A snapshot of these resources; of those that have the same name the last. */
  static of(resources: Iterable<Resource>): Snapshot {
    return Snapshot.empty.with({ put: resources });
  }

  get(type: string, name: string): Resource | undefined {
    return this.#types.get(type)?.[bucketOf(name)]!.get(name);
  }

  /** The resources of a type, in no order. */
  *resources(type: string): Generator<Resource> {
    for (const bucket of this.#types.get(type) ?? EMPTY) yield* bucket.values();
  }

  /** All resources, by the order of types and by name. */
  all(): Resource[] {
    return RESOURCE_TYPES.flatMap(({ url }) => [...this.resources(url)].sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  /** The snapshot with these changes; this one when they change nothing. */
  with({ put = [], remove = [] }: SnapshotChanges): Snapshot {
    const draft = new Draft(this.#types);
    for (const { type, name } of remove) draft.set(type, name, undefined);
    for (const resource of put) draft.set(resource.type.url, resource.name, resource);
    return draft.types === this.#types ? this : new Snapshot(draft.types);
  }

  /** The names of a type whose resources here are not those of the other snapshot. */
  changedNames(type: string, other: Snapshot): string[] {
    const ours = this.#types.get(type) ?? EMPTY;
    const others = other.#types.get(type) ?? EMPTY;
    if (ours === others) return [];
    return ours.flatMap((bucket, i) => {
      const otherBucket = others[i]!;
      if (bucket === otherBucket) return [];
      const changed = [...bucket.values()].filter(({ name, version }) => otherBucket.get(name)?.version !== version);
      const gone = [...otherBucket.keys()].filter((name) => !bucket.has(name));
      return [...changed.map(({ name }) => name), ...gone];
    });
  }

  /** All that differs from an earlier snapshot: what is to be put and what to be removed to come from there to here. */
  since(earlier: Snapshot): { readonly put: Resource[]; readonly removed: ResourceKey[] } {
    const put: Resource[] = [];
    const removed: ResourceKey[] = [];
    for (const { url: type } of RESOURCE_TYPES) {
      for (const name of this.changedNames(type, earlier)) {
        const resource = this.get(type, name);
        if (resource === undefined) removed.push({ type, name });
        else put.push(resource);
      }
    }
    return { put, removed };
  }
}

/** Copies what it changes, once. */
class Draft {
  types: ReadonlyMap<string, readonly Bucket[]>;
  readonly #owned = new Map<string, Map<string, Resource>[]>();
  readonly #ownedBuckets = new Set<Bucket>();

  constructor(types: ReadonlyMap<string, readonly Bucket[]>) {
    this.types = types;
  }

  set(type: string, name: string, resource: Resource | undefined): void {
    const at = bucketOf(name);
    const before = (this.types.get(type) ?? EMPTY)[at]!.get(name);
    if (before?.version === resource?.version) return;
    const bucket = this.#bucket(type, at);
    if (resource === undefined) bucket.delete(name);
    else bucket.set(name, resource);
  }

  #bucket(type: string, at: number): Map<string, Resource> {
    let buckets = this.#owned.get(type);
    if (buckets === undefined) {
      buckets = [...(this.types.get(type) ?? EMPTY)] as Map<string, Resource>[];
      this.#owned.set(type, buckets);
      this.types = new Map(this.types).set(type, buckets);
    }
    if (!this.#ownedBuckets.has(buckets[at]!)) {
      buckets[at] = new Map(buckets[at]);
      this.#ownedBuckets.add(buckets[at]);
    }
    return buckets[at]!;
  }
}
