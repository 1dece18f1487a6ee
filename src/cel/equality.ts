import { compareNumbers, isNumeric } from './ordering.ts';
import {
  CelError,
  type CelValue,
  Duration,
  ListValue,
  MapValue,
  noSuchOverload,
  ObjectValue,
  Optional,
  Timestamp,
  TypeValue,
} from './value.ts';

/**
 * Whether two values are equal, as `==` has it: numbers of all types are compared by value, values of different types
 * are not equal. Objects of the libraries may refuse to be compared, with an error.
 */
export function equalValues(a: CelValue, b: CelValue): boolean | CelError {
  if (typeof a === 'string' || typeof a === 'boolean' || a === null) return a === b;
  if (b === null) return false;
  if (isNumeric(a)) return isNumeric(b) && compareNumbers(a, b) === 0;
  if (a instanceof ListValue) return b instanceof ListValue ? equalLists(a, b) : unlike(a);
  if (a instanceof MapValue) return b instanceof MapValue ? equalMaps(a, b) : unlike(a);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.seconds === b.seconds && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof ObjectValue) return a.equals(b);
  if (a instanceof Optional) return b instanceof Optional && equalOptionals(a, b);
  return a;
}

/** True when a list has an element that is equal; elements that cannot be compared are others. */
export function listContains(list: ListValue, value: CelValue): boolean {
  for (const element of list) if (equalValues(value, element) === true) return true;
  return false;
}

/** Lists and maps of schemas refuse to be compared with what is none. */
function unlike({ hasSchema }: ListValue | MapValue): boolean | CelError {
  return hasSchema ? noSuchOverload() : false;
}

/** Elements that cannot be compared do not make lists unequal. */
function equalLists(a: ListValue, b: ListValue): boolean | CelError {
  const special = a.equals(b);
  if (special !== undefined) return special;
  if (a.size !== b.size) return false;
  for (let i = 0; i < a.size; i++) if (equalValues(a.get(i), b.get(i)) === false) return false;
  return true;
}

function equalMaps(a: MapValue, b: MapValue): boolean {
  if (a.size !== b.size) return false;
  for (const key of a.keys()) {
    const other = b.find(key);
    if (other === undefined || equalValues(a.find(key)!, other) === false) return false;
  }
  return true;
}

function equalOptionals(a: Optional, b: Optional): boolean | CelError {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return equalValues(a.value, b.value);
}
