/** What a heap holds: it remembers in each where it is. */
export interface HeapItem {
  /** The place in the heap; the heap's own business. */
  at: number;
}

/** A binary heap, from which any item can be taken out, or moved when its order changed. */
export class Heap<T extends HeapItem> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  /** @param before whether `a` comes out before `b` */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The one that comes out next. */
  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    item.at = this.#items.length;
    this.#items.push(item);
    this.#up(item);
  }

  pop(): T | undefined {
    const { first } = this;
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Takes out an item that is in the heap. */
  remove(item: T): void {
    const last = this.#items.pop()!;
    if (last === item) return;
    this.#put(last, item.at);
    this.moved(last);
  }

  /** Puts an item in order again, after what it is compared by has changed. */
  moved(item: T): void {
    this.#up(item);
    this.#down(item);
  }

  #put(item: T, at: number): void {
    this.#items[at] = item;
    item.at = at;
  }

  #up(item: T): void {
    while (item.at > 0) {
      const parent = this.#items[(item.at - 1) >> 1]!;
      if (!this.#before(item, parent)) return;
      const { at } = parent;
      this.#put(parent, item.at);
      this.#put(item, at);
    }
  }

  #down(item: T): void {
    for (;;) {
      const left = this.#items[2 * item.at + 1];
      const right = this.#items[2 * item.at + 2];
      const child = right !== undefined && this.#before(right, left!) ? right : left;
      if (child === undefined || !this.#before(child, item)) return;
      const { at } = child;
      this.#put(child, item.at);
      this.#put(item, at);
    }
  }
}
