import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dealHand } from './hand.ts';

test('a hand has different queues of the level, always the same for a flow', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.integer({ min: 1, max: 512 }),
      fc.integer({ min: 1, max: 10 }),
      (a, b, queues, size) => {
        const hand = dealHand(a, b, queues, size);
        assert.equal(hand.length, Math.min(size, queues));
        assert.equal(new Set(hand).size, hand.length);
        assert.ok(hand.every((queue) => Number.isInteger(queue) && queue >= 0 && queue < queues));
        assert.deepEqual(dealHand(a, b, queues, size), hand);
      },
    ),
  );
});

test('flows are spread over all queues', () => {
  const used = new Set(Array.from({ length: 500 }, (_, i) => dealHand('schema', `user-${i}`, 64, 6)).flat());
  assert.equal(used.size, 64);
});
