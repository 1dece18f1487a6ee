import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from 'nekube/apimachinery';
import { neededTime } from './needed-time.ts';

const kind = (leaves: number): { readonly kind: string; readonly schema: JsonObject; readonly sample: never } => ({
  kind: `with ${leaves}`,
  sample: { spec: {} } as never,
  schema: {
    type: 'object',
    properties: Object.fromEntries(Array.from({ length: leaves }, (_, i) => [`m${i}`, { type: 'string' }])),
  },
});

test('the time that an audit needs grows with the kinds, with what is in their specs, and with how slow the operator is', () => {
  const all = (kinds: readonly number[], quietMs = 400, startMs = 2000): number =>
    neededTime(kinds.map(kind), quietMs, startMs).neededMs;
  assert.equal(all([0]), 60 * 500 + 5000 + 3 * 2000);
  assert.equal(all([0, 0]), 2 * all([0]));
  for (const more of [all([20]), all([0], 800), all([0], 400, 4000)]) assert.ok(more > all([0]));
  // of which the values of the spec have half at most
  assert.ok(all([4000]) > 2 * all([1900]) - all([0]));
});
