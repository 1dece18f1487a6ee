import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Backend, Frontend } from '../model/config.ts';
import { type Capacities, ServiceMaps } from './service-maps.ts';
import { type EntryWrite, type ServiceContents, textOf, type Writes } from './writes.ts';

const CAPACITIES = { services: 100, backends: 100, table: 20_000 };

const backend = (address: string, more: Partial<Backend> = {}): Backend => ({
  ...{ address, port: 8080, isLocal: false, isTerminating: false, carriesPort: false },
  ...more,
});

const frontend = (address: string, backends: readonly Backend[], more: Partial<Frontend> = {}): Frontend => ({
  ...{ name: 'default/web:http', address, port: 80, protocol: 'TCP', from: 'external', mode: 'dsr-ipip' },
  ...{ algorithm: 'maglev', backends, whenEmpty: 'reject' },
  ...more,
});

/** What maps hold, as the kernel has it. */
class Held {
  readonly #entries = new Map<string, EntryWrite>();
  readonly #table = new Uint32Array(CAPACITIES.table);

  apply({ added, tables, services, removed }: Writes): void {
    for (const { offset, values } of tables) this.#table.set(values, offset);
    for (const entry of [...added, ...services, ...removed]) {
      const name = `${entry.map} ${textOf(entry.key)}`;
      if (entry.value === undefined) this.#entries.delete(name);
      else this.#entries.set(name, entry);
    }
  }

  get contents(): ServiceContents {
    return { entries: [...this.#entries.values()], table: this.#table.slice() };
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()].sort();
  }
}

/** What the Services of a cluster come to at a node. */
const SERVICES: Readonly<Record<string, readonly Frontend[]>> = {
  web: [
    frontend('10.96.0.1', [backend('10.244.1.1', { isLocal: true }), backend('10.244.2.1')], {
      sourceRanges: ['192.0.2.0/24'],
      affinitySeconds: 10,
    }),
    frontend('203.0.113.1', [backend('10.244.1.1', { isLocal: true })], {
      insideBackends: [backend('10.244.1.1', { isLocal: true }), backend('10.244.2.1')],
    }),
  ],
  dice: [frontend('10.96.0.2', [backend('10.244.4.1'), backend('10.244.3.1')], { algorithm: 'random' })],
  six: [frontend('fd00:96::1', [backend('fd00:244::1'), backend('fd00:244::2', { isTerminating: true })])],
  empty: [frontend('10.96.0.3', [], { protocol: 'UDP' })],
};

const count = ({ added, tables, services, removed }: Writes): number =>
  added.length + tables.length + services.length + removed.length;

/** Maps that hold those Services, and what is to come out of a restart. */
function heldWith(services: Readonly<Record<string, readonly Frontend[]>>): Held {
  const held = new Held();
  const maps = new ServiceMaps({ capacities: CAPACITIES });
  // numbers do not begin at the first one
  maps.set('gone', [frontend('10.96.0.99', [backend('10.244.99.1')])]);
  for (const [name, frontends] of Object.entries(services)) assert.deepEqual(maps.set(name, frontends), []);
  maps.set('gone', []);
  held.apply(maps.takeWrites());
  return held;
}

/** Another process takes the maps over, with these Services. */
function restarted(held: Held, services: Readonly<Record<string, readonly Frontend[]>>) {
  const maps = new ServiceMaps({ capacities: CAPACITIES, contents: held.contents });
  for (const [name, frontends] of Object.entries(services)) assert.deepEqual(maps.set(name, frontends), []);
  maps.endAdoption();
  const writes = maps.takeWrites();
  held.apply(writes);
  maps.settle();
  return { maps, writes };
}

for (const [order, names] of [
  ['as before', Object.keys(SERVICES)],
  ['in another order', Object.keys(SERVICES).reverse()],
] as const)
  test(`where nothing has changed, a restart writes nothing, Services ${order}`, () => {
    const services = Object.fromEntries(names.map((name) => [name, SERVICES[name] as readonly Frontend[]]));
    assert.equal(count(restarted(heldWith(SERVICES), services).writes), 0);
  });

test('what has changed meanwhile is written, and no more', () => {
  const { six, ...others } = SERVICES;
  const changed = { ...others, dice: [frontend('10.96.0.2', [backend('10.244.4.1')], { algorithm: 'random' })] };
  const held = heldWith(SERVICES);
  const { writes } = restarted(held, changed);
  assert.ok(six);
  assert.deepEqual(
    writes.services.map(({ map, value }) => `${map} ${value === undefined ? 'removed' : 'written'}`).sort(),
    ['services4 written', 'services6 removed'],
  );
  assert.deepEqual(writes.added, []);
  assert.equal(writes.tables.length, 1);
  assert.deepEqual(writes.removed.map(({ map }) => map).sort(), ['addresses6', 'backends4', 'backends6', 'backends6']);
  assert.deepEqual(held.names, heldWith(changed).names);
});

test('flows keep their backends: a backend has the number that it had, whoever comes first', () => {
  const held = heldWith(SERVICES);
  const before = held.contents.entries.filter(({ map }) => map.startsWith('backends')).map(({ key }) => textOf(key));
  const added = { new: [frontend('10.96.0.9', [backend('10.244.9.9')])], ...SERVICES };
  restarted(held, added);
  const after = held.contents.entries.filter(({ map }) => map.startsWith('backends')).map(({ key }) => textOf(key));
  assert.deepEqual(after.slice(0, before.length).sort(), before.sort());
  assert.equal(after.length, before.length + 1);
});

test('after a takeover all goes on as if there had been none', () => {
  const held = heldWith(SERVICES);
  const { maps } = restarted(held, SERVICES);
  const set = (name: string, frontends: readonly Frontend[]): void => {
    maps.set(name, frontends);
    held.apply(maps.takeWrites());
    maps.settle();
  };
  set('web', []);
  set('more', [frontend('10.96.0.7', [backend('10.244.7.1'), backend('10.244.7.2')])]);
  for (const name of [...Object.keys(SERVICES), 'more']) set(name, []);
  assert.deepEqual(held.names, []);
});

test('an entry that is now of another Service is its own, with a number of its own', () => {
  const held = heldWith({ web: SERVICES['web'] as readonly Frontend[] });
  const [first, second] = SERVICES['web'] as readonly [Frontend, Frontend];
  const { writes } = restarted(held, { one: [first], two: [second] });
  // those of the second, for clients outside and inside
  assert.equal(writes.services.length, 2);
});

describe('a takeover where maps are full', () => {
  const cases: { what: string; of: (i: number) => Frontend; capacities: Capacities; problem: RegExp }[] = [
    {
      what: 'of frontends',
      of: (i) => frontend(`10.96.1.${i}`, [backend(`10.244.1.${i}`)]),
      capacities: { ...CAPACITIES, services: 3 },
      problem: /new is not served: the map of services is full, with 3 entries/,
    },
    {
      what: 'of backends',
      of: (i) => frontend(`10.96.1.${i}`, [backend(`10.244.1.${i}`)]),
      capacities: { ...CAPACITIES, backends: 3 },
      problem: /new is not served as it is now: the map of backends is full, with 3 entries/,
    },
    {
      what: 'of target ports',
      of: (i) =>
        frontend(
          `10.96.1.${i}`,
          [1, 2].map((pod) => backend(`10.244.${pod}.${i}`, { isLocal: true, carriesPort: true })),
        ),
      capacities: { ...CAPACITIES, backends: 12 },
      problem: /new is not served as it is now: the map target_ports4 is full, with 12 entries/,
    },
    {
      what: 'of ranges',
      of: (i) => frontend(`10.96.1.${i}`, [], { sourceRanges: ['192.0.2.0/24', '198.51.100.0/24'] }),
      capacities: { ...CAPACITIES, services: 6 },
      problem: /new is not served as it is now: the map source_ranges4 is full, with 6 entries/,
    },
  ];
  for (const { what, of, capacities, problem } of cases)
    test(`${what}: what is new waits for what is gone, and what is there goes on`, () => {
      const held = new Held();
      const before = new ServiceMaps({ capacities });
      for (const i of [1, 2, 3]) assert.deepEqual(before.set(`s${i}`, [of(i)]), []);
      held.apply(before.takeWrites());
      const maps = new ServiceMaps({ capacities, contents: held.contents });
      for (const i of [1, 2]) assert.deepEqual(maps.set(`s${i}`, [of(i)]), []);
      assert.match(maps.set('new', [of(4)]).join(), problem);
      assert.equal(count(maps.takeWrites()), 0);
      maps.endAdoption();
      held.apply(maps.takeWrites());
      maps.settle();
      assert.deepEqual(maps.set('new', [of(4)]), []);
      held.apply(maps.takeWrites());
      assert.equal(held.names.filter((name) => name.startsWith('services4')).length, 3);
    });
});
