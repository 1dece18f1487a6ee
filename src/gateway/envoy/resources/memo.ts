/**
 * A function of an object that gives the same result for the same object, without asking again: parts of a model that did not
 * change are the same objects, so what is made of them is the same, too, and is neither built nor encoded again.
 */
export function memo<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, V>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) {
      value = make(key);
      made.set(key, value);
    }
    return value;
  };
}

/**
 * The same for each object of a list, for lists that are mostly those of before: what stands where it stood is not even looked up,
 * which of ten thousand virtual hosts takes longer than all else that a changed one needs.
 */
export function memoList<K extends object, V>(make: (key: K) => V): (list: readonly K[]) => V[] {
  /** By their first and their last, of which one is mostly what it was. */
  const lists = new WeakMap<K, { readonly keys: readonly K[]; readonly made: readonly V[] }>();
  return (keys) => {
    const ends = [keys[0], keys.at(-1)].filter((end) => end !== undefined);
    const before = ends.map((end) => lists.get(end)).find((known) => known !== undefined);
    const made = keys.map((key, i) => (before?.keys[i] === key ? (before.made[i] as V) : make(key)));
    for (const end of ends) lists.set(end, { keys, made });
    return made;
  };
}
