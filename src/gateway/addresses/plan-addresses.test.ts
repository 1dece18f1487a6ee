import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddressRange } from './address-range.ts';
import { type AddressWish, type GivenAddresses, planAddresses } from './plan-addresses.ts';

interface Case {
  readonly name: string;
  readonly range?: string;
  readonly wishes: readonly (Partial<AddressWish> & { readonly key: string })[];
  readonly plan: Readonly<Record<string, GivenAddresses>>;
}

const unusable = (address: string, range = '10.0.0.0/29'): GivenAddresses['problem'] => ({
  reason: 'AddressNotUsable',
  message: `${address}: ask for an address of ${range}, or for none`,
});

const cases: readonly Case[] = [
  {
    name: 'each gets one of its own, from the first on',
    wishes: [{ key: 'a' }, { key: 'b' }],
    plan: { a: { addresses: ['10.0.0.1'] }, b: { addresses: ['10.0.0.2'] } },
  },
  {
    name: 'what it has it keeps, also where an older one comes',
    wishes: [{ key: 'a' }, { key: 'b', has: ['10.0.0.1'] }],
    plan: { a: { addresses: ['10.0.0.2'] }, b: { addresses: ['10.0.0.1'] } },
  },
  {
    name: 'what it has of another range is given up',
    wishes: [{ key: 'a', has: ['10.9.0.1'] }],
    plan: { a: { addresses: ['10.0.0.1'] } },
  },
  {
    name: 'who asks for an address gets it, before those who have it',
    wishes: [
      { key: 'a', has: ['10.0.0.3'] },
      { key: 'b', wanted: ['10.0.0.3'] },
    ],
    plan: { a: { addresses: ['10.0.0.1'] }, b: { addresses: ['10.0.0.3'] } },
  },
  {
    name: 'of two who ask for one the first gets it',
    wishes: [
      { key: 'a', wanted: ['10.0.0.3'] },
      { key: 'b', wanted: ['10.0.0.3'] },
    ],
    plan: {
      a: { addresses: ['10.0.0.3'] },
      b: { addresses: [], problem: unusable('10.0.0.3 is that of Gateway a') },
    },
  },
  {
    name: 'what this machine has not cannot be used, and the rest can',
    wishes: [{ key: 'a', wanted: ['192.0.2.1', '10.0.0.4'] }],
    plan: { a: { addresses: ['10.0.0.4'], problem: unusable('192.0.2.1 is no address of this machine') } },
  },
  {
    name: 'an address without a value is any',
    wishes: [{ key: 'a', wanted: ['', '10.0.0.1', ''] }],
    plan: { a: { addresses: ['10.0.0.1', '10.0.0.2', '10.0.0.3'] } },
  },
  {
    name: 'who comes too late gets none',
    range: '10.0.0.8/32',
    wishes: [{ key: 'a' }, { key: 'b' }],
    plan: {
      a: { addresses: ['10.0.0.8'] },
      b: {
        addresses: [],
        problem: {
          reason: 'AddressNotAssigned',
          message: 'All addresses of 10.0.0.8/32 are taken: delete another Gateway, or ask for an address',
        },
      },
    },
  },
];

for (const { name, range = '10.0.0.0/29', wishes, plan } of cases) {
  test(`addresses of gateways: ${name}`, () => {
    const made = planAddresses(
      wishes.map((wish) => ({ wanted: [], has: [], ...wish })),
      { range: parseAddressRange(range), isUsable: (address) => address.startsWith('10.') },
    );
    assert.deepEqual(Object.fromEntries(made), plan);
  });
}

for (const text of ['10.0.0.1/24', '10.0.0/24', '10.0.0.0/33', '10.0.0.0/8/8', '::/64', '']) {
  test(`"${text}" is no range of addresses`, () => {
    assert.throws(() => parseAddressRange(text), { name: 'RangeError', message: /must be a range of IPv4 addresses/ });
  });
}
