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
  Optional,
  Timestamp,
  Uint,
} from './value.ts';

/** `operand.field` */
export function select(operand: CelValue, field: string): CelValue {
  if (operand instanceof MapValue) return operand.find(field) ?? noSuchKey(field);
  if (operand instanceof Optional) return operand.value === undefined ? operand : optionalSelect(operand.value, field);
  if (operand instanceof ObjectValue) return operand.field(field) ?? new CelError(`no such field '${field}'`);
  return operand instanceof CelError ? operand : notIn(operand, field);
}

/** `operand.?field`: none where it is not set. */
export function optionalSelect(operand: CelValue, field: string): CelValue {
  if (operand instanceof CelError) return operand;
  if (operand instanceof Optional) return operand.value === undefined ? operand : optionalSelect(operand.value, field);
  const found = operand instanceof MapValue ? operand.find(field) : undefined;
  const value = operand instanceof ObjectValue ? operand.field(field) : found;
  if (value instanceof CelError) return value;
  if (value === undefined && !(operand instanceof MapValue) && !(operand instanceof ObjectValue))
    return noSuchOverload();
  return value === undefined ? Optional.none : Optional.of(value);
}

/** `has(operand.field)` */
export function hasField(operand: CelValue, field: string): CelValue {
  if (operand instanceof MapValue) {
    const found = operand.find(field);
    return found instanceof CelError ? found : found !== undefined;
  }
  if (operand instanceof Optional) return operand.value === undefined ? false : hasField(operand.value, field);
  if (operand instanceof ObjectValue) return operand.field(field) !== undefined;
  if (operand instanceof ListValue) return notIn(operand, field);
  return operand instanceof CelError ? operand : false;
}

/** `operand[index]` */
export function at(operand: CelValue, index: CelValue): CelValue {
  if (operand instanceof ListValue) return element(operand, index);
  if (operand instanceof MapValue)
    return mapKey(index) === undefined ? badKey(index) : found(operand.find(index), index);
  if (operand instanceof Optional) return operand.value === undefined ? operand : optionalAt(operand.value, index);
  if (operand instanceof ObjectValue && typeof index === 'string') return select(operand, index);
  return noSuchKey(index);
}

/** `operand[?index]` */
export function optionalAt(operand: CelValue, index: CelValue): CelValue {
  if (operand instanceof Optional) return operand.value === undefined ? operand : optionalAt(operand.value, index);
  if (operand instanceof MapValue) {
    const found = operand.find(index);
    return found === undefined ? Optional.none : found instanceof CelError ? found : Optional.of(found);
  }
  if (!(operand instanceof ListValue)) return noSuchOverload();
  const position = indexOf(index);
  if (position instanceof CelError) return position;
  return position < 0 || position >= operand.size ? Optional.none : Optional.of(operand.get(position));
}

function element(list: ListValue, index: CelValue): CelValue {
  const position = indexOf(index);
  if (position instanceof CelError) return position;
  if (position < 0 || position >= list.size) return new CelError(`index out of bounds: ${position}`);
  return list.get(position);
}

function indexOf(index: CelValue): number | CelError {
  if (typeof index === 'bigint') return Number(index);
  if (index instanceof Uint) return Number(index.value);
  if (typeof index === 'number') {
    return Number.isInteger(index) ? index : new CelError(`unsupported index value ${index} in list`);
  }
  return new CelError(`unsupported index type '${typeName(index)}' in list`);
}

/** What neither has fields nor is a list is told as a map that has no such key. */
function notIn(operand: CelValue, field: string): CelValue {
  return operand instanceof ListValue ? element(operand, field) : noSuchKey(field);
}

/** The value of a key, which may be null. */
function found(value: CelValue | undefined, key: CelValue): CelValue {
  return value === undefined ? noSuchKey(key) : value;
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
  if (container instanceof MapValue) return mapKey(value) !== undefined && container.find(value) !== undefined;
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
  if (value instanceof Optional) return value.value === undefined || isZero(value.value);
  return value instanceof ObjectValue && value.isZero();
}
