import { compareStrings } from './strings.ts';

/**
 * A value as the merge sees it: plain JSON. Integers beyond 2^53 are `bigint`. Values are never changed here; what a
 * function returns may share parts with what it was given.
 */
export type Value = null | boolean | number | bigint | string | Value[] | ValueMap;

/** A JSON object; the order of its keys carries no meaning. */
export type ValueMap = { [key: string]: Value };

/** True for a JSON object: not null, not a list. */
export function isMap(value: Value | undefined): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for a string, a number or a boolean; null is no scalar. */
export function isScalar(value: Value | undefined): value is string | number | bigint | boolean {
  return value !== undefined && typeof value !== 'object';
}

/** The value of a key, undefined where the map has none of its own: inherited names such as `constructor` are none. */
export function get(map: ValueMap, key: string): Value | undefined {
  const value = map[key];
  // all that a plain object inherits is functions, but for __proto__
  if (typeof value !== 'function' && key !== '__proto__') return value;
  return Object.hasOwn(map, key) ? value : undefined;
}

/** Sets a key of a map under construction; a key `__proto__` becomes an own one. */
export function put(map: ValueMap, key: string, value: Value): void {
  if (key === '__proto__') {
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  } else map[key] = value;
}

/** True when a map has no keys; stops at the first one. */
export function isEmptyMap(map: ValueMap): boolean {
  for (const key in map) if (Object.hasOwn(map, key)) return false;
  return true;
}

/** Equality of values; integers and floats compare as numbers, maps without regard to the order of keys. */
export function equalValues(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return equalNumbers(a, b);
  if (a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b);
  return !Array.isArray(b) && equalMaps(a, b);
}

/** Tells a bigint and a float of the same size apart from all else; equal numbers of one type are `===` already. */
function equalNumbers(a: Value | undefined, b: Value | undefined): boolean {
  if (typeof a === 'bigint' && typeof b === 'number') return Number(a) === b;
  return typeof a === 'number' && typeof b === 'bigint' && a === Number(b);
}

function equalLists(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!equalValues(a[i], b[i])) return false;
  return true;
}

function equalMaps(a: ValueMap, b: ValueMap): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    const other = get(b, key);
    if (other === undefined || !equalValues(get(a, key), other)) return false;
  }
  return true;
}

/** The place of a value's type in the order of values: numbers, strings, booleans, lists, maps, null. */
function rank(value: Value): number {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 0;
    case 'string':
      return 1;
    case 'boolean':
      return 2;
    default:
      return value === null ? 5 : Array.isArray(value) ? 3 : 4;
  }
}

/** A total order of values, also of different types: negative when `a` comes first, 0 when they are equal. */
export function compareValues(a: Value, b: Value): number {
  if (a === b) return 0;
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  const ranks = rank(a) - rank(b);
  if (ranks !== 0) return ranks;
  if (Array.isArray(a)) return compareLists(a, b as Value[]);
  if (isMap(a)) return compareMaps(a, b as ValueMap);
  if (typeof a !== typeof b) return compareNumbers(Number(a), Number(b));
  return compareNumbers(a as number, b as number);
}

function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareLists(a: readonly Value[], b: readonly Value[]): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const c = compareValues(a[i]!, b[i]!);
    if (c !== 0) return c;
  }
  return a.length - b.length;
}

/** Walks the keys of both in order; the map that runs out of keys, or has the later key, decides. */
function compareMaps(a: ValueMap, b: ValueMap): number {
  const keysA = Object.keys(a);
  const keysB = Object.keys(b);
  const keys = [...new Set([...keysA, ...keysB])].sort(compareStrings);
  for (const [i, key] of keys.entries()) {
    if (i === keysA.length) return -1;
    if (i === keysB.length) return 1;
    const left = get(a, key);
    const right = get(b, key);
    if (left === undefined) return 1;
    if (right === undefined) return -1;
    const c = compareValues(left, right);
    if (c !== 0) return c;
  }
  return 0;
}
