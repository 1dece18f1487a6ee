import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Value } from '../value/value.ts';
import { elementFromText, fieldSetFromJson, fieldSetToJson, fieldSetToText, isMalformed } from './fields-v1.ts';
import { fieldElement, indexElement, keyElement, valueElement } from './path-element.ts';
import { FieldSet } from './set.ts';

const recorded = readFileSync(new URL('../../../src/smd/testdata/fields-v1.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { json: string; again: string; text: string });

function parse(json: Value): FieldSet {
  const set = fieldSetFromJson(json);
  assert.ok(!isMalformed(set), JSON.stringify(set));
  return set;
}

test('what structured-merge-diff wrote is read, and written again in the same bytes', () => {
  for (const { json, again, text } of recorded) {
    const set = parse(JSON.parse(json));
    assert.equal(fieldSetToText(set), again);
    assert.equal(set.toString(), text);
    assert.deepEqual(fieldSetToJson(set), JSON.parse(again));
  }
});

const scalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const element = fc.oneof(
  fc.string({ unit: 'binary' }).map(fieldElement),
  fc
    .dictionary(fc.string(), scalar, { minKeys: 1, maxKeys: 3 })
    .map((key) => keyElement(Object.entries(key).map(([name, value]) => ({ name, value })))),
  scalar.map((value) => valueElement(value)),
  fc.nat().map(indexElement),
);

test('every set survives being written and read', () => {
  fc.assert(
    fc.property(fc.array(fc.array(element, { minLength: 1, maxLength: 3 }), { maxLength: 8 }), (paths) => {
      const set = FieldSet.of(...paths);
      assert.ok(parse(fieldSetToJson(set)).equals(set));
      assert.ok(parse(JSON.parse(fieldSetToText(set))).equals(set));
    }),
  );
});

test('the order of keys does not matter', () => {
  const written = fieldSetToText(parse({ 'f:b': {}, 'f:a': { 'f:z': {}, '.': {}, 'f:c': {} } }));
  assert.equal(written, '{"f:a":{".":{},"f:c":{},"f:z":{}},"f:b":{}}');
});

const readable: readonly (readonly [string, Value, string])[] = [
  ['null is a leaf', { 'f:a': null }, '{"f:a":{}}'],
  ['an element of an unknown kind is skipped', { 'f:a': {}, 'x:b': { 'f:c': {} } }, '{"f:a":{}}'],
  ['what has only unknown elements below it is a leaf', { 'f:a': { 'x:b': {} } }, '{"f:a":{}}'],
  ['a dot is the field itself, whatever it holds', { 'f:a': { '.': 5, 'f:b': {} } }, '{"f:a":{".":{},"f:b":{}}}'],
  [
    'names may be empty, or anything',
    { 'f:': {}, 'f:__proto__': {}, 'f:.': {} },
    '{"f:":{},"f:.":{},"f:__proto__":{}}',
  ],
  ['numbers of one value are one element', { 'v:1': {}, 'v:1.0': { 'f:a': {} } }, '{"v:1":{".":{},"f:a":{}}}'],
  ['an empty set', {}, '{}'],
  ['null', null, '{}'],
];

for (const [name, json, expected] of readable) {
  test(`read: ${name}`, () => assert.equal(fieldSetToText(parse(json)), expected));
}

const malformed: readonly (readonly [string, Value])[] = [
  ['a number', 5],
  ['a list', []],
  ['a field that holds text', { 'f:a': 'x' }],
  ['a key of one character', { f: {} }],
  ['a key without a colon', { field: {} }],
  ['a value that is no JSON', { 'v:{': {} }],
  ['a key that is no object', { 'k:[1]': {} }],
  ['an index that is no number', { 'i:x': {} }],
];

for (const [name, json] of malformed) {
  test(`refused: ${name}`, () => assert.ok(isMalformed(fieldSetFromJson(json))));
}

test('hostile input is read or refused, and never thrown at', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (json, text) => {
      const keyed = { [`f:${text}`]: json, [text]: json, [`k:${text}`]: {}, [`v:${text}`]: {}, [`i:${text}`]: {} };
      for (const input of [json, keyed] as Value[]) {
        const set = fieldSetFromJson(input);
        if (!isMalformed(set)) assert.ok(parse(fieldSetToJson(set)).equals(set));
      }
      elementFromText(text);
    }),
  );
});

test('nesting is bounded', () => {
  const nest = (depth: number): Value => {
    let json: Value = {};
    for (let i = 0; i < depth; i++) json = { 'f:a': json };
    return json;
  };
  assert.equal(parse(nest(900)).size, 1);
  assert.ok(isMalformed(fieldSetFromJson(nest(100_000))));
});
