import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Incarnations } from './incarnations.ts';

const KEY = { namespace: 'shop', name: 'web' };

test('an object that stays replaces nothing, and one that is gone is named once', () => {
  const incarnations = new Incarnations();
  const replaced = ['a', 'a', undefined, undefined].map((uid) => incarnations.replace(KEY, uid));
  assert.deepEqual(replaced, [undefined, undefined, 'a', undefined]);
});

test('another object of the same name replaces the one before, and those of other namespaces do not', () => {
  const incarnations = new Incarnations();
  incarnations.replace(KEY, 'a');
  assert.equal(incarnations.replace({ ...KEY, namespace: 'other' }, 'c'), undefined);
  assert.equal(incarnations.replace(KEY, 'b'), 'a');
});
