import { listContains } from './equality.ts';
import { typeName } from './kind.ts';
import {
  CelError,
  type CelValue,
  Duration,
  ListValue,
  MapValue,
  mapKey,
  noSuchOverload,
  ObjectValue,
  Timestamp,
  Uint,
} from './value.ts';

/** `operand.field` or `operand[index]`. */
export function qualify(operand: CelValue, key: CelValue): CelValue {
  if (operand instanceof MapValue) return mapKey(key) === undefined ? badKey(key) : found(operand.find(key), key);
  if (operand instanceof ListValue) return element(operand, key);
  if (operand instanceof ObjectValue && operand.hasFields && typeof key === 'string')
    return found(operand.field(key), key, `no such field '${key}'`);
  return operand instanceof CelError ? operand : noSuchKey(key);
}

/** `operand.?field`, `operand[?index]` or what `has(operand.field)` asks for: undefined where there is none. */
export function qualifyIfPresent(operand: CelValue, key: CelValue): CelValue | undefined {
  if (operand instanceof MapValue) return operand.find(key);
  if (operand instanceof ListValue) {
    const position = indexOf(key);
    if (position instanceof CelError) return position;
    return position < 0 || position >= operand.size ? undefined : operand.get(Number(position));
  }
  if (operand instanceof ObjectValue && typeof key === 'string') return operand.field(key);
  return operand instanceof CelError ? operand : undefined;
}

function element(list: ListValue, index: CelValue): CelValue {
  const position = indexOf(index);
  if (position instanceof CelError) return position;
  if (position < 0 || position >= list.size) return new CelError(`index out of bounds: ${position}`);
  return list.get(Number(position));
}

function indexOf(index: CelValue): bigint | CelError {
  if (typeof index === 'bigint') return index;
  if (index instanceof Uint) return index.value;
  if (typeof index === 'number') {
    return Number.isInteger(index) ? BigInt(index) : new CelError(`unsupported index value ${index} in list`);
  }
  return new CelError(`unsupported index type '${typeName(index)}' in list`);
}

/** What was found may be null. */
function found(value: CelValue | undefined, key: CelValue, otherwise?: string): CelValue {
  if (value !== undefined) return value;
  return otherwise === undefined ? noSuchKey(key) : new CelError(otherwise);
}

function noSuchKey(key: CelValue): CelError {
  return new CelError(`no such key: ${printKey(key)}`);
}

function badKey(key: CelValue): CelError {
  return key === null || typeof key === 'number' ? noSuchKey(key) : noSuchOverload();
}

function printKey(key: CelValue): string {
  return key instanceof Uint ? String(key.value) : String(key);
}

/** `value in container` */
export function contains(container: CelValue, value: CelValue): CelValue {
  if (container instanceof MapValue) {
    const found = container.find(value);
    return found instanceof CelError ? found : found !== undefined;
  }
  if (container instanceof ListValue) return listContains(container, value);
  return noSuchOverload();
}

/** For `optional.ofNonZeroValue`: false, 0, empty, and what is made of these. */
export function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return true;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof ListValue || value instanceof MapValue) return value.size === 0;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Timestamp) return value.seconds === -62_135_596_800n && value.nanos === 0;
  return value instanceof ObjectValue && value.isZero();
}
