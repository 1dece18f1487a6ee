import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type HashSeed, hash32 } from './hash.ts';
import { type MaglevBackend, maglevTable } from './maglev.ts';
import { DEFAULT_SLOTS_PER_BACKEND, TABLE_SIZES, tableSize } from './table-size.ts';

const backendsOf = (count: number): MaglevBackend[] =>
  Array.from({ length: count }, (_, i) => ({ name: `10.244.${i >> 8}.${i & 255}:8080` }));

const namesOf = (backends: readonly MaglevBackend[], table: Uint32Array) =>
  Array.from(table, (index) => backends[index]?.name);

/** The share of slots that were not of `gone`, and have another backend when it is gone. */
function moved(backends: readonly MaglevBackend[], gone: number, size: number, seed: HashSeed): number {
  const left = backends.filter((_, i) => i !== gone);
  const before = namesOf(backends, maglevTable(backends, size, seed));
  const after = namesOf(left, maglevTable(left, size, seed));
  const others = before.filter((name) => name !== backends[gone]?.name).length;
  return before.filter((name, slot) => name !== backends[gone]?.name && name !== after[slot]).length / others;
}

describe('a Maglev table', () => {
  for (const count of [1, 2, 5, 50, 300])
    test(`of ${count} backends gives each an even share`, () => {
      const size = tableSize(count);
      const counts = new Uint32Array(count);
      for (const index of maglevTable(backendsOf(count), size)) counts[index] = (counts[index] as number) + 1;
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${Math.min(...counts)} to ${Math.max(...counts)}`);
    });

  for (const { slots, most } of [
    { slots: DEFAULT_SLOTS_PER_BACKEND, most: 0.02 },
    { slots: 600, most: 0.01 },
  ])
    for (const count of [2, 3, 5, 10, 20, 50])
      test(`with ${slots} slots for each of ${count} backends moves at most ${100 * most} % of the flows of others`, () => {
        const size = tableSize(count, slots);
        const tried = Array.from({ length: 20 }, (_, i) =>
          moved(backendsOf(count), i % count, size, { offset: i, skip: ~i }),
        );
        // the mean over seeds: with few backends a single seed may be much better, or worse
        const mean = tried.reduce((sum, one) => sum + one, 0) / tried.length;
        assert.ok(mean <= most, `${(100 * mean).toFixed(2)} %`);
      });

  test('does not depend on the order in which backends are listed', () => {
    const backends = backendsOf(7);
    const turned = [...backends].reverse();
    assert.deepEqual(namesOf(turned, maglevTable(turned, 1021)), namesOf(backends, maglevTable(backends, 1021)));
  });

  test('is another one with another seed', () => {
    const backends = backendsOf(5);
    assert.notDeepEqual(maglevTable(backends, 509, { offset: 1, skip: 2 }), maglevTable(backends, 509));
  });

  test('gives shares by weight', () => {
    const backends = [{ name: 'a', weight: 3 }, { name: 'b' }, { name: 'c', weight: 0 }];
    const counts = [0, 0, 0];
    for (const index of maglevTable(backends, 1021)) counts[index] = (counts[index] as number) + 1;
    const [a = 0, b = 0, c] = counts;
    assert.equal(c, 0);
    assert.ok(Math.abs(a / b - 3) < 0.02, `${a} to ${b}`);
  });

  test('of no backends is empty', () => assert.deepEqual(maglevTable([], 251), new Uint32Array()));

  test('that is too small, or in which nobody has a weight, cannot be', () => {
    assert.throws(() => maglevTable(backendsOf(300), 251), RangeError);
    assert.throws(() => maglevTable([{ name: 'a', weight: 0 }], 251), RangeError);
  });
});

describe('sizes of tables', () => {
  test('are primes', () => {
    for (const size of TABLE_SIZES)
      for (let divisor = 2; divisor * divisor <= size; divisor++) assert.notEqual(size % divisor, 0);
  });

  for (const [count, size] of [
    [0, 251],
    [1, 251],
    [5, 509],
    [81, 8191],
    [5000, 131071],
  ] as const)
    test(`${count} backends have ${size} slots`, () => assert.equal(tableSize(count), size));
});

test('hash32 is MurmurHash3', () => {
  // "ab" in UTF-16LE is 61 00 62 00
  assert.equal(hash32('', 0), 0);
  assert.equal(hash32('', 1), 0x514e28b7);
  assert.equal(hash32('\u4321\u8765', 0x5082edee), 0x2362f9de);
});
