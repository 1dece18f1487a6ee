import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isBpfError } from '../errors.ts';
import { be16, be32, bytes, ipv4, pad, struct, u32, u64, u8 } from '../layout/index.ts';
import { type MapSpec, mapSpec } from '../spec/index.ts';
import { whyNoKernel } from '../testing/rights.ts';
import {
  createMap,
  deleteBatch,
  getAll,
  MappedArray,
  openDescriptors,
  possibleCpus,
  setBatch,
  setBatchBytes,
} from './index.ts';

const skip = whyNoKernel() ?? false;
const Key = struct('svc_key', { address: be32, port: be16, protocol: u8, _gap: pad(1) });
const Value = struct('svc', { id: u32, seen: u32, packets: u64 });
const key = (port: number): { address: number; port: number; protocol: number } => ({
  address: ipv4('10.96.0.10'),
  port,
  protocol: 6,
});
const value = (id: number): { id: number; seen: number; packets: bigint } => ({ id, seen: 0, packets: 1n << 40n });
const plain = <T>(entries: Iterable<readonly [T, unknown]>): string =>
  JSON.stringify([...entries], (_, one) => (typeof one === 'bigint' ? `${one}n` : one));

after(() => assert.deepEqual(openDescriptors(), []));

test('a hash keeps, lists and removes elements by values of its layouts', { skip }, () => {
  const map = createMap(mapSpec({ name: 'svc4', type: 'hash', key: Key, value: Value, maxEntries: 8 }));
  assert.equal(map.get(key(80)), undefined);
  map.set(key(80), value(1));
  assert.deepEqual({ ...map.get(key(80)) }, value(1));
  assert.equal(plain(map.entries()), plain([[key(80), value(1)]]));
  assert.equal(map.delete(key(80)), true);
  assert.equal(map.delete(key(80)), false);
  map.close();
});

test('modes refuse what is there, or what is not', { skip }, () => {
  const map = createMap(mapSpec({ name: 'modes', type: 'hash', key: u32, value: u32, maxEntries: 1 }));
  assert.throws(() => map.set(1, 1, 'change'), /Cannot write map "modes": ENOENT/);
  map.set(1, 1, 'add');
  assert.throws(
    () => map.set(1, 2, 'add'),
    (error) => isBpfError(error, 'EEXIST'),
  );
  assert.throws(() => map.set(2, 2), /Cannot write map "modes": E2BIG \(the map is full\)/);
  map.close();
});

test('batches write, list and remove thousands of elements', { skip }, () => {
  const map = createMap(mapSpec({ name: 'many', type: 'hash', key: u32, value: u64, maxEntries: 10_000 }));
  const entries = Array.from({ length: 9000 }, (_, i) => [i, BigInt(i * 3)] as const);
  setBatch(map, entries);
  const all = getAll(map).sort(([a], [b]) => a - b);
  assert.deepEqual(all, entries);
  deleteBatch(map, [100_000, ...entries.map(([one]) => one).slice(0, 8999), 200_000]);
  assert.deepEqual(getAll(map), [[8999, 26_997n]]);
  map.close();
});

test('batches of bytes write elements as the kernel has them', { skip }, () => {
  const map = createMap(mapSpec({ name: 'raw', type: 'hash', key: be16, value: u32, maxEntries: 8 }));
  setBatchBytes(map, [
    [Uint8Array.of(1, 2), Uint8Array.of(3, 0, 0, 0)],
    [Uint8Array.of(0, 9), Uint8Array.of(4, 1, 0, 0)],
  ]);
  assert.deepEqual(
    getAll(map).sort(([a], [b]) => a - b),
    [
      [9, 260],
      [258, 3],
    ],
  );
  map.close();
});

test('an array in memory of this process is written without a call', { skip }, () => {
  const map = createMap(mapSpec({ name: 'table', type: 'array', maxEntries: 1000, flags: ['mmapable'] }));
  const memory = new MappedArray(map);
  memory.write(997, Uint32Array.of(7, 8, 9));
  assert.deepEqual([map.get(996), map.get(997), map.get(999)], [0, 7, 9]);
  map.set(5, 50);
  assert.deepEqual(memory.read(4, 3), Uint32Array.of(0, 50, 0));
  assert.throws(() => memory.write(999, Uint32Array.of(1, 2)), /Elements 999 to 1001 must be of an array of 1000/);
  memory.close();
  assert.throws(() => memory.read(0, 1), /was closed/);
  map.close();
});

test('a map without shared memory is refused as such', { skip }, () => {
  const map = createMap(mapSpec({ name: 'plain', type: 'array', maxEntries: 4 }));
  assert.throws(() => new MappedArray(map), /Map plain must be an array of four bytes each, with the flag mmapable/);
  map.close();
});

test('a batch that does not fit tells how much was written', { skip }, () => {
  const map = createMap(mapSpec({ name: 'small', type: 'hash', key: u32, value: u32, maxEntries: 2 }));
  const entries = [1, 2, 3, 4].map((one) => [one, one] as const);
  assert.throws(() => setBatch(map, entries), /Cannot write map "small" after 2 of 4 elements: E2BIG/);
  map.close();
});

test('kinds without batches are written one by one', { skip }, () => {
  const inner = mapSpec({ name: 'inner', type: 'array', value: u32, maxEntries: 4 });
  const outer = createMap(mapSpec({ name: 'outer', type: 'hash_of_maps', key: u32, inner, maxEntries: 4 }));
  const table = createMap(inner);
  outer.setDescriptor(7, table);
  assert.notEqual(outer.get(7), undefined);
  assert.equal(getAll(outer).length, 1);
  table.close();
  outer.close();
});

test('a per-CPU map has a value for each CPU', { skip }, () => {
  const map = createMap(mapSpec({ name: 'stats', type: 'percpu_array', value: u64, maxEntries: 2 }));
  map.set(1, 5n);
  assert.deepEqual(
    map.getPerCpu(1),
    Array.from({ length: possibleCpus() }, () => 5n),
  );
  assert.throws(() => map.get(1), /has a value for each CPU/);
  assert.deepEqual([...map.entriesPerCpu()].length, 2);
  map.close();
});

test('a trie finds the longest prefix', { skip }, () => {
  const Prefix = struct('prefix', { length: u32, address: be32 });
  const map = createMap(
    mapSpec({ name: 'lpm', type: 'lpm_trie', key: Prefix, value: u32, maxEntries: 8, flags: ['no_prealloc'] }),
  );
  map.set({ length: 8, address: ipv4('10.0.0.0') }, 1);
  map.set({ length: 16, address: ipv4('10.1.0.0') }, 2);
  assert.equal(map.get({ length: 32, address: ipv4('10.1.2.3') }), 2);
  assert.equal(map.get({ length: 32, address: ipv4('10.2.2.3') }), 1);
  assert.equal(map.get({ length: 32, address: ipv4('11.2.2.3') }), undefined);
  map.close();
});

test('queues and stacks give what was pushed', { skip }, () => {
  for (const [type, expected] of [
    ['queue', [1, 2, undefined]],
    ['stack', [2, 1, undefined]],
  ] as const) {
    const map = createMap(mapSpec({ name: type, type, value: u32, maxEntries: 4 }));
    map.push(1);
    map.push(2);
    assert.deepEqual([map.pop(), map.pop(), map.pop()], expected);
    map.close();
  }
});

test('a frozen map is not written any more', { skip }, () => {
  const map = createMap(mapSpec({ name: 'cfg', type: 'array', value: u32, maxEntries: 1, flags: ['rdonly_prog'] }));
  map.set(0, 7);
  map.freeze();
  assert.throws(() => map.set(0, 8), /Cannot write map "cfg": EPERM/);
  assert.equal(map.get(0), 7);
  map.close();
});

const KINDS: readonly MapSpec[] = [
  mapSpec({ name: 'k', type: 'lru_hash', key: u32, value: u32, maxEntries: 16 }),
  mapSpec({ name: 'k', type: 'lru_hash', key: u32, value: u32, maxEntries: 16, flags: ['no_common_lru'] }),
  mapSpec({ name: 'k', type: 'lru_percpu_hash', key: u32, value: u32, maxEntries: 16 }),
  mapSpec({ name: 'k', type: 'percpu_hash', key: u32, value: u32, maxEntries: 16 }),
  mapSpec({ name: 'k', type: 'prog_array', maxEntries: 4 }),
  mapSpec({ name: 'k', type: 'devmap', maxEntries: 4 }),
  mapSpec({ name: 'k', type: 'devmap_hash', maxEntries: 4 }),
  mapSpec({ name: 'k', type: 'cpumap', maxEntries: 2 }),
  mapSpec({ name: 'k', type: 'xskmap', maxEntries: 4 }),
  mapSpec({ name: 'k', type: 'sockmap', maxEntries: 4 }),
  mapSpec({ name: 'k', type: 'sockhash', key: bytes(8), maxEntries: 4 }),
  mapSpec({ name: 'k', type: 'bloom_filter', value: u32, maxEntries: 64 }),
  mapSpec({ name: 'k', type: 'ringbuf', maxEntries: 4096 }),
  mapSpec({ name: 'k', type: 'user_ringbuf', maxEntries: 4096 }),
  mapSpec({ name: 'k', type: 'array', value: u64, maxEntries: 4, flags: ['mmapable'] }),
];

for (const spec of KINDS) {
  test(`a map of type ${[spec.type, ...spec.flags].join(', ')} is made`, { skip }, () => createMap(spec).close());
}
