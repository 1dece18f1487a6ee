import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Quarantine } from './quarantine.ts';

test('a node that is missing comes out once when its time is over, and anew if it is missing still', () => {
  const quarantine = new Quarantine(40);
  assert.deepEqual(quarantine.pass(['one'], 0), []);
  assert.deepEqual(quarantine.pass(['one', 'two'], 20), [], 'the time counts from the first time on');
  assert.deepEqual(quarantine.pass(['one', 'two'], 40), ['one']);
  assert.deepEqual(quarantine.pass([], 60), ['two'], 'whether it is missing is for others to see');
  assert.deepEqual(quarantine.pass([], 80), ['one'], 'it was missing when it came out, and waited again');
  assert.deepEqual(quarantine.pass([], 500), []);
});
