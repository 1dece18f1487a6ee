import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Backend, Frontend } from '../model/config.ts';
import { tableSize } from '../maglev/table-size.ts';
import { addressText } from './address.ts';
import { idKey } from './backend-ids.ts';
import { layouts } from './compile.ts';
import { type Capacities, DEFAULT_CAPACITIES, ServiceMaps } from './service-maps.ts';
import { type EntryWrite, textOf, type Writes } from './writes.ts';

const CAPACITIES: Capacities = { services: 100, backends: 100, table: 20_000 };

const backend = (address: string, more: Partial<Backend> = {}): Backend => ({
  address,
  port: 8080,
  isLocal: false,
  isTerminating: false,
  carriesPort: false,
  ...more,
});

const frontend = (address: string, backends: readonly Backend[], more: Partial<Frontend> = {}): Frontend => ({
  name: 'default/web:http',
  address,
  port: 80,
  protocol: 'TCP',
  from: 'internal',
  mode: 'snat',
  algorithm: 'maglev',
  backends,
  whenEmpty: 'reject',
  ...more,
});

/** Maps as a kernel has them, one write at a time. */
class Kernel {
  readonly entries = new Map<string, EntryWrite>();
  readonly table = new Uint32Array(CAPACITIES.table);

  apply({ added, tables, services, removed }: Writes, afterEach: () => void = () => undefined): number {
    const write = (entry: EntryWrite) => {
      const name = `${entry.map} ${textOf(entry.key)}`;
      if (entry.value === undefined) this.entries.delete(name);
      else this.entries.set(name, entry);
      afterEach();
    };
    for (const entry of added) write(entry);
    for (const { offset, values } of tables) {
      this.table.set(values, offset);
      afterEach();
    }
    for (const entry of [...services, ...removed]) write(entry);
    return added.length + tables.length + services.length + removed.length;
  }

  /** The backends that packets to each frontend may get, as `ADDRESS:PORT/SCOPE → ADDRESS…`; fails if one leads nowhere. */
  frontends(): Record<string, readonly string[]> {
    const found: Record<string, readonly string[]> = {};
    for (const { map, key, value } of this.entries.values()) {
      if (!map.startsWith('services') || value === undefined) continue;
      const family = map === 'services4' ? 4 : 6;
      const { address, port, scope } = layouts(family).serviceKey.decode(key);
      const { tableOffset, tableSize } = layouts(family).service.decode(value);
      const ids = [...new Set(this.table.subarray(tableOffset, tableOffset + tableSize))];
      found[`${addressText(address)}:${port}${scope ? ' inside' : ''}`] = ids
        .map((id) => this.#backend(family, id))
        .sort();
    }
    return found;
  }

  #backend(family: 4 | 6, id: number): string {
    const value = this.entries.get(`backends${family} ${textOf(idKey(id))}`)?.value;
    assert.ok(value, `a table leads to backend ${id}, which is not there`);
    const { address, port } = layouts(family).backend.decode(value);
    return `${addressText(address)}:${port}`;
  }
}

function start(capacities: Partial<Capacities> = {}) {
  const maps = new ServiceMaps({ capacities: { ...CAPACITIES, ...capacities } });
  const kernel = new Kernel();
  const set = (name: string, frontends: readonly Frontend[]) => {
    const problems = maps.set(name, frontends);
    kernel.apply(maps.takeWrites());
    maps.settle();
    return problems;
  };
  return { maps, kernel, set };
}

describe('maps of Services', () => {
  test('lead each frontend to its backends, and what comes from inside to those of its own', () => {
    const { kernel, set } = start();
    const [a, b] = [backend('10.244.1.2'), backend('10.244.2.2')];
    set('web', [
      frontend('10.0.0.7', [a, b]),
      frontend('192.0.2.1', [a], { from: 'external', insideBackends: [a, b] }),
    ]);
    set('six', [frontend('fd00::7', [backend('fd00:244::2')])]);
    assert.deepEqual(kernel.frontends(), {
      '10.0.0.7:80': ['10.244.1.2:8080', '10.244.2.2:8080'],
      '192.0.2.1:80': ['10.244.1.2:8080'],
      '192.0.2.1:80 inside': ['10.244.1.2:8080', '10.244.2.2:8080'],
      'fd00::7:80': ['[fd00:244::2]:8080'.replace(/[[\]]/g, '')],
    });
  });

  test('give new flows to no backend that ends, and keep it for those that it has', () => {
    const { kernel, set } = start();
    set('web', [frontend('10.0.0.7', [backend('10.244.1.2'), backend('10.244.2.2', { isTerminating: true })])]);
    assert.deepEqual(kernel.frontends(), { '10.0.0.7:80': ['10.244.1.2:8080'] });
    assert.equal([...kernel.entries.values()].filter(({ map }) => map === 'backends4').length, 2);
  });

  test('have what is new of a backend: that it ends, is here, or has another node', () => {
    const { kernel, set } = start();
    const written = (more: Partial<Backend>) => {
      set('web', [frontend('10.0.0.7', [backend('10.244.1.2', more), backend('10.244.2.2')])]);
      const values = [...kernel.entries.values()].flatMap(({ map, value }) =>
        map === 'backends4' && value ? value : [],
      );
      const [{ flags, node } = { flags: 0, node: new Uint8Array() }] = values
        .map((value) => layouts(4).backend.decode(value))
        .filter(({ address }) => addressText(address) === '10.244.1.2');
      return [flags, node.slice(12).join('.')];
    };
    assert.deepEqual(written({}), [0, '0.0.0.0']);
    assert.deepEqual(written({ nodeAddress: '10.3.0.2' }), [0, '10.3.0.2']);
    assert.deepEqual(written({ nodeAddress: '10.4.0.2' }), [0, '10.4.0.2']);
    const ends = written({ nodeAddress: '10.4.0.2', isTerminating: true })[0];
    const isHere = written({ nodeAddress: '10.4.0.2', isLocal: true })[0];
    assert.ok(ends !== 0 && isHere !== 0 && ends !== isHere);
  });

  test('are empty again when all Services are gone', () => {
    const { kernel, set } = start();
    const local = backend('10.244.1.2', { isLocal: true });
    set('web', [frontend('10.0.0.7', [local], { sourceRanges: ['10.1.0.0/16'] })]);
    set('other', [frontend('10.0.0.8', [local])]);
    assert.equal(kernel.entries.size, 9);
    set('web', []);
    assert.deepEqual(Object.keys(kernel.frontends()), ['10.0.0.8:80']);
    set('other', []);
    assert.equal(kernel.entries.size, 0);
  });

  test('have no number any more of a backend that a Service has lost, though another has the same', () => {
    const { kernel, set } = start();
    const [a, b] = [backend('10.244.1.2'), backend('10.244.2.2')];
    set('web', [frontend('10.0.0.7', [a, b])]);
    set('other', [frontend('10.0.0.8', [a, b])]);
    const numbers = () => [...kernel.entries].filter(([, { map }]) => map === 'backends4').map(([key]) => key);
    const before = numbers();
    set('web', [frontend('10.0.0.7', [b])]);
    assert.deepEqual(kernel.frontends(), {
      '10.0.0.7:80': ['10.244.2.2:8080'],
      '10.0.0.8:80': ['10.244.1.2:8080', '10.244.2.2:8080'],
    });
    assert.equal(before.length, 4);
    assert.equal(before.filter((key) => !numbers().includes(key)).length, 1);
  });

  test('are written only where something is another', () => {
    const { maps, set } = start();
    const frontends = [frontend('10.0.0.7', [backend('10.244.1.2', { isLocal: true })])];
    set('web', frontends);
    maps.set('web', frontends);
    const { added, tables, services, removed } = maps.takeWrites();
    assert.deepEqual([added, tables, services, removed], [[], [], [], []]);
  });

  test('a frontend that two Services want is the first one’s, and the other’s after it', () => {
    const { kernel, set } = start();
    set('first', [frontend('192.0.2.1', [backend('10.244.1.2')])]);
    assert.deepEqual(set('second', [frontend('192.0.2.1', [backend('10.244.2.2')])]), [
      '192.0.2.1:80 is taken by first, and not served for second meanwhile',
    ]);
    assert.deepEqual(kernel.frontends(), { '192.0.2.1:80': ['10.244.1.2:8080'] });
    set('first', []);
    assert.deepEqual(kernel.frontends(), { '192.0.2.1:80': ['10.244.2.2:8080'] });
  });
});

test('a Service that is called when another leaves its address is named, and has what is lacking told when it is set again', () => {
  const { maps, set } = start({ backends: 1 });
  const pods = [backend('10.244.2.2'), backend('10.244.3.2')];
  set('first', [frontend('192.0.2.1', [backend('10.244.1.2')])]);
  set('second', [frontend('192.0.2.1', pods)]);
  assert.deepEqual(maps.takeCalled(), []);
  set('first', []);
  assert.deepEqual(maps.takeCalled(), ['second']);
  assert.match(set('second', [frontend('192.0.2.1', pods)]).join(), /the map of backends is full/);
});

test('ranges that differ behind their prefix alone are one, which stays when it is written otherwise', () => {
  const { kernel, set } = start();
  const ranges = () =>
    [...kernel.entries.values()]
      .filter(({ map }) => map.startsWith('source_ranges'))
      .map(({ map, key }) => addressText(layouts(map.endsWith('4') ? 4 : 6).sourceRangeKey.decode(key).address));
  const from = (...sourceRanges: string[]) =>
    set('web', [frontend(sourceRanges[0]?.includes(':') ? 'fd00::7' : '10.0.0.7', [], { sourceRanges })]);
  from('192.0.2.5/24', '192.0.2.6/24');
  assert.deepEqual(ranges(), ['192.0.2.0']);
  from('192.0.2.6/24');
  assert.deepEqual(ranges(), ['192.0.2.0']);
  from('2001:db8::7/60', '2001:db8:0:8::/60');
  assert.deepEqual(ranges(), ['2001:db8::']);
});

describe('where maps are full', () => {
  const cases: { what: string; capacities: Partial<Capacities>; problem: string; served?: boolean }[] = [
    {
      what: 'of services',
      capacities: { services: 1 },
      problem: 'more is not served: the map of services is full, with 1 entries',
    },
    {
      what: 'of backends',
      capacities: { backends: 1 },
      problem: 'more is not served as it is now: the map of backends is full, with 1 entries',
    },
    {
      what: 'for tables, a table is made by chance',
      capacities: { table: 260 },
      problem: 'more has its backends by chance and not by a table: the array of tables is full',
      served: true,
    },
    { what: 'for tables', capacities: { table: 251 }, problem: 'more is not served: the array of tables is full' },
  ];
  for (const { what, capacities, problem, served = false } of cases)
    test(`${what}, others stay as they are, and it is told`, () => {
      const { kernel, set } = start(capacities);
      assert.deepEqual(set('web', [frontend('10.0.0.7', [backend('10.244.1.2')])]), []);
      assert.ok(set('more', [frontend('10.0.0.8', [backend('10.244.2.2')])]).includes(problem));
      const { '10.0.0.7:80': web, '10.0.0.8:80': more = [] } = kernel.frontends();
      assert.deepEqual([web, more], [['10.244.1.2:8080'], served ? ['10.244.2.2:8080'] : []]);
    });
});

test('backends that several frontends of a port share need one place each', () => {
  const { kernel, set } = start({ backends: 2 });
  const frontends = (...pods: readonly Backend[]) => ['10.0.0.7', '192.0.2.1'].map((one) => frontend(one, pods));
  assert.deepEqual(set('web', frontends(backend('10.244.1.2'))), []);
  assert.deepEqual(set('web', frontends(backend('10.244.1.2'), backend('10.244.2.2'))), []);
  assert.deepEqual(kernel.frontends()['192.0.2.1:80'], ['10.244.1.2:8080', '10.244.2.2:8080']);
});

/** Numbers below `n`, the same for a seed. */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

for (const seed of [1, 2, 3])
  test(`at no write on the way does a frontend lead nowhere, or to the backend of another (seed ${seed})`, () => {
    const random = numbers(seed);
    const { maps, kernel } = start();
    const wanted = new Map<string, readonly Frontend[]>();
    for (let round = 0; round < 150; round++) {
      for (let changes = 1 + random(3); changes > 0; changes--) {
        const number = random(6);
        // pods 1 to 5 are of any Service, and all else is the Service's own
        const pods = Array.from({ length: random(4) }, () =>
          backend(`10.244.0.${1 + random(5)}`, { isLocal: random(2) === 0 }),
        );
        const own = backend(`10.244.${1 + number}.1`, { isTerminating: random(2) === 0 && pods.length > 0 });
        const backends = [...new Map([...pods, own].map((one) => [one.address, one])).values()];
        const frontends =
          random(4) === 0
            ? []
            : [frontend(`10.0.0.${number}`, backends, { algorithm: random(2) ? 'random' : 'maglev' })];
        wanted.set(`s${number}`, frontends);
        assert.deepEqual(maps.set(`s${number}`, frontends), []);
      }
      const before = kernel.frontends();
      kernel.apply(maps.takeWrites(), () => {
        for (const [place, backends] of Object.entries(kernel.frontends())) {
          const number = Number(/\.(\d+):80/.exec(place)?.[1]);
          const foreign = backends.filter(
            (one) => !one.startsWith('10.244.0.') && one !== `10.244.${1 + number}.1:8080`,
          );
          assert.deepEqual(foreign, [], `${place} in round ${round}`);
          if (before[place]?.length) assert.ok(backends.length > 0, `${place} in round ${round} has none`);
        }
      });
      maps.settle();
      const expected = [...wanted.values()].flat().map(({ address, backends }) => [
        `${address}:80`,
        backends
          .filter(({ isTerminating }) => !isTerminating)
          .map((one) => `${one.address}:8080`)
          .sort(),
      ]);
      assert.deepEqual(kernel.frontends(), Object.fromEntries(expected));
    }
  });

test('what has no room is counted once for each Service and map, and that there may be room again is said once', () => {
  const { maps, set } = start({ services: 1 });
  set('one', [frontend('10.96.0.1', [backend('10.244.0.1')])]);
  assert.equal(maps.takeRoom(), false);
  for (const _ of [1, 2]) set('two', [frontend('10.96.0.2', [backend('10.244.0.2')])]);
  assert.deepEqual([...maps.overflows], [['services', 1]]);
  assert.equal(maps.takeRoom(), false);
  set('one', []);
  assert.deepEqual([maps.takeRoom(), maps.takeRoom()], [true, false]);
  assert.deepEqual(set('two', [frontend('10.96.0.2', [backend('10.244.0.2')])]), []);
});

describe('where the array of tables is full, a Service that changes', () => {
  const [one, two, three] = ['10.244.1.1', '10.244.1.2', '10.244.1.3'].map((address) => backend(address)) as [
    Backend,
    Backend,
    Backend,
  ];
  const cases: {
    what: string;
    slots: number;
    more?: Partial<Frontend>;
    steps: readonly (readonly Backend[])[];
    problems: readonly string[];
    found: readonly string[];
  }[] = [
    {
      what: 'has its table in the place of the one before',
      slots: 251,
      steps: [[one], [two]],
      problems: [],
      found: ['10.244.1.2:8080'],
    },
    {
      what: 'to more than a table there is large enough for has them by chance',
      slots: 251,
      steps: [[one], [one, two, three]],
      problems: ['web has its backends by chance and not by a table: the array of tables is full'],
      found: ['10.244.1.1:8080', '10.244.1.2:8080', '10.244.1.3:8080'],
    },
    {
      what: 'has as many of its backends as there is room for',
      slots: 1,
      more: { algorithm: 'random' },
      steps: [[one], [two, three]],
      problems: ['web has some of its backends alone: the array of tables is full'],
      found: ['10.244.1.2:8080'],
    },
    {
      what: 'has all again when there is room, and leaves nothing behind',
      slots: 2,
      more: { algorithm: 'random' },
      steps: [[one], [two, three], [], [two, three]],
      problems: [],
      found: ['10.244.1.2:8080', '10.244.1.3:8080'],
    },
  ];
  for (const { what, slots, more, steps, problems, found } of cases)
    test(what, () => {
      const { maps, kernel, set } = start({ table: slots });
      const [first, ...then] = steps.map((backends) => (backends.length ? [frontend('10.0.0.7', backends, more)] : []));
      assert.deepEqual(set('web', first as Frontend[]), []);
      let told: readonly string[] = [];
      for (const step of then) told = set('web', step);
      assert.deepEqual(told, problems);
      assert.deepEqual(kernel.frontends()['10.0.0.7:80'], found);
      set('web', []);
      assert.equal(maps.used.table, 0);
    });
});

test('by default there is room for ten thousand Services of five endpoints', () => {
  const needed = { services: 10_000, backends: 50_000, table: 10_000 * tableSize(5) };
  for (const name of ['services', 'backends', 'table'] as const) assert.ok(needed[name] <= DEFAULT_CAPACITIES[name]);
});
