import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { load } from 'js-yaml';
import type { CalendarWindow } from './types.ts';
import { compileWindow } from './window.ts';

const cases = load(
  readFileSync(new URL('../../src/fieldpolicy/testdata/windows.yaml', import.meta.url), 'utf8'),
) as readonly {
  readonly name: string;
  readonly window: CalendarWindow;
  readonly in?: readonly string[];
  readonly out?: readonly string[];
}[];

describe('windows', () => {
  for (const { name, window, in: within = [], out = [] } of cases) {
    test(name, () => {
      const isIn = compileWindow(window);
      assert.ok(typeof isIn === 'function', String(isIn));
      for (const time of within) assert.ok(isIn(new Date(time)), `${time} is in it`);
      for (const time of out) assert.ok(!isIn(new Date(time)), `${time} is not in it`);
    });
  }
});

test('what is no window is told with its field', () => {
  const wrong: readonly [CalendarWindow, RegExp][] = [
    [{ timeZone: 'Mars/Olympus' }, /^match\.window\.timeZone: "Mars\/Olympus" is no time zone/],
    [{ timeZone: '+02:00' }, /^match\.window\.timeZone: /],
    [{ timeZone: 'Local' }, /^match\.window\.timeZone: /],
    [{ from: '24:00' }, /^match\.window\.from: "24:00" is no time; write HH:MM/],
    [{ from: '9:00' }, /^match\.window\.from: /],
    [{ to: '12:60' }, /^match\.window\.to: /],
    [{ from: '09:00', to: '09:00' }, /^match\.window: from and to are the same/],
  ];
  for (const [window, message] of wrong) assert.match(String(compileWindow(window)), message);
});
