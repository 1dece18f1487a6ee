import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLabelSelector } from 'nekube/apimachinery';
import type { OperatorRead } from '../observe/operator-write.ts';
import { labelsFor, shownWish, wishesOf, withFields } from './wishes.ts';

const read = (verb: OperatorRead['verb'], of: Partial<OperatorRead> = {}): OperatorRead => ({
  ...{ verb, group: '', resource: 'configmaps', subresource: '', namespace: '‹namespace›', name: '', code: 200 },
  ...of,
});

const SELECTORS = [
  'app=shop',
  'tier in (a,b),app',
  'size>3',
  'size<3',
  'app==shop,tier!=db,!legacy',
  'tier notin (a)',
  '',
];

for (const selector of SELECTORS) {
  test(`labels are made that a selector selects: ${JSON.stringify(selector)}`, () => {
    assert.ok(parseLabelSelector(selector).matches(labelsFor(selector)));
  });
}

const CASES: readonly (readonly [string, readonly OperatorRead[], readonly string[]])[] = [
  ['by name', [read('get', { name: 'settings' })], ['settings']],
  ['by labels', [read('list', { labelSelector: 'for=‹name›' })], ['with for=‹name›']],
  ['by fields', [read('watch', { fieldSelector: 'type=key,status!=old' })], ['with type=key']],
  ['by the field that is the name', [read('list', { fieldSelector: 'metadata.name=one' })], ['one']],
  ['each once', [read('list'), read('watch'), read('get', { name: 'a' })], ['', 'a']],
  ['but for what no server reads', [read('list', { labelSelector: 'a=(' })], []],
];

for (const [name, reads, expected] of CASES) {
  test(`what is asked for is told: ${name}`, () =>
    assert.deepEqual(wishesOf(reads, undefined).map(shownWish), expected));
}

test('texts of the spec may be names, in the places where it looks', () => {
  const reads = [read('list', { namespace: 'home' })];
  assert.deepEqual(wishesOf(reads, { settings: 'one', title: 'No Name', more: [{ key: 'two' }] }), [
    { namespace: 'home' },
    { name: 'one', namespace: 'home' },
    { name: 'two', namespace: 'home' },
  ]);
});

test('a field stands at its path', () => {
  const object = withFields({ spec: { a: 1 } }, { 'spec.nodeName': 'one', type: 'key' });
  assert.deepEqual(object, { spec: { a: 1, nodeName: 'one' }, type: 'key' });
});
