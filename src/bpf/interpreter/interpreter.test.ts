import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as asm from '../asm/index.ts';
import { at, type Code, r0, r1, r10, r2, r3, r4, r6 } from '../asm/index.ts';
import { BpfError } from '../errors.ts';
import { be32, bytes, ipv4, SkBuff, struct, u32, u64, XdpMd } from '../layout/index.ts';
import { mapSpec, type MapSpec, type ProgramSpec, TC, XDP } from '../spec/index.ts';
import { Interpreter, InterpreterFault, ObjectMemory, SequenceMemory } from './index.ts';

const packet = Uint8Array.from({ length: 64 }, (_, i) => i);
const program = (code: Code, ...maps: MapSpec[]): ProgramSpec => ({ name: 'test', type: 'xdp', code, maps });
const tc = (code: Code, ...maps: MapSpec[]): ProgramSpec => ({ ...program(code, ...maps), type: 'sched_cls' });
const run = (spec: ProgramSpec, data = packet): number => new Interpreter().run(spec, { data }).result;

/** What a program may not do, and what is said of it. */
const FAULTS: readonly [string, Code, RegExp][] = [
  [
    'read behind the packet',
    [asm.load(r2, r1, XdpMd.at.data), asm.load(r0, r2, at(62, 'u32')), asm.exit()],
    /reads 4 bytes at 62 of the packet, which has 64 at instruction 1\n.*interpreter\.test\.ts:\d+: .*load\(r0, r2/,
  ],
  [
    'read stack that was never written',
    [asm.load(r0, r10, at(-8, 'u64')), asm.exit()],
    /at -8 that were never written/,
  ],
  ['write below the stack', [asm.storeImm(r10, at(-520, 'u64'), 1), asm.exit()], /where no memory is|of the stack/],
  ['write to its context', [asm.storeImm(r1, XdpMd.at.data, 1), asm.exit()], /of the context, which it may only read/],
  ['use a number as an address', [asm.mov(r1, 8), asm.load(r0, r1, at(0, 'u64')), asm.exit()], /where no memory is/],
  [
    'call what is not known',
    [asm.call('sk_lookup_tcp'), asm.exit()],
    /calls sk_lookup_tcp, which the interpreter does not/,
  ],
  ['call the kernel', [asm.callKernel('bpf_ct_release'), asm.exit()], /calls bpf_ct_release, which the interpreter/],
  ['run without end', [asm.label('again'), asm.goto('again')], /does not end/],
  ['run beyond its end', [asm.mov(r0, 0)], /runs beyond its end/],
  [
    'use a pointer from before the packet was changed',
    [
      asm.mov(r6, r1),
      asm.load(asm.r7, r1, XdpMd.at.data),
      asm.mov(r2, -8),
      asm.call('xdp_adjust_head'),
      asm.load(r0, asm.r7, at(0, 'u8')),
      asm.exit(),
    ],
    /where no memory is/,
  ],
];

for (const [what, code, message] of FAULTS) {
  test(`a program that would ${what} faults`, () => {
    assert.throws(
      () => run(program(code)),
      (error) => {
        assert.ok(error instanceof InterpreterFault);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

const table = mapSpec({ name: 'table', type: 'hash', key: u32, value: u64, maxEntries: 2 });
const counting = program(
  [
    asm.storeImm(r10, at(-4, 'u32'), 7),
    asm.loadMap(r1, table),
    asm.mov(r2, r10),
    asm.add(r2, -4),
    asm.call('map_lookup_elem'),
    asm.jeq(r0, 0, 'out'),
    asm.mov(r1, 1),
    asm.atomic('add', r0, at(0, 'u64'), r1),
    asm.label('out'),
    asm.mov(r0, XDP.pass),
    asm.exit(),
  ],
  table,
);

test('programs and user space see the same maps', () => {
  const interpreter = new Interpreter();
  interpreter.map(table).set(7, 40n);
  interpreter.run(counting, { data: packet });
  interpreter.run(counting, { data: packet });
  assert.equal(interpreter.map(table).get(7), 42n);
  assert.deepEqual([...interpreter.map(table).entries()], [[7, 42n]]);
});

test('a full map refuses as the kernel does', () => {
  const map = new Interpreter().map(table);
  map.set(1, 1n);
  map.set(2, 2n);
  assert.throws(
    () => map.set(3, 3n),
    (error) => error instanceof BpfError && error.code === 'E2BIG',
  );
  assert.throws(() => map.set(1, 3n, 'add'), /EEXIST/);
  assert.throws(() => map.set(4, 3n, 'change'), /ENOENT/);
  assert.deepEqual([map.delete(1), map.delete(1)], [true, false]);
});

test('an LRU forgets what was not used for longest', () => {
  const map = new Interpreter().map(mapSpec({ name: 'lru', type: 'lru_hash', key: u32, value: u32, maxEntries: 2 }));
  map.set(1, 1);
  map.set(2, 2);
  map.get(1);
  map.set(3, 3);
  assert.deepEqual([map.get(1), map.get(2), map.get(3)], [1, undefined, 3]);
});

test('a trie finds the longest prefix', () => {
  const Prefix = struct('prefix', { length: u32, address: be32 });
  const trie = mapSpec({
    name: 'lpm',
    type: 'lpm_trie',
    key: Prefix,
    value: u32,
    maxEntries: 4,
    flags: ['no_prealloc'],
  });
  const map = new Interpreter().map(trie);
  map.set({ length: 8, address: ipv4('10.0.0.0') }, 1);
  map.set({ length: 16, address: ipv4('10.1.0.0') }, 2);
  const of = (text: string): number | undefined => map.get({ length: 32, address: ipv4(text) });
  assert.deepEqual([of('10.1.2.3'), of('10.2.2.3'), of('11.2.2.3')], [2, 1, undefined]);
});

test('a map within a map is looked up by the program', () => {
  const inner = mapSpec({ name: 'inner', type: 'array', value: u32, maxEntries: 1 });
  const outer = mapSpec({ name: 'outer', type: 'hash_of_maps', key: u32, inner, maxEntries: 4 });
  const interpreter = new Interpreter();
  interpreter.map(inner).set(0, 77);
  (interpreter.map(outer) as ObjectMemory<number, number>).put(5, interpreter.map(inner));
  const lookUp = (key: number): ProgramSpec =>
    program(
      [
        ...[asm.storeImm(r10, at(-8, 'u32'), key), asm.storeImm(r10, at(-4, 'u32'), 0)],
        ...[asm.loadMap(r1, outer), asm.mov(r2, r10), asm.add(r2, -8), asm.call('map_lookup_elem')],
        asm.jeq(r0, 0, 'out'),
        ...[asm.mov(r1, r0), asm.mov(r2, r10), asm.add(r2, -4), asm.call('map_lookup_elem')],
        asm.jeq(r0, 0, 'out'),
        asm.load(r0, r0, at(0, 'u32')),
        asm.label('out'),
        asm.exit(),
      ],
      outer,
    );
  assert.equal(interpreter.run(lookUp(5), { data: packet }).result, 77);
  assert.equal(interpreter.run(lookUp(6), { data: packet }).result, 0);
});

test('a tail call goes on with another program, and falls through where there is none', () => {
  const programs = mapSpec({ name: 'progs', type: 'prog_array', maxEntries: 2 });
  const entry = program(
    [asm.loadMap(r2, programs), asm.mov(r3, 1), asm.call('tail_call'), asm.mov(r0, 9), asm.exit()],
    programs,
  );
  const interpreter = new Interpreter();
  assert.equal(interpreter.run(entry, { data: packet }).result, 9);
  (interpreter.map(programs) as ObjectMemory<number, number>).put(1, program([asm.mov(r0, 5), asm.exit()]));
  assert.equal(interpreter.run(entry, { data: packet }).result, 5);
});

test('records of a ring buffer are seen when they are submitted', () => {
  const ring = mapSpec({ name: 'events', type: 'ringbuf', maxEntries: 4096 });
  const code = [
    asm.loadMap(r1, ring),
    asm.mov(r2, 8),
    asm.mov(r3, 0),
    asm.call('ringbuf_reserve'),
    asm.jeq(r0, 0, 'out'),
    asm.storeImm(r0, at(0, 'u64'), 42),
    asm.mov(r1, r0),
    asm.mov(r2, 0),
    asm.call('ringbuf_submit'),
    asm.label('out'),
    asm.mov(r0, 0),
    asm.exit(),
  ];
  const interpreter = new Interpreter();
  interpreter.run(program(code, ring), { data: packet });
  const records = (interpreter.map(ring) as SequenceMemory<unknown, unknown>).drain();
  assert.deepEqual(records, [Uint8Array.of(42, 0, 0, 0, 0, 0, 0, 0)]);
});

test('a helper calls a function of the program back, as often as it is told', () => {
  const code = [
    asm.storeImm(r10, at(-8, 'u64'), 0),
    asm.mov(r1, 5),
    asm.loadFunction(r2, 'each'),
    asm.mov(r3, r10),
    asm.add(r3, -8),
    asm.mov(r4, 0),
    asm.call('loop'),
    asm.load(r0, r10, at(-8, 'u64')),
    asm.exit(),
    asm.functionLabel('each', { parameters: 2 }),
    asm.atomic('add', r2, at(0, 'u64'), r1),
    asm.mov(r0, 0),
    asm.exit(),
  ];
  assert.equal(run(program(code)), 0 + 1 + 2 + 3 + 4);
});

test('where a packet is sent is part of the result', () => {
  const code = [asm.mov(r1, 12), asm.mov(r2, 0), asm.call('redirect'), asm.exit()];
  const { result, redirect } = new Interpreter().run(tc(code), { data: packet });
  assert.equal(result, TC.redirect);
  assert.deepEqual(redirect, { by: 'redirect', ifindex: 12, flags: 0 });
});

test('routes are asked of the world that was given', () => {
  const Fib = struct('fib', {
    family: u32,
    ports: u32,
    ifindex: u32,
    flow: u32,
    source: be32,
    a: bytes(12),
    destination: be32,
  });
  const code = [
    ...Array.from({ length: 8 }, (_, i) => asm.storeImm(r10, at(-64 + 8 * i, 'u64'), 0)),
    asm.storeImm(r10, at(-64, 'u8'), 2),
    asm.storeImm(r10, at(-64 + Fib.at.destination.offset, 'u32'), 0x0100_000a),
    asm.mov(r2, r10),
    asm.add(r2, -64),
    asm.mov(r3, 64),
    asm.mov(r4, 0),
    asm.call('fib_lookup'),
    asm.jne(r0, 0, 'out'),
    asm.load(r0, r10, at(-64 + 8, 'u32')),
    asm.label('out'),
    asm.exit(),
  ];
  const route = { ifindex: 3, source: new Uint8Array(6), destination: new Uint8Array(6) };
  const asked: string[] = [];
  const interpreter = new Interpreter({
    route: ({ family, destination }) => {
      asked.push(`${family} ${destination.join('.')}`);
      return route;
    },
  });
  assert.equal(interpreter.run(tc(code), { data: packet }).result, 3);
  assert.deepEqual(asked, ['ipv4 10.0.0.1']);
  assert.equal(new Interpreter().run(tc(code), { data: packet }).result, 4);
});

test('what an skb says of its packet is what test runs of the kernel say', () => {
  const frame = packet.slice();
  frame.set([8, 0], 12);
  const field = (place: asm.Place): number => run(tc([asm.load(r0, r1, place), asm.exit()]), frame);
  const { length, protocol, packetType, ifindex, mark } = SkBuff.at;
  assert.deepEqual([length, protocol, packetType, ifindex, mark].map(field), [64, 8, 3, 1, 0]);
});
