import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LayeredMap } from './layered-map.ts';

test('entries that changed stand where they stood, new ones last, and those that went are gone', () => {
  const before = new Map([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  const map = LayeredMap.changed(
    before,
    new Map([
      ['d', 4],
      ['b', 5],
      ['a', undefined],
    ]),
  );
  assert.deepEqual(
    [...map],
    [
      ['b', 5],
      ['c', 3],
      ['d', 4],
    ],
  );
  assert.deepEqual([map.size, map.get('a'), map.has('a'), map.get('c')], [3, undefined, false, 3]);
  assert.equal(before.size, 3);
});

for (const seed of [1, 2, 3])
  test(`after any changes it is what a map is that was changed so (seed ${seed})`, () => {
    let state = seed;
    const random = (n: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    const plain = new Map(Array.from({ length: 50 }, (_, i) => [`${i}`, i]));
    let layered: ReadonlyMap<string, number> = new Map(plain);
    const seen = [layered];
    for (let round = 0; round < 600; round++) {
      const changes = new Map<string, number | undefined>();
      for (let i = random(4); i >= 0; i--) changes.set(`${random(80)}`, random(3) === 0 ? undefined : round);
      for (const [key, value] of changes)
        if (value === undefined) plain.delete(key);
        else plain.set(key, value);
      layered = LayeredMap.changed(layered, changes);
      seen.push(layered);
      const earlier = seen[Math.max(0, seen.length - 1 - random(20))]!;
      const all = new Set([...earlier.keys(), ...layered.keys()]);
      const differing = [...all].filter((key) => earlier.get(key) !== layered.get(key)).sort();
      assert.deepEqual([...LayeredMap.differing(earlier, layered)].sort(), differing);
      assert.deepEqual([...LayeredMap.differing(layered, new Map(earlier))].sort(), differing);
      const sorted = (map: ReadonlyMap<string, number>) => [...map].sort(([a], [b]) => Number(a) - Number(b));
      assert.deepEqual(sorted(layered), sorted(plain));
      assert.equal(layered.size, plain.size);
      for (let key = 0; key < 80; key++) assert.equal(layered.get(`${key}`), plain.get(`${key}`));
    }
  });
