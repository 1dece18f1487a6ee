import { isEqual } from '../model/equal.ts';

/**
 * A value equal to `next` that is made of as much of `before` as possible: what is equal in both is the object of `before`.
 * For plain data, maps of it, and private texts.
 */
export function reuse<T>(before: T | undefined, next: T): T {
  if (before === undefined || before === null || before === next) return next;
  return isEqual(before, next) ? before : rebuilt(before, next);
}

/** As {@link reuse}, for the values of a map. */
export function reuseMap<K, V>(before: ReadonlyMap<K, V>, next: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  let same = before.size === next.size;
  const made = new Map<K, V>();
  for (const [key, value] of next) {
    const old = before.get(key);
    const kept = reuse(old, value);
    made.set(key, kept);
    if (kept !== old) same = false;
  }
  return same ? before : made;
}

/** `next`, of which the parts that are equal are those of `before`. */
function rebuilt<T>(before: T, next: T): T {
  if (Array.isArray(before) && Array.isArray(next))
    return next.map((value, index) => reuse(before[index] as unknown, value)) as T;
  if (before instanceof Map && next instanceof Map) return reuseMap(before, next) as T;
  if (!isPlain(before) || !isPlain(next)) return next;
  const made: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(next)) made[key] = reuse((before as Record<string, unknown>)[key], value);
  return made as T;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
