import { PrivateText } from './private-text.ts';

/** Whether two values are equal: plain data, maps of it, and private texts by what they hide. Most of what is compared is, so nothing is made for it. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((one, index) => isEqual(one, b[index]));
  if (a instanceof PrivateText) return b instanceof PrivateText && a.equals(b);
  if (a instanceof Map)
    return (
      b instanceof Map && a.size === b.size && [...a].every(([key, one]) => b.has(key) && isEqual(one, b.get(key)))
    );
  if (Array.isArray(b) || b instanceof Map || b instanceof PrivateText) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) => key in b && isEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}
