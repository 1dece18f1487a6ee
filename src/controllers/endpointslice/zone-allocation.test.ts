import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Endpoint, EndpointSlice } from '../services/endpoint-slice.ts';
import { allocate, hintCounts, isOverloaded, redistribute } from './zone-allocation.ts';

const halves = new Map([
  ['a', 0.5],
  ['b', 0.5],
]);

/** Endpoints as `ZONE:HINT,HINT`; one that is not ready begins with a `-`. */
function slice(text: string): EndpointSlice {
  const endpoints = text.split(' ').map((word): Endpoint => {
    const [zone = '', hints] = word.replace('-', '').split(':');
    const forZones = hints?.split(',').map((name) => ({ name }));
    return {
      addresses: [],
      zone,
      conditions: { ready: !word.startsWith('-') },
      ...(forZones && { hints: { forZones } }),
    };
  });
  return { metadata: {}, addressType: 'IPv4', endpoints, ports: [] };
}

const allocations = (count: number) => allocate(halves, count) as Exclude<ReturnType<typeof allocate>, string>;

test('a zone is to have its part, at the least what is not too much for it', () => {
  const third = new Map([
    ['a', 2 / 3],
    ['b', 1 / 3],
  ]);
  assert.deepEqual(
    [...(allocate(third, 6) as ReadonlyMap<string, object>)],
    [
      ['a', { minimum: 4, maximum: 4, desired: 4 }],
      ['b', { minimum: 2, maximum: 2, desired: 2 }],
    ],
  );
  assert.deepEqual(allocations(10).get('a'), { minimum: 5, maximum: 5, desired: 5 });
  assert.deepEqual(allocations(12).get('b'), { minimum: 5, maximum: 7, desired: 6 });
});

const overloads: readonly [what: string, counts: Record<string, number>, overloaded: boolean][] = [
  ['nothing has hints', {}, false],
  ['both have half', { a: 5, b: 5 }, false],
  ['one has a little less', { a: 6, b: 5 }, false],
  ['one has much less', { a: 7, b: 4 }, true],
  ['one has none', { a: 5 }, true],
];
for (const [what, counts, overloaded] of overloads)
  test(`zones are ${overloaded ? '' : 'not '}overloaded if ${what}`, () =>
    assert.equal(isOverloaded(new Map(Object.entries(counts)), halves), overloaded));

test('where nobody knows the CPUs, zones with hints are overloaded', () =>
  assert.equal(isOverloaded(new Map([['a', 1]]), undefined), true));

describe('hints that a slice has', () => {
  const cases: readonly [what: string, text: string, counts: Record<string, number>, expected: object | undefined][] = [
    ['are counted by zones', 'a:a a:a b:b', {}, { a: 2, b: 1 }],
    ['cannot stay where an endpoint has none', 'a:a b', {}, undefined],
    ['cannot stay where one is for a zone that there is not', 'a:a b:b,c', {}, undefined],
    ['of those that are not ready do not matter', 'a:a -b:c b:b', {}, { a: 1, b: 1 }],
    ['cannot stay where a zone has too many with those of other slices', 'a:a b:b', { a: 7 }, undefined],
    ['may be as many as a zone may have', 'a:a b:b', { a: 6 }, { a: 1, b: 1 }],
  ];
  for (const [what, text, counts, expected] of cases)
    test(what, () => {
      const found = hintCounts(slice(text), new Map(Object.entries(counts)), allocations(12));
      assert.deepEqual(found && Object.fromEntries(found), expected);
    });
});

describe('endpoints that are given to other zones', () => {
  const cases: readonly [what: string, text: string, counts: Record<string, number>, hints: string][] = [
    ['go from who has too many', 'a:a a:a a:a b:b', { a: 3, b: 1 }, 'b a a b'],
    ['are none, if it is even', 'a:a b:b', { a: 1, b: 1 }, 'a b'],
    ['are none for half of one', 'a:a a:a b:b', { a: 2, b: 1 }, 'a a b'],
    ['are ready', '-a a:a a:a a:a b:b', { a: 3, b: 1 }, ' b a a b'],
  ];
  for (const [what, text, counts, hints] of cases)
    test(what, () => {
      const kept = new Map(Object.entries(counts));
      const total = [...kept.values()].reduce((sum, count) => sum + count, 0);
      const [moved] = redistribute([slice(text)], kept, desired(total / 2));
      const shown = moved!.endpoints!.map((one) => one.hints?.forZones?.map(({ name }) => name).join() ?? '');
      assert.equal(shown.join(' '), hints);
      assert.equal(
        [...kept.values()].reduce((sum, count) => sum + count, 0),
        total,
      );
    });

  test('a zone that lacks half of one gets one from a zone that has a whole one too many', () => {
    const wanted = new Map([
      ['a', { minimum: 0, maximum: 9, desired: 1 }],
      ['b', { minimum: 0, maximum: 9, desired: 0.5 }],
    ]);
    const counts = new Map([['a', 2]]);
    redistribute([slice('a:a a:a')], counts, wanted);
    assert.deepEqual(Object.fromEntries(counts), { a: 1, b: 1 });
  });

  function desired(each: number) {
    const one = { minimum: 0, maximum: 9, desired: each };
    return new Map([
      ['a', one],
      ['b', one],
    ]);
  }
});
