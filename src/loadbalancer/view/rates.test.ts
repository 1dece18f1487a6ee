import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNTERS, type CounterName } from '../datapath/maps.ts';
import type { FrontendView } from './frontends.ts';
import { ratesOf, type Reading } from './rates.ts';

const frontend = (address: string, counter: number): FrontendView => ({
  ...{ address, port: 80, protocol: 'TCP', scope: 'outside', mode: 'snat', algorithm: 'maglev', affinitySeconds: 0 },
  ...{ whenEmpty: 'reject', hasSourceRanges: false, backends: [], service: 1, counter, key: address },
});

function reading(
  at: number,
  traffic: Readonly<Record<string, number>>,
  counters: Partial<Record<CounterName, number>>,
): Reading {
  return {
    at,
    frontends: Object.entries(traffic).map(([address, packets], i) => ({
      ...frontend(address, i + 1),
      traffic: { packets, bytes: 100 * packets },
    })),
    counters: {
      ...(Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<CounterName, number>),
      ...counters,
    },
  };
}

const shown = (before: Reading, after: Reading) => {
  const { frontends, counters } = ratesOf(before, after);
  return {
    frontends: frontends.map((one) => [one.frontend.address, one.packetsPerSecond, one.bytesPerSecond]),
    counters: counters.map(({ name, perSecond }) => [name, perSecond]),
  };
};

test('rates are of a second, the largest first, and none of what stood still', () => {
  const before = reading(1000, { a: 10, b: 10, c: 10 }, { forwarded_snat: 5, drop_no_backend: 5 });
  const after = reading(3000, { a: 20, b: 110, c: 10 }, { forwarded_snat: 105, drop_no_backend: 7 });
  assert.deepEqual(shown(before, after), {
    frontends: [
      ['b', 50, 5000],
      ['a', 5, 500],
    ],
    counters: [
      ['forwarded_snat', 50],
      ['drop_no_backend', 1],
    ],
  });
});

test('what is new, or counts from zero again, counts from zero', () => {
  const before = reading(0, { a: 100 }, { forwarded_snat: 100 });
  const after = reading(1000, { a: 30, b: 5 }, { forwarded_snat: 30 });
  assert.deepEqual(shown(before, after), {
    frontends: [
      ['a', 30, 3000],
      ['b', 5, 500],
    ],
    counters: [['forwarded_snat', 30]],
  });
});
