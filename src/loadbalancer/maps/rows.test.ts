import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rows } from './rows.ts';

test('rows do not overlap, and are zeros also where others were before', () => {
  const rows = new Rows();
  for (let time = 0; time < 3; time++) {
    const taken = Array.from({ length: 200 }, (_, i) => rows.take(1 + ((i * 997) % 20_000)));
    for (const row of taken) assert.ok(row.every((value) => value === 0));
    taken.forEach((row, i) => row.fill(i + 1));
    taken.forEach((row, i) => assert.ok(row.every((value) => value === i + 1)));
    rows.giveBack();
  }
});
