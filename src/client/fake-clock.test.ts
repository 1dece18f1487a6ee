import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sleep } from './clock.ts';
import { FakeClock } from './fake-clock.ts';

describe('a fake clock', () => {
  test('stands still until it is told to go on', () => {
    const clock = new FakeClock(1000);
    assert.deepEqual([clock.now(), clock.elapsed()], [1000, 0]);
    clock.tick(250);
    assert.deepEqual([clock.now(), clock.elapsed()], [1250, 250]);
  });

  test('calls in the order of moments, each at its own, and those of one moment in the order of asking', () => {
    const clock = new FakeClock(0);
    const calls: string[] = [];
    for (const [name, ms] of [
      ['late', 30],
      ['early', 10],
      ['also early', 10],
    ] as const)
      clock.after(ms, () => calls.push(`${name} at ${clock.elapsed()}`));
    clock.tick(29);
    assert.deepEqual(calls, ['early at 10', 'also early at 10']);
    assert.equal(clock.untilNext, 1);
    clock.tick(1);
    assert.deepEqual(calls.slice(2), ['late at 30']);
    assert.equal(clock.untilNext, undefined);
  });

  test('calls what a call asks for in the same run, if it is due by then', () => {
    const clock = new FakeClock();
    const calls: number[] = [];
    const again = (): void => {
      calls.push(clock.elapsed());
      clock.after(10, again);
    };
    clock.after(10, again);
    clock.tick(35);
    assert.deepEqual(calls, [10, 20, 30]);
    assert.equal(clock.waiting, 1);
  });

  test('does not call what was cancelled', () => {
    const clock = new FakeClock();
    const cancel = clock.after(10, () => assert.fail('was called'));
    cancel();
    clock.tick(20);
    assert.equal(clock.waiting, 0);
  });

  test('lets promises go on between two moments when it advances', async () => {
    const clock = new FakeClock();
    const seen: number[] = [];
    const work = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await sleep(10, clock);
        seen.push(clock.elapsed());
      }
    };
    const done = work();
    await clock.advance(30);
    await done;
    assert.deepEqual(seen, [10, 20, 30]);
  });

  test('may be set to another time of day without anything becoming due', () => {
    const clock = new FakeClock(1000);
    clock.after(10, () => assert.fail('was called'));
    clock.set(1_000_000);
    assert.deepEqual([clock.now(), clock.elapsed(), clock.untilNext], [1_000_000, 0, 10]);
    clock.set(0);
    clock.tick(9);
    assert.deepEqual([clock.now(), clock.elapsed()], [9, 9]);
  });
});

for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY])
  test(`time that cannot pass is refused: ${ms}`, async () => {
    const clock = new FakeClock();
    assert.throws(() => clock.tick(ms), RangeError);
    await assert.rejects(clock.advance(ms), RangeError);
    assert.equal(clock.elapsed(), 0);
  });
