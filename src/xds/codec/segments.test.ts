import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Resource } from '../resources/resource.ts';
import { seededRandom } from '../testing/random.ts';
import { encodeAs } from './codec.ts';

const NAME = 'envoy.config.route.v3.RouteConfiguration';
const STEPS = 150;

const route = (name: string): object => ({ name, match: { prefix: '/'.padEnd(60, 'x') } });
const host = (name: string, routes: number): object => ({
  name,
  domains: [`${name}.example`],
  routes: Array.from({ length: routes }, (_, i) => route(`${name}-${i}`)),
});
const hostsOf = (count: number): object[] => Array.from({ length: count }, (_, i) => host(`host-${i}`, 2));

function made(virtual_hosts: readonly object[]): Resource {
  return Resource.of(NAME, { name: 'r', virtual_hosts });
}

const sizeOf = (pieces: readonly Buffer[]): number => pieces.reduce((sum, { length }) => sum + length, 0);

/** How many bytes of a resource are not those of another one. */
function ownBytes(resource: Resource, before: Resource): number {
  return sizeOf(resource.pieces.filter((piece) => !before.pieces.includes(piece)));
}

test('of a long list with one change only what is around it is made anew', () => {
  const hosts = hostsOf(5000);
  const first = made(hosts);
  assert.ok(sizeOf(first.pieces) > 500_000);
  for (const next of [
    hosts.with(2500, host('other', 2)),
    hosts.toSpliced(1, 1),
    hosts.toSpliced(4999, 0, host('new', 2)),
  ]) {
    const second = made(next);
    assert.ok(ownBytes(second, first) < 100_000, `${ownBytes(second, first)} bytes are new`);
    assert.ok(second.bytes.equals(encodeAs(NAME, { name: 'r', virtual_hosts: next })));
  }
});

test('a large element with a long list of its own has that in pieces, too', () => {
  const { routes, ...large } = host('large', 5000) as { readonly routes: readonly object[] };
  const around = hostsOf(40);
  const first = made([...around, { ...large, routes }]);
  const next = [...around, { ...large, routes: routes.with(2000, route('other')) }];
  const second = made(next);
  assert.ok(ownBytes(second, first) < 100_000, `${ownBytes(second, first)} bytes are new`);
  assert.ok(second.bytes.equals(encodeAs(NAME, { name: 'r', virtual_hosts: next })));
});

test('whatever comes and goes, pieces are neither many nor large, and the bytes are right', () => {
  const random = seededRandom(7);
  let hosts = hostsOf(600);
  for (let step = 0; step < STEPS; step++) {
    const at = random.below(hosts.length);
    hosts = hosts.toSpliced(
      at,
      random.below(12),
      ...Array.from({ length: random.below(12) }, (_, i) => host(`${step}-${i}`, 2)),
    );
    const resource = made(hosts);
    assert.ok(resource.bytes.equals(encodeAs(NAME, { name: 'r', virtual_hosts: hosts })), `step ${step}`);
    assert.ok(
      resource.pieces.length <= 3 + sizeOf(resource.pieces) / 4096,
      `${resource.pieces.length} pieces at step ${step}`,
    );
    assert.ok(Math.max(...resource.pieces.map(({ length }) => length)) < 100_000, `step ${step}`);
  }
});
