import { defineFunction, type FunctionDeclaration, globalOverload, memberOverload } from '../function.ts';
import { isZero } from '../selection.ts';
import { BOOL, listType, mapType, optionalType, typeParam } from '../type.ts';
import { ArrayList, CelError, type CelValue, EntryMap, type ListValue, type MapValue, Optional } from '../value.ts';

const K = typeParam('K');
const V = typeParam('V');
const OPTIONAL_V = optionalType(V);
const MAP_KV = mapType(K, V);

/** Values that may be missing. `or` and `orValue` need not evaluate both sides, and have no implementation here. */
export const OPTIONAL_FUNCTIONS: readonly FunctionDeclaration[] = [
  defineFunction('optional.of', [globalOverload('optional_of', [V], OPTIONAL_V, (value) => Optional.of(value))]),
  defineFunction('optional.ofNonZeroValue', [
    globalOverload('optional_ofNonZeroValue', [V], OPTIONAL_V, (value) =>
      isZero(value) ? Optional.none : Optional.of(value),
    ),
  ]),
  defineFunction('optional.none', [globalOverload('optional_none', [], OPTIONAL_V, () => Optional.none)]),
  defineFunction('value', [
    memberOverload('optional_value', [OPTIONAL_V], V, (optional) => valueOf(optional as Optional)),
  ]),
  defineFunction('hasValue', [
    memberOverload('optional_hasValue', [OPTIONAL_V], BOOL, (optional) => (optional as Optional).value !== undefined),
  ]),
  defineFunction('or', [memberOverload('optional_or_optional', [OPTIONAL_V, OPTIONAL_V], OPTIONAL_V)]),
  defineFunction('orValue', [memberOverload('optional_orValue_value', [OPTIONAL_V, V], V)]),
  defineFunction('last', [
    memberOverload('list_last', [listType(V)], OPTIONAL_V, (list) =>
      elementAt(list as ListValue, (list as ListValue).size - 1),
    ),
  ]),
  defineFunction('first', [
    memberOverload('list_first', [listType(V)], OPTIONAL_V, (list) => elementAt(list as ListValue, 0)),
  ]),
  defineFunction('optional.unwrap', [
    globalOverload('optional_unwrap', [listType(OPTIONAL_V)], listType(V), (list) => unwrap(list as ListValue)),
  ]),
  defineFunction('unwrapOpt', [
    memberOverload('optional_unwrapOpt', [listType(OPTIONAL_V)], listType(V), (list) => unwrap(list as ListValue)),
  ]),
];

/** What the macros of two variables are made of; no expression can call it. */
export const MAP_INSERT: FunctionDeclaration = defineFunction('cel.@mapInsert', [
  globalOverload('@mapInsert_map_key_value', [MAP_KV, K, V], MAP_KV, (map, key, value) =>
    insert(map as MapValue, [[key, value]]),
  ),
  globalOverload('@mapInsert_map_map', [MAP_KV, MAP_KV], MAP_KV, (map, more) =>
    insert(map as MapValue, entriesOf(more as MapValue)),
  ),
]);

function valueOf({ value }: Optional): CelValue {
  return value === undefined ? new CelError('optional.none() dereference') : value;
}

function elementAt(list: ListValue, index: number): CelValue {
  return list.size === 0 ? Optional.none : Optional.of(list.get(index));
}

function unwrap(list: ListValue): CelValue {
  const values: CelValue[] = [];
  for (const element of list) {
    if (!(element instanceof Optional)) return new CelError('value is not optional');
    if (element.value !== undefined) values.push(element.value);
  }
  return new ArrayList(values);
}

function* entriesOf(map: MapValue): Iterable<readonly [CelValue, CelValue]> {
  for (const key of map.keys()) yield [key, map.find(key)!];
}

function insert(map: MapValue, entries: Iterable<readonly [CelValue, CelValue]>): CelValue {
  const all = [...entriesOf(map)];
  for (const entry of entries) {
    const [key] = entry;
    if (map.find(key) !== undefined)
      return new CelError(`insert failed: key ${key === null ? 0 : String(key)} already exists`);
    all.push(entry);
  }
  return new EntryMap(all);
}
