import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../matching/index.ts';
import type { ListenerPlan } from './listener-plan.ts';
import { Misdirected } from './misdirected.ts';

const listenerOf = (hostname: string | undefined, i: number): ListenerPlan =>
  ({
    ...{ id: `${i}`, name: `l${i}`, protocol: 'HTTPS', owner: { kind: 'Gateway', namespace: 'default', name: 'gw' } },
    ...(hostname !== undefined && { hostname }),
  }) as unknown as ListenerPlan;

const many = (count: number, hostname: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => hostname(i));

/** The domains for which the chain of a hostname answers 421. */
function domainsFor(own: string | undefined, hostnames: readonly (string | undefined)[]): string[] {
  const listeners = hostnames.map(listenerOf);
  const listener = listeners.find(({ hostname }) => hostname === own)!;
  return new Misdirected(listeners).hostsOf('p', listener).flatMap(({ domains }) => domains);
}

const shops = many(300, (i) => `s${i}.shop.example`);

test('of few listeners each hostname is misdirected', () => {
  assert.deepEqual(domainsFor('b.example', ['a.example', 'b.example', 'c.example']), ['a.example', 'c.example']);
});

test('of many listeners what has their hostnames is misdirected, and what stands elsewhere is not', () => {
  assert.deepEqual(domainsFor('s7.shop.example', [...shops, 'a.example', '*.b.test']), [
    '*.shop.example',
    'a.example',
    '*.b.test',
  ]);
  assert.deepEqual(domainsFor('a.example', [...shops, 'a.example']), ['*.shop.example']);
  assert.deepEqual(
    domainsFor(
      't7.example',
      many(300, (i) => `t${i}.example`),
    ),
    ['*.example'],
  );
  assert.deepEqual(
    domainsFor(
      't7',
      many(300, (i) => `t${i}`),
    ),
    ['*'],
  );
  assert.deepEqual(domainsFor('s7.shop.example', [...shops, undefined]), ['*']);
});

test('a wildcard among many listeners keeps what is its own', () => {
  const hostnames = [...shops, '*.shop.example', 'other.example'];
  assert.deepEqual(domainsFor('*.shop.example', hostnames).sort(), [...shops, 'other.example'].sort());
  const above = domainsFor('*.example', [...hostnames, '*.example', 'a.test']);
  assert.deepEqual(
    above.filter((domain) => !covers('*.example', domain)),
    ['a.test'],
  );
});

test('domains are each listed once, have all hosts of others, and none of the own, in lists that stay short', () => {
  const hostnames = [
    ...shops,
    ...many(200, (i) => `*.w${i}.deep.of.a.shop.test`),
    'shop.example',
    '*.shop.example',
    'x.test',
  ];
  for (const own of hostnames.filter((_, i) => i % 29 === 0 || i >= 500)) {
    const domains = domainsFor(own, hostnames);
    assert.equal(new Set(domains).size, domains.length, own);
    assert.ok(!domains.includes(own), own);
    for (const other of hostnames) {
      if (other === own || covers(other, own)) continue;
      assert.ok(
        domains.some((domain) => covers(domain, other)),
        `${own}: ${other}`,
      );
    }
    if (own !== '*.shop.example') assert.ok(domains.length <= 20, `${own}: ${domains.length}`);
  }
});
