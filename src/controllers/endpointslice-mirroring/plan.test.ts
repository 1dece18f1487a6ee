import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointSlice } from '../services/endpoint-slice.ts';
import type { Endpoints, EndpointSubset } from '../services/endpoints.ts';
import { planMirror } from './plan.ts';

function endpoints(subsets: readonly EndpointSubset[], metadata: Partial<Endpoints['metadata']> = {}): Endpoints {
  return { metadata: { namespace: 'default', name: 'web', uid: 'uid', ...metadata }, subsets };
}

const one: EndpointSubset = { addresses: [{ ip: '10.0.0.1' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] };

function made(slice: EndpointSlice, name: string): EndpointSlice {
  return { ...slice, metadata: { ...slice.metadata, name } };
}

const counts = ({ create, update, delete: gone, kept }: ReturnType<typeof planMirror>): readonly number[] =>
  [create, update, gone, kept].map(({ length }) => length);

test('each subset and family has a slice, which is kept when it is right', () => {
  const both = endpoints([{ ...one, notReadyAddresses: [{ ip: '2001:db8::1' }] }]);
  const first = planMirror(both, []);
  assert.deepEqual(counts(first), [2, 0, 0, 0]);
  const slices = first.create.map((slice, at) => made(slice, `web-${at}`));
  assert.deepEqual(counts(planMirror(both, slices)), [0, 0, 0, 2]);
  assert.deepEqual(counts(planMirror(endpoints([one]), slices)), [0, 0, 1, 1]);
  assert.deepEqual(counts(planMirror(endpoints([]), slices)), [0, 0, 2, 0]);
});

test('other endpoints, labels, annotations or an owner made anew have the slice written', () => {
  const slice = made(planMirror(endpoints([one]), []).create[0]!, 'web-1');
  const changed: readonly Endpoints[] = [
    endpoints([{ ...one, addresses: [{ ip: '10.0.0.2' }] }]),
    endpoints([{ ports: one.ports, notReadyAddresses: one.addresses }] as EndpointSubset[]),
    endpoints([one], { labels: { a: 'b' } }),
    endpoints([one], { annotations: { a: 'b' } }),
    endpoints([one], { uid: 'another' }),
  ];
  for (const next of changed) assert.deepEqual(counts(planMirror(next, [slice])), [0, 1, 0, 0]);
  const unseen = { 'endpoints.kubernetes.io/last-change-trigger-time': '2030-01-01T00:00:00Z' };
  assert.deepEqual(counts(planMirror(endpoints([one], { annotations: unseen }), [slice])), [0, 0, 0, 1]);
});

test('a slice with other ports is written over instead of one deleted and one made', () => {
  const slice = made(planMirror(endpoints([one]), []).create[0]!, 'web-1');
  const { update, ...rest } = planMirror(endpoints([{ ...one, ports: [{ port: 81, protocol: 'TCP' }] }]), [slice]);
  assert.deepEqual(counts({ update, ...rest }), [0, 1, 0, 0]);
  assert.equal(update[0]?.metadata.name, 'web-1');
});

test('what is no address, and what is too much, is left out and counted', () => {
  const many = Array.from({ length: 1003 }, (_, at) => ({ ip: `10.0.${at >> 8}.${at & 255}` }));
  const plan = planMirror(endpoints([{ ...one, addresses: [{ ip: 'none' }, ...many] }]), []);
  assert.equal(plan.create[0]?.endpoints?.length, 1000);
  assert.deepEqual([plan.invalid, plan.skipped], [0, 4]);
  const invalid = planMirror(endpoints([{ ...one, addresses: [{ ip: 'none' }] }]), []);
  assert.deepEqual([counts(invalid), invalid.invalid, invalid.skipped], [[0, 0, 0, 0], 1, 1]);
});
