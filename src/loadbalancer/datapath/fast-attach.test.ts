import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Attach, ATTACH, fastPlaces } from './fast-attach.ts';

const DEVICES = [
  { device: 'eth0', driver: 'mlx5_core' },
  { device: 'eth1', driver: 'veth' },
  { device: 'eth2', driver: undefined },
];

const CASES: readonly { attach: Attach; places: readonly string[]; tells: boolean }[] = [
  { attach: 'tcx', places: [], tells: false },
  { attach: 'auto', places: ['eth0 native if it can'], tells: false },
  { attach: 'xdp', places: ['eth0 native', 'eth1 native', 'eth2 native'], tells: true },
  { attach: 'xdp-generic', places: ['eth0 generic', 'eth1 generic', 'eth2 generic'], tells: false },
];

for (const { attach, places: expected, tells } of CASES)
  test(`${attach} is at ${expected.join(', ') || 'no device'}`, () => {
    const { places, notes } = fastPlaces(DEVICES, attach);
    assert.deepEqual(
      places.map(({ device, mode, isOptional }) => `${device} ${mode}${isOptional ? ' if it can' : ''}`),
      expected,
    );
    assert.deepEqual(
      notes.map((note) => note.split(':')[0]),
      tells ? ['eth1 is a veth'] : [],
    );
  });

test('every value has a case', () => assert.deepEqual(CASES.map(({ attach }) => attach).sort(), [...ATTACH].sort()));
