import { add, divide, modulo, multiply, negate, subtract } from '../arithmetic.ts';
import { defineFunction, type FunctionDeclaration, globalOverload, type Overload } from '../function.ts';
import { compareValues } from '../ordering.ts';
import { contains } from '../selection.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listType,
  mapType,
  optionalType,
  STRING,
  TIMESTAMP,
  typeParam,
  UINT,
} from '../type.ts';
import { CelError, type CelValue, noSuchOverload } from '../value.ts';

const A = typeParam('A');
const B = typeParam('B');
const K = typeParam('K');
const V = typeParam('V');
const LIST_A = listType(A);
const MAP_AB = mapType(A, B);

/** The numbers, as the names of overloads spell them. */
const NUMBERS: readonly (readonly [string, CelType])[] = [
  ['int64', INT],
  ['uint64', UINT],
  ['double', DOUBLE],
];

type Pair = readonly [string, CelType, CelType];

const INT64_FIRST: readonly Pair[] = [
  ['int64', INT, INT],
  ['int64_double', INT, DOUBLE],
  ['int64_uint64', INT, UINT],
];
const UINT64_FIRST: readonly Pair[] = [
  ['uint64', UINT, UINT],
  ['uint64_double', UINT, DOUBLE],
  ['uint64_int64', UINT, INT],
];
const DOUBLE_FIRST: readonly Pair[] = [
  ['double', DOUBLE, DOUBLE],
  ['double_int64', DOUBLE, INT],
  ['double_uint64', DOUBLE, UINT],
];
const SAME: readonly Pair[] = [
  ['string', STRING, STRING],
  ['bytes', BYTES, BYTES],
  ['timestamp', TIMESTAMP, TIMESTAMP],
  ['duration', DURATION, DURATION],
];

/** All operators. Those that need not evaluate all their operands have no implementation here. */
export const OPERATORS: readonly FunctionDeclaration[] = [
  defineFunction('_?_:_', [globalOverload('conditional', [BOOL, A, A], A)]),
  defineFunction('_&&_', [globalOverload('logical_and', [BOOL, BOOL], BOOL)]),
  defineFunction('_||_', [globalOverload('logical_or', [BOOL, BOOL], BOOL)]),
  defineFunction('!_', [globalOverload('logical_not', [BOOL], BOOL, not)], { unguarded: true }),
  defineFunction('@not_strictly_false', [globalOverload('not_strictly_false', [BOOL], BOOL)]),
  defineFunction('_==_', [globalOverload('equals', [A, A], BOOL)]),
  defineFunction('_!=_', [globalOverload('not_equals', [A, A], BOOL)]),
  defineFunction('_+_', [
    globalOverload('add_bytes', [BYTES, BYTES], BYTES, add),
    globalOverload('add_double', [DOUBLE, DOUBLE], DOUBLE, add),
    globalOverload('add_duration_duration', [DURATION, DURATION], DURATION, add),
    globalOverload('add_duration_timestamp', [DURATION, TIMESTAMP], TIMESTAMP, add),
    globalOverload('add_timestamp_duration', [TIMESTAMP, DURATION], TIMESTAMP, add),
    globalOverload('add_int64', [INT, INT], INT, add),
    globalOverload('add_list', [LIST_A, LIST_A], LIST_A, add),
    globalOverload('add_string', [STRING, STRING], STRING, add),
    globalOverload('add_uint64', [UINT, UINT], UINT, add),
  ]),
  defineFunction('_/_', numeric('divide', divide, ['double', 'int64', 'uint64'])),
  defineFunction('_%_', numeric('modulo', modulo, ['int64', 'uint64'])),
  defineFunction('_*_', numeric('multiply', multiply, ['double', 'int64', 'uint64'])),
  defineFunction('-_', [
    globalOverload('negate_double', [DOUBLE], DOUBLE, negate),
    globalOverload('negate_int64', [INT], INT, negate),
  ]),
  defineFunction('_-_', [
    globalOverload('subtract_double', [DOUBLE, DOUBLE], DOUBLE, subtract),
    globalOverload('subtract_duration_duration', [DURATION, DURATION], DURATION, subtract),
    globalOverload('subtract_int64', [INT, INT], INT, subtract),
    globalOverload('subtract_timestamp_duration', [TIMESTAMP, DURATION], TIMESTAMP, subtract),
    globalOverload('subtract_timestamp_timestamp', [TIMESTAMP, TIMESTAMP], DURATION, subtract),
    globalOverload('subtract_uint64', [UINT, UINT], UINT, subtract),
  ]),
  defineFunction(
    '_<_',
    comparisons('less', (order) => order < 0),
  ),
  defineFunction(
    '_<=_',
    comparisons('less_equals', (order) => order <= 0),
  ),
  defineFunction(
    '_>_',
    comparisons('greater', (order) => order > 0),
  ),
  defineFunction(
    '_>=_',
    comparisons('greater_equals', (order) => order >= 0),
  ),
  defineFunction('_[_]', [
    globalOverload('index_list', [LIST_A, INT], A),
    globalOverload('index_map', [MAP_AB, A], B),
    globalOverload('optional_list_index_int', [optionalType(listType(V)), INT], optionalType(V)),
    globalOverload('optional_map_index_value', [optionalType(mapType(K, V)), K], optionalType(V)),
  ]),
  defineFunction('_[?_]', [
    globalOverload('list_optindex_optional_int', [listType(V), INT], optionalType(V)),
    globalOverload('optional_list_optindex_optional_int', [optionalType(listType(V)), INT], optionalType(V)),
    globalOverload('map_optindex_optional_value', [mapType(K, V), K], optionalType(V)),
    globalOverload('optional_map_optindex_optional_value', [optionalType(mapType(K, V)), K], optionalType(V)),
  ]),
  defineFunction('_?._', [globalOverload('select_optional_field', [DYN, STRING], optionalType(V))]),
  defineFunction('@in', [
    globalOverload('in_list', [A, LIST_A], BOOL, isIn),
    globalOverload('in_map', [A, MAP_AB], BOOL, isIn),
  ]),
];

function not(value: CelValue): CelValue {
  return typeof value === 'boolean' ? !value : noSuchOverload();
}

function isIn(value: CelValue, container: CelValue): CelValue {
  return contains(container, value);
}

function numeric(name: string, call: (a: CelValue, b: CelValue) => CelValue, types: readonly string[]): Overload[] {
  const byName = new Map(NUMBERS);
  return types.map((type) => {
    const of = byName.get(type)!;
    return globalOverload(`${name}_${type}`, [of, of], of, call);
  });
}

/** Bools, numbers of all types among each other, texts, bytes and times. */
function comparisons(name: string, holds: (order: number) => boolean): Overload[] {
  const call = (a: CelValue, b: CelValue): CelValue => {
    const order = compareValues(a, b);
    return order instanceof CelError ? order : holds(order);
  };
  const mixed = [INT64_FIRST, UINT64_FIRST, DOUBLE_FIRST].flat();
  const pairs = [['bool', BOOL, BOOL] as const, ...mixed, ...SAME];
  return pairs.map(([type, left, right]) => globalOverload(`${name}_${type}`, [left, right], BOOL, call));
}
