import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Region, Slab } from './slab.ts';

test('a slab begins with what is not in use', () => {
  const slab = new Slab(100, [
    { offset: 50, size: 10 },
    { offset: 0, size: 20 },
  ]);
  assert.equal(slab.free, 70);
  assert.deepEqual(slab.take(40), { offset: 60, size: 40 });
  assert.deepEqual(slab.take(30), { offset: 20, size: 30 });
  assert.equal(slab.take(1), undefined);
});

test('what is released is free after it has settled, and joins what is beside it', () => {
  const slab = new Slab(30);
  const [a, b, c] = [10, 10, 10].map((size) => slab.take(size) as Region) as [Region, Region, Region];
  for (const region of [b, a]) slab.release(region);
  assert.equal(slab.take(10), undefined);
  slab.settle();
  assert.deepEqual(slab.take(20), { offset: 0, size: 20 });
  slab.release(c);
  slab.settle();
  assert.equal(slab.free, 10);
});
