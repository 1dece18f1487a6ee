import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Affinity } from './affinity.ts';
import type { RouteEndpoint } from './choose-endpoints.ts';

const [a, b] = ['a', 'b'].map(
  (ip): RouteEndpoint => ({ ip, port: 80, ready: true, serving: true, terminating: false, zones: [], nodes: [] }),
) as [RouteEndpoint, RouteEndpoint];

test('a client keeps its endpoint while it comes back in time and the endpoint is there', () => {
  const affinity = new Affinity();
  const ask = (among: readonly RouteEndpoint[], now: number, next: RouteEndpoint): string | undefined =>
    affinity.endpointFor('client', among, { now, ms: 100, choose: () => next })?.ip;
  assert.equal(ask([a, b], 0, a), 'a');
  assert.equal(ask([a, b], 99, b), 'a', 'in time');
  assert.equal(ask([a, b], 198, b), 'a', 'in time since it came last');
  assert.equal(ask([a, b], 298, b), 'b', 'too late');
  assert.equal(ask([a], 299, a), 'a', 'what it had is gone');
});
