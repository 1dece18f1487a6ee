import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from 'nekube/apimachinery';
import { pathOf } from 'nekube/smd';
import { keptValue } from './kept-value.ts';

const secret = { group: '', kind: 'Secret', namespace: 'shop', name: 's' };
const salt = Buffer.from('salt');
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const hidden: readonly (readonly [path: readonly string[], value: JsonValue])[] = [
  [['data', 'a'], 'c2VjcmV0'],
  [['data'], { a: 'c2VjcmV0' }],
  [['stringData', 'a'], 'secret'],
  [['metadata', 'annotations', LAST_APPLIED], '{}'],
  [['metadata', 'annotations'], { [LAST_APPLIED]: '{}' }],
  [['metadata'], { annotations: { [LAST_APPLIED]: '{}' } }],
];
for (const [path, value] of hidden)
  test(`of a Secret is not kept: ${path.join(' ')}`, () => {
    const kept = keptValue(value, pathOf(...path), secret, salt);
    assert.ok('hash' in kept && kept.why === 'secret' && kept.bytes === 0);
    assert.deepEqual(keptValue(value, pathOf(...path), { ...secret, kind: 'Other' }, salt), { value });
  });

test('of a Secret is kept: what is no value of it', () => {
  assert.deepEqual(keptValue('Opaque', pathOf('type'), secret, salt), { value: 'Opaque' });
  assert.deepEqual(keptValue('x', pathOf('metadata', 'labels', 'a'), secret, salt), { value: 'x' });
  assert.deepEqual(keptValue('x', pathOf('metadata', 'annotations', 'a'), secret, salt), { value: 'x' });
});

test('a hash tells nothing of another store, object or field', () => {
  const hashes = [
    keptValue('x', pathOf('data', 'a'), secret, salt),
    keptValue('x', pathOf('data', 'b'), secret, salt),
    keptValue('x', pathOf('data', 'a'), { ...secret, name: 'other' }, salt),
    keptValue('x', pathOf('data', 'a'), secret, Buffer.from('other')),
    keptValue('y', pathOf('data', 'a'), secret, salt),
  ].map((kept) => ('hash' in kept ? kept.hash : ''));
  assert.equal(new Set(hashes).size, hashes.length);
  assert.deepEqual(
    keptValue('x', pathOf('data', 'a'), secret, salt),
    keptValue('x', pathOf('data', 'a'), secret, salt),
  );
});
