import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Resource } from '../resources/resource.ts';
import { type Random, seededRandom } from '../testing/random.ts';
import { encodeAs } from './codec.ts';

const NAME = 'envoy.config.route.v3.RouteConfiguration';
const SEEDS = 20;
const STEPS = 20;

const host = (random: Random, routes = random.below(40)): { readonly name: string } =>
  ({
    name: `host-${random.below(1000)}`,
    routes: Array.from({ length: routes }, () => route(random)),
  }) as { readonly name: string };

const route = (random: Random): object => ({ name: `route-${random.below(100_000)}`, match: { prefix: '/' } });

/** The list with one element put in, taken out, replaced, moved or repeated. */
function changed<T>(random: Random, list: readonly T[], make: () => T): T[] {
  const at = random.below(list.length);
  const kind = random.below(5);
  if (kind === 0) return list.toSpliced(at, 0, make());
  if (kind === 1) return list.toSpliced(at, 1);
  if (kind === 2) return list.with(at, make());
  if (kind === 3) return list.toSpliced(random.below(list.length), 0, list[at]!);
  return [...list.slice(at), ...list.slice(0, at)];
}

test('what comes again is the same bytes as if it were encoded anew', () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const random = seededRandom(seed);
    let hosts = Array.from({ length: 16 + random.below(40) }, () => host(random));
    for (let step = 0; step < STEPS; step++) {
      const message = { name: `step ${step}`, virtual_hosts: hosts };
      const { bytes, version } = Resource.of(NAME, message);
      assert.equal(version, Resource.of(NAME, structuredClone(message)).version, `seed ${seed}, step ${step}`);
      assert.ok(bytes.equals(encodeAs(NAME, message)), `seed ${seed}, step ${step}`);
      const deep = (one: object): { readonly name: string } => {
        const { routes } = one as { readonly routes: readonly object[] };
        return { ...one, routes: routes.length > 0 ? changed(random, routes, () => route(random)) : routes } as never;
      };
      for (let i = random.below(3); i >= 0; i--) {
        hosts = changed(random, hosts, () => host(random));
        const at = random.below(hosts.length);
        hosts = hosts.with(at, deep(hosts[at]!));
        while (hosts.length < 4) hosts = [...hosts, host(random)];
      }
    }
  }
});

test('what is wrong in a long list is named, and nothing of it is kept', () => {
  const random = seededRandom(1);
  const routes = Array.from({ length: 30 }, () => route(random));
  const whole = (list: readonly object[]) => ({
    name: 'r',
    virtual_hosts: [{ name: 'v', domains: ['*'], routes: list }],
  });
  Resource.of(NAME, whole(routes));
  assert.throws(() => Resource.of(NAME, whole(routes.with(7, { nmae: 'a' }))), {
    message: 'route "r": virtual_hosts[0].routes[7]: envoy.config.route.v3.Route has no field "nmae"',
  });
  assert.ok(Resource.of(NAME, whole(routes)).bytes.equals(encodeAs(NAME, whole(routes))));
});

test('the same objects in the lists of two fields are the bytes of each field', () => {
  const headers = Array.from({ length: 30 }, (_, i) => ({ header: { key: `x-${i}`, value: 'v' } }));
  for (const message of [
    { name: 'r', request_headers_to_add: headers },
    { name: 'r', response_headers_to_add: headers },
    { name: 'r', request_headers_to_add: headers, response_headers_to_add: headers },
  ])
    assert.ok(Resource.of(NAME, message).bytes.equals(encodeAs(NAME, message)), Object.keys(message).join());
});
