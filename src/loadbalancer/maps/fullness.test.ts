import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearlyFull } from './fullness.ts';

const CAPACITIES = { services: 100, backends: 1000, table: 10_000 };

for (const { name, used, told } of [
  { name: 'nothing is told of maps that have room', used: { services: 89, backends: 0, table: 8999 }, told: [] },
  {
    name: 'a map is told of from nine tenths on, with what gives it more room',
    used: { services: 90, backends: 1, table: 10_000 },
    told: [
      'The map of services is nearly full, with 90 of 100: give it more room by --max-frontends',
      'The array of tables is nearly full, with 10000 of 10000: give it more room by --max-slots',
    ],
  },
])
  test(name, () => assert.deepEqual([...nearlyFull(used, CAPACITIES).values()], told));
