import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  add,
  and,
  at,
  call,
  callFunction,
  callKernel,
  exit,
  functionLabel,
  goto,
  jeq,
  jgt,
  label,
  load,
  loadMap,
  mov,
  r0,
  r1,
  r10,
  r2,
  r3,
  storeImm,
} from '../asm/index.ts';
import { VerifierError } from '../errors.ts';
import { u32, u64, XdpMd } from '../layout/index.ts';
import { mapSpec, type ProgramSpec, XDP } from '../spec/index.ts';
import { whyNoKernel } from '../testing/rights.ts';
import { hasKernelFunction, loadCollection, loadProgram, openDescriptors } from './index.ts';

const skip = whyNoKernel() ?? false;
const counters = mapSpec({ name: 'counters', type: 'array', value: u64, maxEntries: 4 });
const services = mapSpec({ name: 'services', type: 'hash', key: u32, value: u64, maxEntries: 4 });
const packet = new Uint8Array(64).fill(7);

after(() => assert.deepEqual(openDescriptors(), []));

/** Counts packets and passes them on. */
const counting: ProgramSpec = {
  name: 'counting',
  type: 'xdp',
  maps: [counters],
  code: [
    storeImm(r10, at(-4, 'u32'), 2),
    loadMap(r1, counters),
    mov(r2, r10),
    add(r2, -4),
    call('map_lookup_elem'),
    jeq(r0, 0, 'out'),
    load(r1, r0, at(0, 'u64')),
    add(r1, 1),
    { ...storeImm(r0, at(0, 'u64'), 0), opcode: 0x7b, src: 1 },
    label('out'),
    mov(r0, XDP.pass),
    exit(),
  ],
};

test('a program is loaded with its map and run on a packet', { skip }, () => {
  const collection = loadCollection([counting]);
  const run = collection.program('counting').testRun({ data: packet, repeat: 3 });
  assert.equal(run.result, XDP.pass);
  assert.deepEqual(run.data, packet);
  assert.equal(collection.map(counters).get(2), 3n);
  collection.close();
});

test('functions of a program are called, also without types for the kernel', { skip }, () => {
  const code = [
    load(r1, r1, XdpMd.at.rxQueueIndex),
    add(r1, 40),
    callFunction('double'),
    exit(),
    functionLabel('double', { parameters: 1 }),
    mov(r0, r1),
    add(r0, r1),
    exit(),
  ];
  for (const btf of [true, false]) {
    const program = loadProgram({ name: 'calls', type: 'xdp', code }, { btf });
    assert.equal(program.testRun({ data: packet }).result, 80);
    program.close();
  }
});

test('a function of the kernel is called by its name', { skip }, (t) => {
  if (!hasKernelFunction('bpf_rcu_read_lock')) return t.skip('this kernel has no such functions');
  const code = [callKernel('bpf_rcu_read_lock'), callKernel('bpf_rcu_read_unlock'), mov(r0, 3), exit()];
  const program = loadProgram({ name: 'kfuncs', type: 'sched_cls', code });
  assert.equal(program.testRun({ data: packet }).result, 3);
  program.close();
  const missing = [callKernel('bpf_no_such_thing'), exit()];
  assert.throws(
    () => loadProgram({ name: 'kfuncs', type: 'sched_cls', code: missing }),
    /the kernel's function bpf_no_such_thing is not supported here: this kernel has none of that name/,
  );
});

/** Code, what the verifier says of it, and what stands in the line that is to blame. */
const REFUSED: readonly [string, ProgramSpec['code'], RegExp, RegExp][] = [
  [
    'a packet that is read without a look at its end',
    [load(r2, r1, XdpMd.at.data), load(r0, r2, at(12, 'u16')), exit()],
    /^invalid access to packet, off=12 size=2, R2\(id=0,off=12,r=0\)/,
    /load\(r0, r2, at\(12, 'u16'\)\)/,
  ],
  [
    'a value that may be missing',
    [
      storeImm(r10, at(-4, 'u32'), 0),
      loadMap(r1, services),
      mov(r2, r10),
      add(r2, -4),
      call('map_lookup_elem'),
      load(r0, r0, at(0, 'u64')),
      exit(),
    ],
    /^R0 invalid mem access 'map_value_or_null'/,
    /load\(r0, r0, at\(0, 'u64'\)\)/,
  ],
  ['a register that nothing was written to', [mov(r0, r3), exit()], /^R3 !read_ok/, /mov\(r0, r3\)/],
  [
    'a loop without end',
    [mov(r0, 0), label('again'), add(r0, 1), and(r0, 1), jgt(r0, 5, 'again'), goto('again')],
    /^infinite loop detected at insn \d+/,
    /./,
  ],
  ['code that is never reached', [mov(r0, 0), exit(), mov(r0, 1), exit()], /^unreachable insn 2/, /mov\(r0, 1\)/],
];

for (const [what, code, reason, line] of REFUSED) {
  test(`the verifier's refusal names the line of TypeScript: ${what}`, { skip }, () => {
    assert.throws(
      () => loadCollection([{ name: 'refused', type: 'xdp', code, maps: [services] }]),
      (error) => {
        assert.ok(error instanceof VerifierError, String(error));
        assert.match(error.reason, reason);
        assert.match(error.source?.file ?? '', /src\/bpf\/kernel\/program\.kernel\.test\.ts$/);
        assert.match(error.source?.text ?? '', line);
        assert.ok(error.advice !== undefined, 'a usual reason has advice');
        assert.ok(error.message.includes(`${error.source?.file}:${error.source?.line}`));
        return true;
      },
    );
  });
}

test("the verifier's own log shows lines of TypeScript", { skip }, () => {
  const code = [load(r2, r1, XdpMd.at.data), load(r0, r2, at(12, 'u16')), exit()];
  assert.throws(
    () => loadProgram({ name: 'log', type: 'xdp', code }),
    (error) => /; const code = \[load\(r2.*@ program\.kernel\.test\.ts:\d+/.test((error as VerifierError).log),
  );
});

test('what is wrong with a spec is said before the kernel is asked', () => {
  assert.throws(() => loadProgram({ name: 'a-b', type: 'xdp', code: [] }), /must be named by 1 to 15/);
  const code = [loadMap(r1, 'nowhere'), mov(r0, 0), exit()];
  assert.throws(
    () => loadProgram({ name: 'maps', type: 'xdp', code }),
    /refers to map nowhere, which it was not given/,
  );
  assert.throws(
    () => loadProgram({ name: 'maps', type: 'xdp', code: [goto('away')] }),
    /Cannot assemble maps: there is no label "away"/,
  );
  assert.equal(u32.size, 4);
});
