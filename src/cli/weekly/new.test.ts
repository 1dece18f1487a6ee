import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayHere } from './new.ts';

const DAYS: readonly (readonly [zone: string, time: string, day: string])[] = [
  ['Asia/Tokyo', '2031-03-06T23:00:00Z', '2031-03-07'],
  ['America/New_York', '2031-03-09T04:59:00Z', '2031-03-08'],
  ['America/New_York', '2031-03-10T03:59:00Z', '2031-03-09'],
  ['Europe/Berlin', '2031-10-25T22:30:00Z', '2031-10-26'],
  ['Pacific/Auckland', '2032-02-28T11:00:00Z', '2032-02-29'],
  ['Pacific/Kiritimati', '2032-12-31T10:00:00Z', '2033-01-01'],
];
for (const [zone, time, day] of DAYS)
  test(`an issue that is begun at ${time} in ${zone} is of ${day}`, () => {
    const before = process.env['TZ'];
    process.env['TZ'] = zone;
    try {
      assert.equal(dayHere(new Date(time)), day);
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });
