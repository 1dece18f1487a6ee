import type { FieldData, TypeRefData } from '../schema/schema-data.ts';
import type { Value, ValueMap } from '../value/value.ts';

/** A random whole number from 0 to below another. */
export type Dice = (below: number) => number;

/** Random numbers that a seed repeats (mulberry32). */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A type, and values of it: few different ones, so that those of two managers often meet. */
export interface RandomType {
  readonly data: TypeRefData;
  /** The fields of a keyed list's key, with their defaults. */
  readonly keys?: readonly FieldData[];
  value(dice: Dice): Value;
}

const NAMES = ['a', 'b', 'c', 'd'];
const TEXTS = ['', 'x', 'y', 'é"\n'];

const scalars: readonly ((dice: Dice) => RandomType)[] = [
  () => ({ data: { scalar: 'string' }, value: (dice) => TEXTS[dice(TEXTS.length)]! }),
  () => ({ data: { scalar: 'numeric' }, value: (dice) => [0, 1, -3, 2n ** 60n, 2.5][dice(5)]! }),
  () => ({ data: { scalar: 'boolean' }, value: (dice) => dice(2) === 0 }),
  () => ({ data: { scalar: 'untyped' }, value: (dice) => ['x', 7, true][dice(3)]! }),
];

/** A struct of two to four fields, to nest at most so deep. */
export function randomStruct(dice: Dice, depth: number, more: readonly FieldData[] = []): RandomType {
  const fields = new Map(NAMES.slice(0, 2 + dice(3)).map((name) => [name, randomType(dice, depth - 1)]));
  const elementRelationship = depth < 3 && more.length === 0 && dice(8) === 0 ? 'atomic' : 'separable';
  const list = [...fields].map(([name, type]): FieldData => ({ name, type: type.data }));
  return {
    data: { map: { fields: [...list, ...more], elementRelationship } },
    value: (d) => Object.fromEntries([...fields].filter(() => d(3) > 0).map(([name, type]) => [name, type.value(d)])),
  };
}

function randomType(dice: Dice, depth: number): RandomType {
  if (depth <= 0 || dice(3) === 0) return scalars[dice(scalars.length)]!(dice);
  const make = [randomStruct, randomMap, randomKeyedList, randomKeyedList, randomSet, randomAtomicList][dice(6)]!;
  return make(dice, depth);
}

function randomMap(dice: Dice, depth: number): RandomType {
  const element = randomType(dice, depth - 1);
  const elementRelationship = dice(5) === 0 ? 'atomic' : 'separable';
  return {
    data: { map: { elementType: element.data, elementRelationship } },
    value: (d) => Object.fromEntries(NAMES.filter(() => d(2) > 0).map((name) => [name, element.value(d)])),
  };
}

function randomKeyedList(dice: Dice, depth: number): RandomType {
  const keys: FieldData[] = [{ name: 'key', type: { scalar: 'string' } }];
  if (dice(2) === 0) keys.push({ name: 'port', type: { scalar: 'numeric' }, default: 80 });
  const item = randomStruct(dice, depth - 1, keys);
  const names = keys.map(({ name }) => name);
  return {
    keys,
    data: { list: { elementType: item.data, elementRelationship: 'associative', keys: names } },
    value: (d) =>
      ['p', 'q', 'r']
        .filter(() => d(2) > 0)
        .map((key) => ({ ...(item.value(d) as ValueMap), key, ...(names.length > 1 && d(2) > 0 && { port: 80 }) })),
  };
}

function randomSet(): RandomType {
  return {
    data: { list: { elementType: { scalar: 'string' }, elementRelationship: 'associative' } },
    value: (d) => TEXTS.filter(() => d(2) > 0),
  };
}

function randomAtomicList(dice: Dice, depth: number): RandomType {
  const element = randomType(dice, depth - 1);
  return {
    data: { list: { elementType: element.data, elementRelationship: 'atomic' } },
    value: (d) => Array.from({ length: d(3) }, () => element.value(d)),
  };
}
