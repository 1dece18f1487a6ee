import { PrivateText } from '../model/private-text.ts';

/**
 * A value equal to `next` that is made of as much of `before` as possible: what is equal in both is the object of `before`.
 * For plain data, maps of it, and private texts.
 */
export function reuse<T>(before: T | undefined, next: T): T {
  if (before === next || before === undefined || before === null || next === null) return next;
  if (typeof before !== 'object' || typeof next !== 'object') return next;
  if (Array.isArray(next)) return Array.isArray(before) ? (reuseArray(before, next) as T) : next;
  if (next instanceof PrivateText) return before instanceof PrivateText && before.equals(next) ? before : next;
  if (next instanceof Map) return before instanceof Map ? (reuseMap(before, next) as T) : next;
  return Array.isArray(before) || before instanceof Map ? next : (reuseObject(before, next) as T);
}

/** As {@link reuse} for the values of maps alone: those of `next` are already of `before` where they are equal. */
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

function reuseArray(before: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  let same = before.length === next.length;
  const made = next.map((value, index) => {
    const kept = reuse(before[index], value);
    if (kept !== before[index]) same = false;
    return kept;
  });
  return same ? before : made;
}

function reuseObject(before: object, next: object): object {
  const old = before as Record<string, unknown>;
  const keys = Object.keys(next);
  let same = keys.length === Object.keys(before).length;
  const made: Record<string, unknown> = {};
  for (const key of keys) {
    const value = (next as Record<string, unknown>)[key];
    const kept = reuse(old[key], value);
    made[key] = kept;
    if (kept !== old[key] || !(key in old)) same = false;
  }
  return same ? before : made;
}
