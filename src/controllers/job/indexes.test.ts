import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Backoff, waitMs } from './backoff.ts';
import { Indexes } from './indexes.ts';

describe('indexes are written as short as they can be', () => {
  const cases: readonly [indexes: number[], text: string][] = [
    [[], ''],
    [[3], '3'],
    [[1, 0], '0,1'],
    [[2, 0, 1], '0-2'],
    [[0, 1, 3, 5, 6, 7], '0,1,3,5-7'],
  ];
  for (const [indexes, text] of cases)
    test(JSON.stringify(text), () => {
      assert.equal(Indexes.of(indexes).toString(), text);
      assert.deepEqual(Indexes.parse(text, 100), Indexes.of(indexes));
      assert.equal(Indexes.of(indexes).count, indexes.length);
    });

  test('what is beyond the completions or no number is passed over', () => {
    assert.equal(Indexes.parse('0,x,2-9', 5).toString(), '0,2-4');
    assert.equal(Indexes.parse('7-9', 5).toString(), '');
    assert.equal(Indexes.parse(undefined, 5).count, 0);
  });
});

test('the first indexes that are missing, as many as are asked for', () => {
  const some = Indexes.parse('0,2-3,6', 10);
  assert.deepEqual(some.firstMissing(3, 10), [1, 4, 5]);
  assert.deepEqual(some.firstMissing(9, 8), [1, 4, 5, 7]);
  assert.deepEqual(some.firstMissing(0, 8), []);
  assert.deepEqual(Indexes.NONE.firstMissing(2, 8), [0, 1]);
});

test('random sets of indexes behave as sets of numbers', () => {
  let state = 7;
  const random = (below: number): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % below;
  for (let round = 0; round < 200; round++) {
    const [a, b] = [0, 1].map(() => new Set(Array.from({ length: random(15) }, () => random(20)))) as [
      Set<number>,
      Set<number>,
    ];
    const both = Indexes.of(a).with(Indexes.of(b));
    for (let i = 0; i < 20; i++) assert.equal(both.has(i), a.has(i) || b.has(i));
    assert.equal(both.count, new Set([...a, ...b]).size);
    assert.equal(Indexes.of(a).overlap(Indexes.of(b)), [...a].filter((one) => b.has(one)).length);
  }
});

describe('after failures it is waited ten seconds, then twice as long each time, at most ten minutes', () => {
  const cases: readonly [backoff: Backoff, now: number, wait: number][] = [
    [{ failures: 0 }, 0, 0],
    [{ failures: 1, lastAt: 0 }, 0, 10_000],
    [{ failures: 1, lastAt: 0 }, 9000, 1000],
    [{ failures: 3, lastAt: 0 }, 0, 40_000],
    [{ failures: 60, lastAt: 0 }, 0, 600_000],
    [{ failures: 2, lastAt: 0 }, 50_000, 0],
  ];
  for (const [backoff, now, wait] of cases)
    test(`${JSON.stringify(backoff)} at ${now}`, () => assert.equal(waitMs(backoff, now), wait));
});
