import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from './fake-clock.ts';
import { RateLimiter } from './rate-limiter.ts';

/** When each of so many got its token, in milliseconds. */
async function times(limiter: RateLimiter, clock: FakeClock, count: number): Promise<number[]> {
  const got: number[] = [];
  const all = Array.from({ length: count }, () => limiter.take().then(() => got.push(clock.elapsed())));
  for (let i = 0; got.length < count && i < 10_000; i++) {
    await new Promise(setImmediate);
    if (got.length < count) clock.tick(50);
  }
  await Promise.all(all);
  return got;
}

test('a burst goes at once, and the rest in the rate, in order', async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter({ perSecond: 10, burst: 3 }, clock);
  assert.deepEqual(await times(limiter, clock, 6), [0, 0, 0, 100, 200, 300]);
});

test('what is not used is saved, up to the burst', async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter({ perSecond: 10, burst: 2 }, clock);
  await times(limiter, clock, 2);
  clock.tick(10_000);
  assert.deepEqual(
    (await times(limiter, clock, 3)).map((at) => at - 10_000),
    [0, 0, 100],
  );
});

test('who gives up gives the token back', async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, clock);
  await limiter.take();
  const controller = new AbortController();
  const waiting = limiter.take(controller.signal);
  controller.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  clock.tick(1000);
  assert.equal(limiter.tryTake(), true);
  assert.equal(limiter.tryTake(), false);
});

test('a limit that lets nothing through is refused', () => {
  for (const limit of [
    { perSecond: 0, burst: 1 },
    { perSecond: 1, burst: 0 },
    { perSecond: Number.NaN, burst: 1 },
  ])
    assert.throws(() => new RateLimiter(limit), RangeError);
});

test('who does not wait is not counted, and who reserves is told how long to wait', () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, clock);
  assert.deepEqual([limiter.tryTake(), limiter.tryTake(), limiter.tryTake()], [true, false, false]);
  clock.tick(1000);
  assert.deepEqual([limiter.reserve(), limiter.reserve(), limiter.tryTake()], [0, 1000, false]);
});
