import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from 'nekube/client';
import {
  bucketLimiter,
  defaultLimiter,
  exponentialLimiter,
  fastSlowLimiter,
  maxOfLimiter,
  type RateLimiter,
} from './rate-limiters.ts';

const waits = (limiter: RateLimiter, key: string, times: number): number[] =>
  Array.from({ length: times }, () => limiter.when(key));

test('each failure of a key doubles its wait up to the longest, and forgetting it begins anew', () => {
  const limiter = exponentialLimiter({ baseMs: 1, maxMs: 20 });
  assert.deepEqual(waits(limiter, 'a', 7), [1, 2, 4, 8, 16, 20, 20]);
  assert.deepEqual(waits(limiter, 'b', 2), [1, 2]);
  assert.equal(limiter.numRequeues('a'), 7);
  limiter.forget('a');
  assert.equal(limiter.numRequeues('a'), 0);
  assert.deepEqual(waits(limiter, 'a', 1), [1]);
});

test('by default a key waits from 5 ms to 1000 s, however often it fails', () => {
  const limiter = exponentialLimiter();
  const all = waits(limiter, 'a', 2000);
  assert.deepEqual([all[0], all[1], all[17], all[18], all[1999]], [5, 10, 655_360, 1_000_000, 1_000_000]);
});

test('a key is tried fast a few times, then slowly', () => {
  const limiter = fastSlowLimiter({ fastMs: 5, slowMs: 1000, maxFastAttempts: 2 });
  assert.deepEqual(waits(limiter, 'a', 4), [5, 5, 1000, 1000]);
  assert.equal(limiter.numRequeues('a'), 4);
  limiter.forget('a');
  assert.deepEqual(waits(limiter, 'a', 1), [5]);
});

test('a bucket lets a burst through, then so many a second, and fills again', () => {
  const clock = new FakeClock();
  const limiter = bucketLimiter({ perSecond: 10, burst: 3, clock });
  assert.deepEqual(waits(limiter, 'any', 5), [0, 0, 0, 100, 200]);
  clock.tick(200);
  assert.deepEqual(waits(limiter, 'any', 1), [100]);
  clock.tick(60_000);
  assert.deepEqual(waits(limiter, 'any', 4), [0, 0, 0, 100]);
});

test('setting the time of day does not fill a bucket', () => {
  const clock = new FakeClock();
  const limiter = bucketLimiter({ perSecond: 1, burst: 1, clock });
  clock.set(clock.now() + 3_600_000);
  assert.deepEqual(waits(limiter, 'any', 2), [0, 1000]);
});

test('of several limiters the longest wait counts, and all count the failure', () => {
  const limiter = maxOfLimiter(
    fastSlowLimiter({ fastMs: 5, slowMs: 3000, maxFastAttempts: 3 }),
    exponentialLimiter({ baseMs: 1, maxMs: 1000 }),
  );
  assert.deepEqual(waits(limiter, 'a', 4), [5, 5, 5, 3000]);
  assert.equal(limiter.numRequeues('a'), 4);
  limiter.forget('a');
  assert.equal(limiter.numRequeues('a'), 0);
});

test('the default is exponential by key and ten a second after a hundred of all', () => {
  const limiter = defaultLimiter(new FakeClock());
  const all = Array.from({ length: 102 }, (_, i) => limiter.when(i));
  assert.deepEqual([all[0], all[99], all[100], all[101]], [5, 5, 100, 200]);
});
