import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CelError, ListValue, MapValue } from '../value.ts';
import { adapterOf } from './adapter.ts';
import { declareType, maxCardinality } from './declared-type.ts';
import { escapeName, unescapeName } from './escape.ts';
import { fromJson, toJson } from './native.ts';
import type { Schema } from './schema.ts';

describe('names are escaped', () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['a', 'a'],
    ['_a', '_a'],
    ['a-b', 'a__dash__b'],
    ['a.b', 'a__dot__b'],
    ['a/b', 'a__slash__b'],
    ['a__b', 'a__underscores__b'],
    ['namespace', '__namespace__'],
    ['int', 'int'],
    ['$ref', undefined],
    ['1a', undefined],
    ['é', undefined],
    ['', undefined],
  ];
  for (const [name, escaped] of rows)
    test(`${name} as ${escaped}`, () => {
      assert.equal(escapeName(name), escaped);
      if (escaped !== undefined) assert.equal(unescapeName(escaped), name);
    });
  test('an escape that is none is no name', () => assert.equal(unescapeName('a__nothing__b'), undefined));
});

describe('sizes of schemas', () => {
  const rows: readonly (readonly [string, Schema, string, number, number])[] = [
    ['a text is counted in bytes', { type: 'string', maxLength: 5 }, 'string', 20, 2],
    ['a text without a bound fills a request', { type: 'string' }, 'string', 3_145_726, 2],
    ['an enumeration is bounded by its longest text', { type: 'string', enum: ['a', 'bcd'] }, 'string', 3, 2],
    ['a duration', { type: 'string', format: 'duration' }, 'google.protobuf.Duration', 32, 3],
    ['bytes', { type: 'string', format: 'byte', maxLength: 5 }, 'bytes', 5, 2],
    ['a list without a bound', { type: 'array', items: { type: 'integer' } }, 'list(int)', 1_572_863, 2],
    ['a list', { type: 'array', maxItems: 3, items: { type: 'string' } }, 'list(string)', 3, 2],
    [
      'a map without a bound',
      { type: 'object', additionalProperties: { type: 'integer' } },
      'map(string, int)',
      449_389,
      2,
    ],
    ['an int or text', { 'x-kubernetes-int-or-string': true }, 'dyn', 3_145_726, 1],
    [
      'an object with what must be sent',
      { type: 'object', required: ['abc'], properties: { abc: { type: 'boolean' }, d: { type: 'string' } } },
      'root',
      0,
      13,
    ],
  ];
  for (const [name, schema, type, elements, least] of rows)
    test(name, () => {
      const declared = declareType(schema, { name: 'root' })!;
      assert.deepEqual([String(declared.type), declared.maxElements, declared.minSize], [type, elements, least]);
    });
  test('a value of no type is not seen', () => assert.equal(declareType({}, { name: 'root' }), undefined));
  test('the smaller a value is, the more often it can be in a request', () =>
    assert.equal(maxCardinality(declareType({ type: 'string' }, { name: 'root' })!), 1_048_576));
});

describe('values of schemas', () => {
  const text: Schema = { type: 'string' };
  const set: Schema = { type: 'array', 'x-kubernetes-list-type': 'set', items: text };
  const keyed: Schema = {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['k'],
    items: { type: 'object', properties: { k: text, v: { type: 'integer' } } },
  };

  test('numbers are what their schema says', () => {
    assert.equal(adapterOf({ type: 'integer' })(3), 3n);
    assert.equal(adapterOf({ type: 'number' })(3), 3);
    assert.ok(adapterOf({ type: 'integer' })(3.5) instanceof CelError);
  });

  test('null is a value only where the schema has it', () => {
    assert.equal(adapterOf({ type: 'string', nullable: true })(null), null);
    assert.ok(adapterOf(text)(null) instanceof CelError);
  });

  test('what every object inherits is no field', () => {
    const object = adapterOf({ type: 'object', properties: { toString: text, a: text } })({ a: 'x' }) as MapValue;
    assert.equal(object.find('toString'), undefined);
    assert.equal(object.find('a'), 'x');
    assert.equal(
      (adapterOf({ type: 'object', additionalProperties: text })({}) as MapValue).find('toString'),
      undefined,
    );
  });

  test('the order of a set does not matter, and a sum adds what is not there', () => {
    const [a, b] = [adapterOf(set)(['x', 'y']) as ListValue, adapterOf(set)(['y', 'z']) as ListValue];
    assert.equal(a.equals(adapterOf(set)(['y', 'x']) as ListValue), true);
    assert.equal(a.equals(b), false);
    assert.deepEqual([...(a.concat(b) as ListValue)], ['x', 'y', 'z']);
  });

  test('a sum of keyed lists replaces elements of equal keys', () => {
    const a = adapterOf(keyed)([
      { k: 'x', v: 1 },
      { k: 'y', v: 2 },
    ]) as ListValue;
    const b = adapterOf(keyed)([
      { k: 'y', v: 3 },
      { k: 'z', v: 4 },
    ]) as ListValue;
    assert.deepEqual(toJson(a.concat(b) as ListValue), [
      { k: 'x', v: 1 },
      { k: 'y', v: 3 },
      { k: 'z', v: 4 },
    ]);
  });

  test('JSON without a schema comes back as it was', () => {
    const value = { a: [1, 2.5, 'x', null, true, { b: [] }], c: 9007199254740993n };
    assert.deepEqual(toJson(fromJson(value)), value);
  });
});
