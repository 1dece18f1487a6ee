import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCidr } from 'nekube/apimachinery';
import { nextStep } from '../ttl/ttl-controller.ts';
import { Ranges } from './ranges.ts';

test('ranges are given one after the other, and again when they are given back', () => {
  const ranges = new Ranges(parseCidr('10.244.0.0/22')!, 24);
  ranges.occupy('10.244.1.0/24');
  assert.deepEqual(
    [ranges.take(), ranges.take(), ranges.take(), ranges.take()],
    ['10.244.0.0/24', '10.244.2.0/24', '10.244.3.0/24', undefined],
  );
  ranges.release('10.244.0.0/24');
  ranges.release('192.168.0.0/24');
  assert.equal(ranges.take(), '10.244.0.0/24');
});

test('ranges of IPv6, and one that nodes had otherwise', () => {
  const ranges = new Ranges(parseCidr('fd00:1::/56')!, 64);
  assert.equal(ranges.take(), 'fd00:1::/64');
  ranges.occupy('fd00:1:0:0::/62');
  assert.equal(ranges.take(), 'fd00:1:0:4::/64');
  assert.throws(() => new Ranges(parseCidr('10.0.0.0/24')!, 16), RangeError);
});

test('what nodes have read they keep the longer the more nodes there are, and it does not go to and fro', () => {
  assert.deepEqual(
    [nextStep(0, 100), nextStep(0, 101), nextStep(1, 95), nextStep(1, 89), nextStep(0, 5000)],
    [0, 1, 1, 0, 4],
  );
});
