import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyElement, valueElement } from '../fieldpath/path-element.ts';
import { type FieldPath, pathOf } from '../fieldpath/path.ts';
import { FieldSet } from '../fieldpath/set.ts';
import { Schema } from '../schema/schema.ts';
import type { FieldData } from '../schema/schema-data.ts';
import { type TypedValue, typed } from '../typed/typed-value.ts';
import { valueAt } from '../typed/value-at.ts';
import type { Value } from '../value/value.ts';
import { leaveOut, withValueAt } from './edit-config.ts';

const portFields: readonly FieldData[] = [
  { name: 'port', type: { scalar: 'numeric' } },
  { name: 'protocol', type: { scalar: 'string' }, default: 'TCP' },
  { name: 'name', type: { scalar: 'string' } },
];
const ports = {
  elementRelationship: 'associative',
  keys: ['port', 'protocol'],
  elementType: { map: { fields: portFields } },
};
const fields: readonly FieldData[] = [
  { name: 'size', type: { scalar: 'numeric' } },
  { name: 'deep', type: { map: { elementType: { map: { elementType: { scalar: 'string' } } } } } },
  { name: 'point', type: { map: { elementType: { scalar: 'numeric' }, elementRelationship: 'atomic' } } },
  { name: 'tags', type: { list: { elementType: { scalar: 'string' }, elementRelationship: 'associative' } } },
  { name: 'ports', type: { list: ports } },
];
const root = new Schema({ types: [{ name: 'root', map: { fields } }] }).type('root');

function config(value: Value): TypedValue {
  return typed(value, root) as TypedValue;
}

const tcp80 = keyElement([
  { name: 'port', value: 80 },
  { name: 'protocol', value: 'TCP' },
]);

const left: readonly (readonly [string, Value, readonly FieldPath[], Value])[] = [
  ['a field', { size: 1, point: { x: 1 } }, [pathOf('size')], { point: { x: 1 } }],
  ['what becomes empty by it', { deep: { a: { b: 'c' } }, size: 1 }, [pathOf('deep', 'a', 'b')], { size: 1 }],
  ['what is empty already stays', { deep: {}, size: 1 }, [pathOf('size')], { deep: {} }],
  ['a part that is atomic goes whole', { point: { x: 1 }, size: 1 }, [pathOf('point')], { size: 1 }],
  ['nothing of it', { point: { x: 1 } }, [pathOf('point', 'x')], { point: { x: 1 } }],
  ['an item of a set', { tags: ['a', 'b'] }, [pathOf('tags', valueElement('a'))], { tags: ['b'] }],
  ['the last one, and the set', { tags: ['a'], size: 1 }, [pathOf('tags', valueElement('a'))], { size: 1 }],
  [
    'a field of an item',
    { ports: [{ port: 80, name: 'a' }] },
    [pathOf('ports', tcp80, 'name')],
    { ports: [{ port: 80 }] },
  ],
  [
    'an item whose key is a default',
    { ports: [{ port: 80 }, { port: 81 }] },
    [pathOf('ports', tcp80)],
    { ports: [{ port: 81 }] },
  ],
  ['all of it', { size: 1 }, [pathOf('size')], {}],
];

test('what is left out leaves nothing behind that claims anything', () => {
  for (const [name, value, paths, want] of left)
    assert.deepEqual(leaveOut(config(value), FieldSet.of(...paths)).value, want, name);
});

test('a value is found, and replaced, by its path', () => {
  const before = config({ ports: [{ port: 80, name: 'a' }], deep: { a: { b: 'c' } } });
  const path = pathOf('ports', tcp80, 'name');
  assert.equal(valueAt(before.value, path, root), 'a');
  assert.deepEqual(withValueAt(before, path, 'z').value, { ports: [{ port: 80, name: 'z' }], deep: { a: { b: 'c' } } });
  assert.deepEqual(before.value, { ports: [{ port: 80, name: 'a' }], deep: { a: { b: 'c' } } });
  assert.equal(valueAt(before.value, path), undefined, 'without a type the default of a key is not known');
});

test('a path that a configuration does not have changes nothing', () => {
  const before = config({ size: 1 });
  assert.equal(withValueAt(before, pathOf('deep', 'a'), 'z'), before);
  assert.equal(withValueAt(before, pathOf('ports', tcp80, 'name'), 'z'), before);
  assert.equal(valueAt(before.value, pathOf('deep', 'a', 'b'), root), undefined);
});
