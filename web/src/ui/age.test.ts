import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age } from './age.ts';

const CASES: readonly (readonly [number, string, string])[] = [
  [0, '0s', '0秒'],
  [119, '119s', '119秒'],
  [200, '3m20s', '3分20秒'],
  [180, '3m', '3分'],
  [3600, '60m', '60分'],
  [4 * 3600 + 120, '4h2m', '4時間2分'],
  [40 * 3600, '40h', '40時間'],
  [53 * 3600, '2d5h', '2日5時間'],
  [30 * 86_400, '30d', '30日'],
  [800 * 86_400, '2y70d', '2年70日'],
];

test('an age is said in at most two units', () => {
  for (const [seconds, en, ja] of CASES) {
    assert.equal(age(seconds * 1000, 'en'), en);
    assert.equal(age(seconds * 1000, 'ja'), ja);
  }
});
