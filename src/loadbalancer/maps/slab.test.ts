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

test('whatever is taken and released, parts do not overlap, and all is free in the end', () => {
  const slab = new Slab(1000);
  const taken: Region[] = [];
  // a generator with a seed (of numerical recipes), so that a failure comes again
  let seed = 42;
  const random = (below: number): number => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) % below;
  for (let i = 0; i < 2000; i++) {
    const region = random(2) === 0 ? slab.take(1 + random(100)) : undefined;
    if (region !== undefined) {
      const clash = taken.find(
        (one) => one.offset < region.offset + region.size && region.offset < one.offset + one.size,
      );
      assert.equal(clash, undefined, `seed 42, step ${i}`);
      taken.push(region);
    } else for (const gone of taken.splice(random(taken.length + 1), 1 + random(3))) slab.release(gone);
    if (random(3) === 0) slab.settle();
  }
  for (const region of taken) slab.release(region);
  slab.settle();
  assert.equal(slab.free, 1000);
  assert.deepEqual(slab.take(1000), { offset: 0, size: 1000 });
});
