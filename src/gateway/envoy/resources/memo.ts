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

interface KnownList<K, V> {
  readonly keys: readonly K[];
  readonly made: readonly V[];
}

/** Shorter lists are made by asking for each of them. */
const LEAST_KNOWN = 16;

/**
 * The same for each object of a list, for lists that are mostly those of before: what stands before and behind that which changed
 * is taken as it is, and not even looked up, which of ten thousand virtual hosts takes longer than all else that a changed one
 * needs.
 *
 * @param make asked again for what it was asked before
 */
export function memoList<K extends object, V>(make: (key: K) => V): (keys: readonly K[]) => readonly V[] {
  /** By their first, their middle and their last, of which one is mostly what it was. */
  const lists = new WeakMap<K, KnownList<K, V>>();
  return (keys) => {
    if (keys.length < LEAST_KNOWN) return keys.map(make);
    const before = anchorsOf(keys).flatMap((key) => lists.get(key) ?? [])[0];
    if (before?.keys === keys) return before.made;
    const list = { keys, made: before === undefined ? keys.map(make) : follow(before, keys, make) };
    // it would be held for as long as one of them lives
    for (const key of anchorsOf(before?.keys ?? [])) if (lists.get(key) === before) lists.delete(key);
    for (const key of anchorsOf(keys)) lists.set(key, list);
    return list.made;
  };
}

function anchorsOf<K>(keys: readonly K[]): K[] {
  return keys.length === 0 ? [] : [keys[0]!, keys[keys.length >> 1]!, keys.at(-1)!];
}

function follow<K, V>({ keys: old, made }: KnownList<K, V>, keys: readonly K[], make: (key: K) => V): readonly V[] {
  const most = Math.min(old.length, keys.length);
  let start = 0;
  while (start < most && old[start] === keys[start]) start++;
  let behind = 0;
  while (behind < most - start && old[old.length - 1 - behind] === keys[keys.length - 1 - behind]) behind++;
  const next = made.slice(0, start);
  for (let index = start; index < keys.length - behind; index++) next.push(make(keys[index]!));
  return next.concat(made.slice(made.length - behind));
}
