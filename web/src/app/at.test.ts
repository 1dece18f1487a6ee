import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAt } from './at.ts';

const NOW = new Date(2026, 0, 31, 12, 0, 0).getTime();

test('a revision, a moment and a time ago are understood, and other texts are not', () => {
  assert.deepEqual(parseAt(' 1234 ', NOW), { revision: '1234' });
  for (const text of ['5m', '5m ago', '5m前']) assert.deepEqual(parseAt(text, NOW), { timeMs: NOW - 300_000 });
  assert.deepEqual(parseAt('11:59:30', NOW), { timeMs: NOW - 30_000 });
  assert.deepEqual(parseAt('12:01', NOW), { timeMs: new Date(2026, 0, 30, 12, 1).getTime() });
  assert.deepEqual(parseAt('2026-01-31 11:00', NOW), { timeMs: NOW - 3_600_000 });
  assert.deepEqual(parseAt('2026-01-31T11:00:00Z', NOW), { timeMs: Date.UTC(2026, 0, 31, 11) });
  for (const text of ['', 'yesterday', '2026-01-99', 'x5m']) assert.equal(parseAt(text, NOW), undefined, text);
});
