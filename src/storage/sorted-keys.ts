/** Something that has a place in the order of keys. */
export interface Keyed {
  readonly key: string;
}

/** So many items a chunk at most: insertion moves at most as many pointers, and a search looks at few chunks. */
const chunkLimit = 512;

/**
 * Items ordered by key (UTF-16 code units), no two with the same.
 *
 * A list of sorted chunks: inserting and removing cost a search and a move within one chunk, walking costs nothing
 * beyond the items. Nothing is copied while walking, so that the list must not be changed during a walk.
 */
export class SortedKeys<T extends Keyed> {
  #chunks: T[][] = [[]];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds an item whose key is not in the list. */
  insert(item: T): void {
    const at = this.#chunkFor(item.key);
    const chunk = this.#chunks[at]!;
    chunk.splice(lowerBound(chunk, item.key), 0, item);
    this.#size++;
    if (chunk.length > chunkLimit) this.#chunks.splice(at + 1, 0, chunk.splice(chunk.length >> 1));
  }

  /** Removes the item of that key, if there is one. */
  remove(key: string): void {
    const at = this.#chunkFor(key);
    const chunk = this.#chunks[at]!;
    const i = lowerBound(chunk, key);
    if (chunk[i]?.key !== key) return;
    chunk.splice(i, 1);
    this.#size--;
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
  }

  /** Calls `visit` with each item that starts with `prefix` and comes after `after`, in order. */
  walk(prefix: string, after: string | undefined, visit: (item: T) => void): void {
    const from = after !== undefined && after >= prefix ? after : prefix;
    let at = this.#chunkFor(from);
    let i = lowerBound(this.#chunks[at]!, from);
    if (this.#chunks[at]![i]?.key === after) i++;
    for (; at < this.#chunks.length; at++, i = 0) {
      const chunk = this.#chunks[at]!;
      const whole = chunk.at(-1)?.key.startsWith(prefix) ?? true;
      for (; i < chunk.length; i++) {
        const item = chunk[i]!;
        if (!whole && !item.key.startsWith(prefix)) return;
        visit(item);
      }
    }
  }

  /** Calls `visit` with each item from a key on, in order, until it says that it has seen enough. */
  scan(from: string, visit: (item: T) => boolean): void {
    let at = this.#chunkFor(from);
    let i = lowerBound(this.#chunks[at]!, from);
    for (; at < this.#chunks.length; at++, i = 0) {
      const chunk = this.#chunks[at]!;
      for (; i < chunk.length; i++) if (!visit(chunk[i]!)) return;
    }
  }

  /** The first chunk whose last key is not less than `key`; the last chunk when there is none. */
  #chunkFor(key: string): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#chunks[middle]!.at(-1)!.key < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Where `key` is in a sorted array, or would be. */
function lowerBound(items: readonly Keyed[], key: string): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle]!.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
