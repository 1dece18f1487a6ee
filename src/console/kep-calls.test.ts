import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitOf } from './kep-calls.ts';

const LIMITS: readonly (readonly [query: string, limit: number])[] = [
  ['', 50],
  ['limit=7', 7],
  ['limit=many', 50],
  ['limit=100000', 1000],
  ['limit=-3', 1],
];

test('so much is answered as is asked for: one at least, and a thousand at most', () => {
  for (const [query, limit] of LIMITS) assert.equal(limitOf(new URLSearchParams(query)), limit, query);
});
