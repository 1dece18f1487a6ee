/**
 * Makes a value of JSON unchangeable, at every depth: who tries gets a TypeError. So objects can be shared by all who read
 * them, without a copy for each.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) if (typeof child === 'object') deepFreeze(child);
  return Object.freeze(value);
}
