/** So many changes are kept beside a map; with more a whole one is made. */
const MOST_CHANGES = 128;

/**
 * A map that is one of before with a few changes, made without copying all of it: of ten thousand statuses one changes at a time.
 * Entries stand where they stood, new ones last.
 */
export class LayeredMap<V> implements ReadonlyMap<string, V> {
  readonly #base: ReadonlyMap<string, V>;
  /** Undefined for what is gone. */
  readonly #changes: ReadonlyMap<string, V | undefined>;
  readonly size: number;

  private constructor(base: ReadonlyMap<string, V>, changes: ReadonlyMap<string, V | undefined>) {
    this.#base = base;
    this.#changes = changes;
    this.size = base.size + [...changes].reduce((sum, [key, value]) => sum + sizeChange(base.has(key), value), 0);
  }

  /** A map of before with changes, of which undefined removes. No value may be undefined. */
  static changed<V>(
    before: ReadonlyMap<string, V>,
    changes: ReadonlyMap<string, V | undefined>,
  ): ReadonlyMap<string, V> {
    const [base, earlier] = before instanceof LayeredMap ? [before.#base, before.#changes] : [before, new Map()];
    const all = new Map<string, V | undefined>(earlier);
    for (const [key, value] of changes) {
      // an entry that goes and comes again is a new one
      if (value === undefined) all.delete(key);
      if (value !== undefined || base.has(key)) all.set(key, value);
    }
    const layered = new LayeredMap(base, all);
    return all.size > MOST_CHANGES ? new Map(layered) : layered;
  }

  get(key: string): V | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#base.get(key);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  *entries(): MapIterator<[string, V]> {
    for (const entry of this.#base) {
      const [key] = entry;
      if (!this.#changes.has(key)) yield entry;
      else {
        const value = this.#changes.get(key);
        if (value !== undefined) yield [key, value];
      }
    }
    for (const [key, value] of this.#changes) if (value !== undefined && !this.#base.has(key)) yield [key, value];
  }

  *keys(): MapIterator<string> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  forEach(call: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this.entries()) call(value, key, this);
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }
}

function sizeChange(isInBase: boolean, value: unknown): number {
  return (value === undefined ? 0 : 1) - (isInBase ? 1 : 0);
}
