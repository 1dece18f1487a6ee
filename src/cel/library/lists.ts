import { add } from '../arithmetic.ts';
import { equalValues } from '../equality.ts';
import { defineFunction, type FunctionDeclaration, memberOverload, type Overload } from '../function.ts';
import { compareValues, isComparable } from '../ordering.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  INT,
  listType,
  STRING,
  TIMESTAMP,
  typeParam,
  UINT,
} from '../type.ts';
import { CelError, type CelValue, Duration, type ListValue, noSuchOverload, Uint } from '../value.ts';

/** The types whose values have an order, as overloads name them. */
const COMPARABLE: readonly (readonly [string, CelType])[] = [
  ['int', INT],
  ['uint', UINT],
  ['double', DOUBLE],
  ['bool', BOOL],
  ['duration', DURATION],
  ['timestamp', TIMESTAMP],
  ['string', STRING],
  ['bytes', BYTES],
];

/** The types whose values have a sum, with that of none. */
const SUMMABLE: readonly (readonly [string, CelType, CelValue])[] = [
  ['int', INT, 0n],
  ['uint', UINT, new Uint(0n)],
  ['double', DOUBLE, 0],
  ['duration', DURATION, new Duration(0n)],
];

const A = typeParam('A');

/** What Kubernetes adds to lists. */
export const LISTS_LIBRARY: readonly FunctionDeclaration[] = [
  defineFunction(
    'isSorted',
    COMPARABLE.map(([name, type]) => memberOverload(`list_${name}_is_sorted_bool`, [listType(type)], BOOL, isSorted)),
  ),
  defineFunction(
    'sum',
    SUMMABLE.map(([name, type, zero]) =>
      memberOverload(`list_${name}_sum_${name}`, [listType(type)], type, (list) => sum(list as ListValue, zero)),
    ),
  ),
  defineFunction('max', extremes('max', -1)),
  defineFunction('min', extremes('min', 1)),
  defineFunction('indexOf', [
    memberOverload('list_a_index_of_int', [listType(A), A], INT, (list, item) => indexOf(list, item, 1)),
  ]),
  defineFunction('lastIndexOf', [
    memberOverload('list_a_last_index_of_int', [listType(A), A], INT, (list, item) => indexOf(list, item, -1)),
  ]),
];

/** Neighbours that cannot be compared count as sorted. */
function isSorted(list: CelValue): CelValue {
  let previous: CelValue | undefined;
  for (const element of list as ListValue) {
    if (!isComparable(element)) return noSuchOverload();
    if (previous !== undefined && compareValues(previous, element) === 1) return false;
    previous = element;
  }
  return true;
}

/** The element that took all errors is an error itself, which can be added to nothing. */
function sum(list: ListValue, zero: CelValue): CelValue {
  let total = zero;
  for (const element of list) {
    total = add(total, element);
    if (total instanceof CelError) return total;
  }
  return total;
}

/** `worse`: how the best so far compares with an element that is better. */
function extremes(name: 'max' | 'min', worse: number): Overload[] {
  const find = (list: CelValue): CelValue => {
    let best: CelValue | undefined;
    for (const element of list as ListValue) {
      if (!isComparable(element)) return noSuchOverload();
      if (best === undefined || compareValues(best, element) === worse) best = element;
    }
    return best ?? new CelError(`${name} called on empty list`);
  };
  return COMPARABLE.map(([type, element]) =>
    memberOverload(`list_${type}_${name}_${type}`, [listType(element)], element, find),
  );
}

function indexOf(list: CelValue, item: CelValue, step: 1 | -1): CelValue {
  const { size } = list as ListValue;
  for (let i = step === 1 ? 0 : size - 1; i >= 0 && i < size; i += step) {
    if (equalValues((list as ListValue).get(i), item) === true) return BigInt(i);
  }
  return -1n;
}
