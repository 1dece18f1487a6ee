import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseSchedule, type Schedule } from 'nekube/cron';
import type { CronJob } from './cron-job.ts';
import { dueTime, untilNext } from './due.ts';

const MINUTE_MS = 60_000;
const time = (text: string): number => Date.parse(`2026-01-01T${text}Z`);

/** A CronJob of every ten minutes, made at midnight. */
function cronJob(last?: string, startingDeadlineSeconds?: number): CronJob {
  return {
    metadata: { name: 'c', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { schedule: '', jobTemplate: { spec: {} }, ...(startingDeadlineSeconds && { startingDeadlineSeconds }) },
    status: { ...(last !== undefined && { lastScheduleTime: `2026-01-01T${last}Z` }) },
  };
}

const scheduleOf = (text: string): Schedule => {
  const schedule = parseSchedule(text);
  assert.ok(typeof schedule !== 'string', `${schedule}`);
  return schedule;
};
const TEN = scheduleOf('*/10 * * * *');

describe('when a CronJob is due', () => {
  const cases: readonly [what: string, of: CronJob, now: string, at: string | undefined, many: boolean][] = [
    ['not before its first time', cronJob(), '00:09:59', undefined, false],
    ['at its first time', cronJob(), '00:10:00', '00:10:00', false],
    ['a little later still for that time', cronJob(), '00:19:59', '00:10:00', false],
    ['for the last of several that were missed', cronJob(), '01:05:00', '01:00:00', false],
    ['not again for a time that it was scheduled for', cronJob('00:10:00'), '00:15:00', undefined, false],
    ['since it was last scheduled', cronJob('00:10:00'), '00:20:00', '00:20:00', false],
    ['for the last also after many, which is told', cronJob(), '17:00:00', '17:00:00', true],
    ['not told for a hundred', cronJob(), '16:40:00', '16:40:00', false],
    ['not for what was too long ago', cronJob('00:00:00', 60), '00:15:00', undefined, false],
    ['for what was not too long ago', cronJob('00:00:00', 360), '00:15:00', '00:10:00', false],
  ];
  for (const [what, of, now, at, manyMissed] of cases)
    test(what, () => {
      const due = dueTime(of, time(now), TEN);
      assert.deepEqual(due, at === undefined ? undefined : { at: time(at), manyMissed });
    });

  test('never, if its schedule never comes', () =>
    assert.match(`${dueTime(cronJob(), time('00:10:00'), scheduleOf('0 0 31 2 *'))}`, /less than 1 second/));
});

describe('when a CronJob is looked at again, in milliseconds', () => {
  const cases: readonly [what: string, of: CronJob, now: string, ms: number][] = [
    ['at its first time, and a little', cronJob(), '00:04:00', 6 * MINUTE_MS + 100],
    ['at the next, when it is due', cronJob(), '00:10:00', 10 * MINUTE_MS + 100],
    ['at the next, when many were missed', cronJob(), '05:05:00', 5 * MINUTE_MS + 100],
    ['whatever its deadline is', cronJob('00:00:00', 1), '00:15:00', 5 * MINUTE_MS + 100],
  ];
  for (const [what, of, now, ms] of cases) test(what, () => assert.equal(untilNext(of, time(now), TEN), ms));

  test('at once, if its schedule never comes', () =>
    assert.equal(untilNext(cronJob(), time('00:10:00'), scheduleOf('0 0 31 2 *')), 100));
});
