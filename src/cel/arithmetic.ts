import { addDurationToTimestamp, subtractTimestamps } from './time.ts';
import { ArrayList, CelError, type CelValue, Duration, ListValue, noSuchOverload, Timestamp, Uint } from './value.ts';

/** `a + b`. */
export function add(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? int(a + b) : mismatch(b);
  if (typeof a === 'string') return typeof b === 'string' ? a + b : mismatch(b);
  if (typeof a === 'number') return typeof b === 'number' ? a + b : mismatch(b);
  if (a instanceof ListValue) return b instanceof ListValue ? concatLists(a, b) : mismatch(b);
  if (a instanceof Uint) return b instanceof Uint ? uint(a.value + b.value) : mismatch(b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? Buffer.concat([a, b]) : mismatch(b);
  if (a instanceof Duration) {
    if (b instanceof Duration) return duration(a.nanos + b.nanos);
    return b instanceof Timestamp ? addDurationToTimestamp(b, a.nanos) : mismatch(b);
  }
  if (a instanceof Timestamp) return b instanceof Duration ? addDurationToTimestamp(a, b.nanos) : mismatch(b);
  return mismatch(a);
}

/** `a - b`. */
export function subtract(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? int(a - b) : mismatch(b);
  if (typeof a === 'number') return typeof b === 'number' ? a - b : mismatch(b);
  if (a instanceof Uint) return b instanceof Uint ? uint(a.value - b.value) : mismatch(b);
  if (a instanceof Duration) return b instanceof Duration ? duration(a.nanos - b.nanos) : mismatch(b);
  if (a instanceof Timestamp) {
    if (b instanceof Timestamp) return subtractTimestamps(a, b);
    if (!(b instanceof Duration)) return mismatch(b);
    return b.nanos === INT64_MIN ? INT_OVERFLOW : addDurationToTimestamp(a, -b.nanos);
  }
  return mismatch(a);
}

/** `a * b`. */
export function multiply(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? int(a * b) : mismatch(b);
  if (typeof a === 'number') return typeof b === 'number' ? a * b : mismatch(b);
  if (a instanceof Uint) return b instanceof Uint ? uint(a.value * b.value) : mismatch(b);
  return mismatch(a);
}

/** `a / b`; integers towards zero. */
export function divide(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return b === 0n ? DIVISION_BY_ZERO : int(a / b);
  if (typeof a === 'number') return typeof b === 'number' ? a / b : mismatch(b);
  if (a instanceof Uint && b instanceof Uint) return b.value === 0n ? DIVISION_BY_ZERO : uint(a.value / b.value);
  return typeof a === 'bigint' || a instanceof Uint ? mismatch(b) : mismatch(a);
}

/** `a % b`, with the sign of `a`. */
export function modulo(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    if (b === 0n) return MODULUS_BY_ZERO;
    return a === INT64_MIN && b === -1n ? INT_OVERFLOW : a % b;
  }
  if (a instanceof Uint && b instanceof Uint) return b.value === 0n ? MODULUS_BY_ZERO : uint(a.value % b.value);
  return typeof a === 'bigint' || a instanceof Uint ? mismatch(b) : mismatch(a);
}

/** `-a`. */
export function negate(a: CelValue): CelValue {
  if (typeof a === 'bigint') return int(-a);
  if (typeof a === 'number') return -a;
  return a instanceof Duration ? duration(-a.nanos) : mismatch(a);
}

/** An int, or its overflow. */
export function int(value: bigint): CelValue {
  return value > INT64_MAX || value < INT64_MIN ? INT_OVERFLOW : value;
}

/** An uint, or its overflow. */
export function uint(value: bigint): CelValue {
  return value > UINT64_MAX || value < 0n ? UINT_OVERFLOW : new Uint(value);
}

/** The ends of an int's and an uint's range. */
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

const INT_OVERFLOW = new CelError('integer overflow');
const UINT_OVERFLOW = new CelError('unsigned integer overflow');
const DIVISION_BY_ZERO = new CelError('division by zero');
const MODULUS_BY_ZERO = new CelError('modulus by zero');

function duration(nanos: bigint): CelValue {
  return nanos > INT64_MAX || nanos < INT64_MIN ? INT_OVERFLOW : new Duration(nanos);
}

/** One list after the other. */
function concatLists(a: ListValue, b: ListValue): CelValue {
  const special = a.concat(b);
  if (special !== undefined) return special;
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  return new ArrayList([...a, ...b]);
}

function mismatch(value: CelValue): CelError {
  return value instanceof CelError ? value : noSuchOverload();
}
