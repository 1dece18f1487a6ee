import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairwise } from './pairs.ts';

for (const counts of [
  [2, 2],
  [3, 2, 4],
  [2, 2, 2, 2, 2, 2, 2, 2],
  [5, 1, 3, 2, 4],
]) {
  test(`each two of ${counts} occur together`, () => {
    const all = pairwise(counts);
    for (let a = 0; a < counts.length; a++)
      for (let b = a + 1; b < counts.length; b++)
        for (let i = 0; i < counts[a]!; i++)
          for (let j = 0; j < counts[b]!; j++)
            assert.ok(
              all.some((one) => one[a] === i && one[b] === j),
              `${a}=${i} with ${b}=${j}`,
            );
    assert.ok(
      all.length < counts.reduce((product, count) => product * count, 1) || counts.length === 2,
      `${all.length}`,
    );
  });
}

test('of one list, or none, there are no pairs', () => {
  assert.deepEqual([pairwise([]), pairwise([3])], [[], []]);
});
