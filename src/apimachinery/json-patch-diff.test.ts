import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyJsonPatch } from './json-patch.ts';
import { diffJson } from './json-patch-diff.ts';
import { cloneJson, type JsonValue } from './value.ts';

const CASES: readonly { name: string; from: JsonValue; to: JsonValue; patch: JsonValue }[] = [
  { name: 'equal values need nothing', from: { a: [1, { b: null }] }, to: { a: [1, { b: null }] }, patch: [] },
  {
    name: 'members are added, replaced and removed',
    from: { keep: 1, change: 'a', drop: true },
    to: { keep: 1, change: 'b', add: { x: [] } },
    patch: [
      { op: 'remove', path: '/drop' },
      { op: 'replace', path: '/change', value: 'b' },
      { op: 'add', path: '/add', value: { x: [] } },
    ],
  },
  {
    name: 'slashes and tildes in names are escaped',
    from: { 'a/b~c': 1 },
    to: { 'a/b~c': 2 },
    patch: [{ op: 'replace', path: '/a~1b~0c', value: 2 }],
  },
  {
    name: 'an item is inserted where it stands',
    from: ['a', 'c'],
    to: ['a', 'b', 'c'],
    patch: [{ op: 'add', path: '/1', value: 'b' }],
  },
  {
    name: 'items are removed from the end',
    from: [1, 2, 3, 4],
    to: [4],
    patch: [
      { op: 'remove', path: '/2' },
      { op: 'remove', path: '/1' },
      { op: 'remove', path: '/0' },
    ],
  },
  {
    name: 'integers beyond 2^53 that differ in their last digit differ',
    from: { n: 9007199254740993n },
    to: { n: 9007199254740995n },
    patch: [{ op: 'replace', path: '/n', value: 9007199254740995n }],
  },
  { name: 'a list is no object', from: [], to: {}, patch: [{ op: 'replace', path: '', value: {} }] },
];

for (const { name, from, to, patch } of CASES) {
  test(name, () => assert.deepEqual(diffJson(from, to), patch));
}

test('of any two objects the patch leads from one to the other', () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(
    fc.property(object, object, (a, b) => {
      const [from, to] = [cloneJson(a as JsonValue), cloneJson(b as JsonValue)];
      assert.deepEqual(applyJsonPatch(from, diffJson(from, to) as unknown as JsonValue), to);
    }),
  );
});
