import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseSchedule } from './parse-schedule.ts';

interface Case {
  readonly schedule: string;
  readonly after: string;
  /** The next times, one after the other; fewer than four where there is none within five years. */
  readonly next: readonly string[];
}

/** Made by robfig/cron v3.0.1 with Go 1.26: random schedules around days on which clocks change. */
const file = fileURLToPath(new URL('../../src/cron/testdata/next.json', import.meta.url));
const cases: Case[] = JSON.parse(readFileSync(file, 'utf8'));

const brief = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z');

describe('a schedule is next when robfig/cron has it next', () => {
  for (const { schedule, after, next } of cases)
    test(`${schedule} after ${after}`, () => {
      const parsed = parseSchedule(schedule);
      assert.ok(typeof parsed !== 'string', String(parsed));
      const times: string[] = [];
      let at: number | undefined = Date.parse(after);
      while (times.length < 4) {
        at = parsed.next(at);
        if (at === undefined) break;
        times.push(brief(at));
      }
      assert.deepEqual(times, next);
    });
});
