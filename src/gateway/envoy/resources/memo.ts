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
