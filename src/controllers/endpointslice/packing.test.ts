import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, type EndpointSlice, keyOfEndpoint } from '../services/endpoint-slice.ts';
import { pack } from './packing.ts';

const endpoint = (name: string, ready = true): Endpoint => ({ addresses: [name], conditions: { ready } });

function slice(name: string, endpoints: readonly Endpoint[], labels: Record<string, string> = {}): EndpointSlice {
  return { metadata: { name, labels }, addressType: 'IPv4', endpoints, ports: [] };
}

/** Slices as `name: a b`; an endpoint that is not ready has a `-`. */
function shown(slices: readonly EndpointSlice[]): string[] {
  return slices.map(({ metadata, endpoints }) => {
    const names = (endpoints ?? []).map(
      ({ addresses, conditions }) => `${addresses[0]}${conditions?.ready ? '' : '-'}`,
    );
    return `${metadata.name ?? 'new'}: ${names.join(' ')}`.trim();
  });
}

const cases: readonly {
  readonly name: string;
  readonly there: Readonly<Record<string, string>>;
  readonly wanted: string;
  readonly create?: readonly string[];
  readonly update?: readonly string[];
  readonly delete?: readonly string[];
}[] = [
  { name: 'nothing is written when all is there', there: { x: 'a b', y: 'c' }, wanted: 'a b c' },
  { name: 'what is new fills new slices', there: {}, wanted: 'a b c d e', create: ['new: a b c', 'new: d e'] },
  { name: 'what changed is written where it is', there: { x: 'a b' }, wanted: 'a b-', update: ['x: a b-'] },
  { name: 'a slice of which nothing is wanted goes', there: { x: 'a', y: 'b' }, wanted: 'b', delete: ['x: a'] },
  {
    name: 'a slice that is written anyway takes new ones first',
    there: { x: 'a b', y: 'c' },
    wanted: 'b c d',
    update: ['x: b d'],
  },
  {
    name: 'of slices that are not, that takes them which they fill best',
    there: { x: 'a', y: 'b c', z: 'd' },
    wanted: 'a b c d e',
    update: ['y: b c e'],
  },
  {
    name: 'what fits in none comes into a new one, though others have room',
    there: { x: 'a b', y: 'c d' },
    wanted: 'a b c d e f',
    create: ['new: e f'],
  },
  {
    name: 'as many as a slice holds come into a new one',
    there: { x: 'a' },
    wanted: 'a b c d',
    create: ['new: b c d'],
  },
];

for (const { name, there, wanted, ...expected } of cases)
  test(name, () => {
    const read = (text: string): Endpoint[] =>
      text.split(' ').map((word) => endpoint(word.replace('-', ''), !word.endsWith('-')));
    const changes = pack(
      Object.entries(there).map(([key, text]) => slice(key, read(text))),
      {
        endpoints: new Map(read(wanted).map((one) => [keyOfEndpoint(one), one])),
        maxPerSlice: 3,
        newSlice: () => ({ metadata: {}, addressType: 'IPv4', endpoints: [], ports: [] }),
        isOutdated: () => false,
        withLabels: (one) => one,
      },
    );
    const actual = { create: shown(changes.create), update: shown(changes.update), delete: shown(changes.delete) };
    assert.deepEqual(actual, { create: [], update: [], delete: [], ...expected });
  });
