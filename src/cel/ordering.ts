import { CelError, type CelValue, Duration, noSuchOverload, Timestamp, Uint } from './value.ts';

/** -1, 0 or 1, or why the two cannot be ordered. Numbers of all types are ordered among each other. */
export function compareValues(a: CelValue, b: CelValue): number | CelError {
  if (isNumeric(a)) return isNumeric(b) ? compareNumbers(a, b) : absorbed(b);
  if (typeof a === 'string') return typeof b === 'string' ? compareTexts(a, b) : absorbed(b);
  if (typeof a === 'boolean') return typeof b === 'boolean' ? Number(a) - Number(b) : absorbed(b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? Buffer.compare(a, b) : absorbed(b);
  if (a instanceof Duration) return b instanceof Duration ? order(a.nanos, b.nanos) : absorbed(b);
  if (a instanceof Timestamp) {
    return b instanceof Timestamp ? order(a.seconds, b.seconds) || order(a.nanos, b.nanos) : absorbed(b);
  }
  return absorbed(a);
}

/** True for what {@link compareValues} can order among its kind. */
export function isComparable(value: CelValue): boolean {
  return (
    isNumeric(value) ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    value instanceof Uint8Array ||
    value instanceof Duration ||
    value instanceof Timestamp
  );
}

/** int, uint and double. */
export function isNumeric(value: CelValue): value is bigint | number | Uint {
  return typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;
}

/** -1, 0 or 1 by value, whatever the types; NaN cannot be ordered. */
export function compareNumbers(a: bigint | number | Uint, b: bigint | number | Uint): number | CelError {
  const [left, right] = [a instanceof Uint ? a.value : a, b instanceof Uint ? b.value : b];
  if (Number.isNaN(left) || Number.isNaN(right)) return new CelError('NaN values cannot be ordered');
  if (typeof left === typeof right) return order(left, right);
  return typeof left === 'number' ? compareMixed(left, right as bigint, b) : -compareMixed(right as number, left, a);
}

/** By code points, as the bytes of UTF-8 are ordered. */
function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    // Halves of a pair stand for what is beyond all single units.
    if (x !== y) return order(isSurrogate(x) ? x + 0x10000 : x, isSurrogate(y) ? y + 0x10000 : y);
  }
  return order(a.length, b.length);
}

/** A double with an integer, in doubles unless the integer's type cannot hold it. */
function compareMixed(double: number, integer: bigint, typed: bigint | number | Uint): number {
  const [min, max] = typed instanceof Uint ? [0, 2 ** 64] : [-(2 ** 63), 2 ** 63];
  if (double < min) return -1;
  return double > max ? 1 : order(double, Number(integer));
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function order<T>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : a > b ? 1 : 0;
}

function absorbed(value: CelValue): CelError {
  return value instanceof CelError ? value : noSuchOverload();
}
