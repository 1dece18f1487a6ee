import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FreshIds } from './fresh-ids.ts';

test('a number that was given back is not given again', () => {
  const ids = new FreshIds(2);
  const [first, second] = [ids.take(), ids.take()];
  assert.throws(() => ids.take(), RangeError);
  ids.release(first);
  const third = ids.take();
  assert.ok(![first, second].includes(third));
  assert.equal(ids.free, 0);
});

test('after a restart numbers are none that were given before, also of those that were given back', () => {
  const before = new FreshIds(10_000);
  const given = Array.from({ length: 5000 }, () => before.take());
  const after = new FreshIds(10_000);
  for (const id of given.slice(0, 10)) after.adopt(id);
  assert.equal(after.free, 9990);
  const fresh = Array.from({ length: 5000 }, () => after.take());
  assert.equal(new Set([...given, ...fresh]).size, 10_000);
});

test('when all have been given they begin anew, with those that are free', () => {
  const ids = new FreshIds(10);
  ids.adopt(1);
  ids.adopt(2 ** 32 - 1 - 1_000_000);
  assert.deepEqual([ids.take(), ids.take(), ids.take()], [2 ** 32 - 1, 2, 3]);
});
