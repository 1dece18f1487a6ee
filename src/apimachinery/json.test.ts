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

const read: readonly [name: string, text: string, want: JsonValue][] = [
  ['an integer that is the whole text', '9007199254740993', 9007199254740993n],
  ['a negative integer in a list', '[0,-9007199254740993]', [0, -9007199254740993n]],
  ['an integer after space', '{"a":\n\t9007199254740993 }', { a: 9007199254740993n }],
  ['a number with an exponent that float64 has', '[1.5e+100, 1e-400]', [1.5e100, 0]],
  ['a UID that looks like a big exponent', '{"uid":"2e123456-0000"}', { uid: '2e123456-0000' }],
  ['texts that look like large numbers', '["1e400", "x-9007199254740993"]', ['1e400', 'x-9007199254740993']],
];

for (const [name, text, want] of read) test(`read JSON: ${name}`, () => assert.deepEqual(parseJson(text), want));

for (const text of ['1e400', '[1,-1E999]', '{"a": 12.5e+0400}', '[1,\n1e400]'])
  test(`read JSON: ${JSON.stringify(text)} is beyond float64`, () =>
    assert.throws(() => parseJson(text), /cannot unmarshal number .* into Go value of type float64/));
