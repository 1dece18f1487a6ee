import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RetryAfter } from './retry-after.ts';

/** How many are rejected in each second, and what the last of them is told; 0 if there is none. */
const cases: readonly [name: string, rejected: readonly number[], told: readonly number[]][] = [
  ['few rejections keep it at a second', [1, 1, 1, 2], [1, 1, 1, 1]],
  ['many double it, after as many seconds as it says', [5, 5, 8, 8, 8, 20], [1, 2, 2, 4, 4, 4]],
  ['it falls by a second when few were rejected', [5, 5, 0, 0, 0, 1, 0, 0, 0, 1], [1, 2, 0, 0, 0, 1, 0, 0, 0, 1]],
];

for (const [name, rejected, told] of cases) {
  test(name, () => {
    const retryAfter = new RetryAfter();
    const got = rejected.map((count, second) => {
      let last = 0;
      for (let i = 0; i < count; i++) last = retryAfter.reject(1_000_000 + second * 1000 + i);
      return last;
    });
    assert.deepEqual(got, [...told]);
  });
}

test('it is never more than 32 seconds', () => {
  const retryAfter = new RetryAfter();
  let last = 0;
  for (let second = 1; second < 500; second++) for (let i = 0; i < 200; i++) last = retryAfter.reject(second * 1000);
  assert.equal(last, 32);
});
