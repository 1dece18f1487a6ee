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

  /**
   * The keys that do not have the same value in two maps. Of one that was made of the other by few changes these alone are looked at.
   */
  static differing<V>(before: ReadonlyMap<string, V>, now: ReadonlyMap<string, V>): Iterable<string> {
    if (before === now) return [];
    const [old, own] = [before, now].map((map) => (map instanceof LayeredMap ? map : new LayeredMap(map, NOTHING)));
    if (old!.#base !== own!.#base) return differingOf(before, now);
    const keys = new Set([...old!.#changes.keys(), ...own!.#changes.keys()]);
    return [...keys].filter((key) => before.get(key) !== now.get(key));
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

const NOTHING: ReadonlyMap<string, undefined> = new Map();

function differingOf<V>(before: ReadonlyMap<string, V>, now: ReadonlyMap<string, V>): string[] {
  const differing: string[] = [];
  let kept = 0;
  // mostly what stands in one stands at the same place of the other, and is not looked for
  const inStep = before.entries();
  for (const [key, value] of now) {
    const next = inStep.next().value;
    const old = next?.[0] === key ? next[1] : before.get(key);
    if (old !== undefined) kept++;
    if (old !== value) differing.push(key);
  }
  if (kept < before.size) for (const key of before.keys()) if (!now.has(key)) differing.push(key);
  return differing;
}

function sizeChange(isInBase: boolean, value: unknown): number {
  return (value === undefined ? 0 : 1) - (isInBase ? 1 : 0);
}
