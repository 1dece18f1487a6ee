import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonValue, parseJson, stringifyJson } from './index.ts';

const written: readonly [name: string, value: JsonValue, want: string][] = [
  ['keys stand as they are', { b: 1, a: { d: [], c: null } }, '{"b":1,"a":{"d":[],"c":null}}'],
  [
    'keys that look like numbers are sorted as texts',
    { b: 1, 9: 'x', 10: 'y', '-1': 2 },
    '{"-1":2,"10":"y","9":"x","b":1}',
  ],
  ['texts that look like such keys change nothing', { b: ['1', '{"10":'], a: 1 }, '{"b":["1","{\\"10\\":"],"a":1}'],
  ['large integers are exact, also beside such keys', { 2: 9007199254740993n, 10: 1 }, '{"10":1,"2":9007199254740993}'],
  ['some characters are escaped for HTML', { 1: '<&>\u2028' }, '{"1":"\\u003c\\u0026\\u003e\\u2028"}'],
];

for (const [name, value, want] of written)
  test(`written JSON: ${name}`, () => {
    assert.equal(stringifyJson(value), want);
    assert.deepEqual(parseJson(want), value);
  });
