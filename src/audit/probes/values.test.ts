import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ValuedLeaf, valuesOf } from './values.ts';

const CASES: readonly (readonly [string, ValuedLeaf, readonly unknown[]])[] = [
  ['an enumeration has its others', { value: 'a', schema: { type: 'string', enum: ['a', 'b', 'c'] } }, ['b', 'c']],
  ['a boolean has the other', { value: true }, [false]],
  ['few numbers are all tried', { value: 2, schema: { type: 'integer', minimum: 0, maximum: 4 } }, [0, 1, 3, 4]],
  [
    'many are tried at their bounds, and where the description names some',
    { value: 4, schema: { type: 'integer', minimum: 1, maximum: 9000, description: 'From 4711 on it is sharded.' } },
    [4711, 1, 9000, 2, 8999, 5, 3, 7, 10],
  ],
  [
    'a text is tried with the words of its pattern and description',
    { value: 'red', schema: { type: 'string', pattern: '^(red|green|gold)$', description: 'Use "gold" with care.' } },
    ['green', 'gold'],
  ],
  [
    'and with those that are listed',
    { schema: { type: 'string', description: 'One of red, green or gold.' } },
    ['red', 'green', 'gold'],
  ],
  ['of a text that says nothing there is nothing', { value: 'x', schema: { type: 'string' } }, []],
];

for (const [name, leaf, expected] of CASES) test(name, () => assert.deepEqual(valuesOf(leaf), expected));
