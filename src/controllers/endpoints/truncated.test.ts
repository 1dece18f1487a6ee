import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointAddress } from '../services/endpoints.ts';
import { truncated } from './truncated.ts';

const addresses = (count: number): EndpointAddress[] =>
  Array.from({ length: count }, (_, i) => ({ ip: `10.0.0.${i}` }));

// subsets as [ready, not ready]
const cases: readonly {
  readonly name: string;
  readonly subsets: readonly (readonly [number, number])[];
  readonly expected: readonly (readonly [number, number])[] | undefined;
}[] = [
  { name: 'what fits stays', subsets: [[6, 4]], expected: undefined },
  { name: 'those that are not ready go first', subsets: [[6, 9]], expected: [[6, 4]] },
  {
    name: 'each subset keeps its part',
    subsets: [
      [4, 4],
      [2, 4],
    ],
    expected: [
      [4, 2],
      [2, 2],
    ],
  },
  {
    name: 'of those that are ready, too',
    subsets: [
      [12, 1],
      [4, 1],
    ],
    expected: [
      [8, 0],
      [2, 0],
    ],
  },
];

for (const { name, subsets, expected } of cases)
  test(name, () => {
    const input = subsets.map(([ready, not]) => ({ addresses: addresses(ready), notReadyAddresses: addresses(not) }));
    const counts = truncated(input, 10)?.map((one) => [one.addresses?.length ?? 0, one.notReadyAddresses?.length ?? 0]);
    assert.deepEqual(counts, expected);
  });
