import type { Kind } from '../api/kinds.ts';

/** What of an object's metadata says what it is and when it changed. */
export interface ObjectMetadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly creationTimestamp?: string | null;
  readonly deletionTimestamp?: string;
  readonly generation?: number;
  readonly managedFields?: readonly {
    readonly manager?: string;
    readonly time?: string;
    readonly subresource?: string;
  }[];
}

/** An object, and its last change. */
export interface Change {
  readonly id: string;
  readonly kind: Kind;
  readonly name: string;
  readonly namespace: string;
  readonly atMs: number;
  /** Who made it, as managedFields have it. */
  readonly manager: string | undefined;
  readonly what: 'made' | 'changed' | 'deleting';
}

/** The last change of an object, of whom its managedFields say it. What it was made with is no change. */
export function changeOf(kind: Kind, metadata: ObjectMetadata): Change {
  const madeMs = Date.parse(metadata.creationTimestamp ?? '') || 0;
  let atMs = madeMs;
  let manager: string | undefined;
  for (const entry of metadata.managedFields ?? []) {
    const time = Date.parse(entry.time ?? '') || 0;
    if (time < atMs || (time === atMs && manager !== undefined)) continue;
    atMs = time;
    manager = entry.manager;
  }
  const what = metadata.deletionTimestamp !== undefined ? 'deleting' : atMs > madeMs ? 'changed' : 'made';
  const { uid = '', name = '', namespace = '' } = metadata;
  return { id: uid || `${kind.path}/${namespace}/${name}`, kind, name, namespace, atMs, manager, what };
}

/** Changes by their objects. */
export class Recent {
  readonly #changes = new Map<string, Change>();

  put(change: Change): void {
    this.#changes.set(change.id, change);
  }

  delete(id: string): void {
    this.#changes.delete(id);
  }

  /** Forgets all of a kind. */
  forget(kind: Kind): void {
    for (const [id, change] of this.#changes) if (change.kind.path === kind.path) this.#changes.delete(id);
  }

  /** The newest, of at most a few of a kind: a hundred pods of one deployment are one thing. */
  newest(count: number, ofKind = 4): readonly Change[] {
    const seen = new Map<string, number>();
    return [...this.#changes.values()]
      .sort((a, b) => b.atMs - a.atMs || (a.name < b.name ? -1 : 1))
      .filter(({ kind }) => {
        const nth = (seen.get(kind.path) ?? 0) + 1;
        seen.set(kind.path, nth);
        return nth <= ofKind;
      })
      .slice(0, count);
  }
}
