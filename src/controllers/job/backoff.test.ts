import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../pods/pod.ts';
import { type Backoff, backoffAfter, indexWaitMs, waitMs } from './backoff.ts';
import { FAILURE_COUNT } from './job-pod.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

/** A pod that ended so many seconds after the start. */
function endedAt(seconds: number, failures?: number): Pod {
  const finishedAt = new Date(START + seconds * 1000).toISOString();
  return {
    metadata: { name: 'p', ...(failures !== undefined && { annotations: { [FAILURE_COUNT]: String(failures) } }) },
    spec: {},
    status: { phase: 'Failed', containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 1, finishedAt } } }] },
  };
}

describe('failures since the last success', () => {
  const cases: readonly [
    what: string,
    before: Backoff,
    succeeded: readonly number[],
    failed: readonly number[],
    after: readonly [failures: number, lastSeconds: number | undefined],
  ][] = [
    ['come to those before', { failures: 2, lastAt: START }, [], [5, 3], [4, 5]],
    ['stay without another', { failures: 2, lastAt: START }, [], [], [2, 0]],
    ['are forgotten with a success', { failures: 2, lastAt: START }, [9], [5], [0, undefined]],
    ['count from the success', { failures: 2, lastAt: START }, [4], [3, 5, 7], [2, 7]],
    ['do not count at the time of the success', { failures: 0 }, [5], [5], [0, undefined]],
  ];
  for (const [what, before, succeeded, failed, [failures, lastSeconds]] of cases)
    test(what, () => {
      const after = backoffAfter(
        before,
        succeeded.map((at) => endedAt(at)),
        failed.map((at) => endedAt(at)),
      );
      assert.deepEqual(after, {
        failures,
        ...(lastSeconds !== undefined && { lastAt: START + lastSeconds * 1000 }),
      });
    });
});

describe('the wait after failures, in seconds', () => {
  const cases: readonly [failures: number, now: number, seconds: number][] = [
    [0, 0, 0],
    [1, 0, 10],
    [1, 4, 6],
    [1, 11, 0],
    [2, 0, 20],
    [3, 0, 40],
    [7, 0, 600],
    [50, 0, 600],
  ];
  for (const [failures, now, seconds] of cases)
    test(`${failures} failures, the last ${now} s ago: ${seconds} s`, () =>
      assert.equal(waitMs({ failures, lastAt: START }, START + now * 1000), seconds * 1000));

  test('is none where nobody knows when that was', () => assert.equal(waitMs({ failures: 3 }, START), 0));

  test('of an index is that of its pod that failed last, and of those before', () => {
    assert.equal(indexWaitMs(undefined, START), 0);
    assert.equal(indexWaitMs(endedAt(0, 0), START), 10_000);
    assert.equal(indexWaitMs(endedAt(0, 2), START), 40_000);
  });
});
