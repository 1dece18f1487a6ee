import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodePrefixFor, type RangesOptions, whyNotRanges } from './check-ranges.ts';

const cases: readonly { readonly ranges: RangesOptions; readonly why: string | undefined }[] = [
  { ranges: {}, why: undefined },
  {
    ranges: { serviceRange: '10.244.9.0/24' },
    why: 'the ranges of pods, 10.244.0.0/16, and of services, 10.244.9.0/24, overlap',
  },
  {
    ranges: { podRange: '10.0.0.0/28' },
    why: 'the ranges of pods, 10.0.0.0/28, and of services, 10.0.0.0/24, overlap',
  },
  { ranges: { podRange: '10.1.0.0/28', nodes: 2 }, why: undefined },
  { ranges: { podRange: '10.1.0.0/28', nodes: 3 }, why: 'the range of pods, 10.1.0.0/28, is not enough for 3 nodes' },
  { ranges: { podRange: 'many' }, why: '"many" must be a range of IPv4 addresses' },
];
for (const { ranges, why } of cases)
  test(`${JSON.stringify(ranges)} ${why === undefined ? 'can be had' : `cannot be had: ${why}`}`, () => {
    assert.equal(whyNotRanges(ranges), why);
  });

test('each node has a range of 256 addresses, or as many as there are', () => {
  assert.deepEqual(
    [nodePrefixFor('10.244.0.0/16', 256), nodePrefixFor('10.244.0.0/16', 257), nodePrefixFor('10.1.0.0/24', 3)],
    [24, 25, 26],
  );
});
