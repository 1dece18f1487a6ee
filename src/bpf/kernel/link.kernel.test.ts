import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as asm from '../asm/index.ts';
import { at, r0, r1, r10, r2, r3, r4 } from '../asm/index.ts';
import { isNotSupportedError } from '../errors.ts';
import { u32, u64 } from '../layout/index.ts';
import { type MapSpec, mapSpec, type ProgramSpec, type ProgramType, TCX, XDP } from '../spec/index.ts';
import { TestNamespace, whyNoNamespace } from '../testing/namespace.ts';
import { whyNoKernel } from '../testing/rights.ts';
import * as kernel from './index.ts';

const skip = whyNoKernel() ?? whyNoNamespace() ?? false;
const seen = mapSpec({ name: 'seen', type: 'array', value: u64, maxEntries: 4 });

/** Counts packets in an element, and returns a verdict. */
function counter(type: ProgramType, element: number, verdict: number): ProgramSpec {
  const code = [
    asm.storeImm(r10, at(-4, 'u32'), element),
    asm.loadMap(r1, seen),
    asm.mov(r2, r10),
    asm.add(r2, -4),
    asm.call('map_lookup_elem'),
    asm.jeq(r0, 0, 'out'),
    asm.mov(r1, 1),
    asm.atomic('add', r0, at(0, 'u64'), r1),
    asm.label('out'),
    asm.mov(r0, verdict),
    asm.exit(),
  ];
  return { name: `count${element}`, type, code, maps: [seen] };
}

let namespace: TestNamespace;
let folder: string;

before(() => {
  if (skip) return;
  namespace = new TestNamespace();
  folder = mkdtempSync(join(tmpdir(), 'nekube-bpffs-'));
  kernel.ensureBpffs(folder);
});

after(() => {
  if (skip) return;
  execFileSync('umount', [folder]);
  rmdirSync(folder);
  namespace.remove();
  assert.deepEqual(kernel.openDescriptors(), []);
});

/** Sends packets from `v0` to `v1`, where nobody answers, until they were seen: a busy machine takes its time. */
async function sendUntil(isSeen: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSeen(); tries++) {
    send();
    await new Promise((done) => setTimeout(done, 5));
  }
  assert.ok(isSeen(), 'packets were seen');
}

const send = (): boolean => namespace.run('bash', '-c', 'echo hello > /dev/udp/10.77.0.2/9');

for (const mode of ['native', 'generic'] as const) {
  test(`an XDP program is attached (${mode}), sees packets, and is gone when its link is closed`, {
    skip,
  }, async () => {
    const collection = kernel.loadCollection([counter('xdp', 0, XDP.drop)]);
    const attach = (): kernel.KernelLink => kernel.attachXdp(collection.program('count0'), 'v1', mode);
    const link = kernel.inNamespace(namespace.file, attach);
    await sendUntil(() => collection.map(seen).get(0)! > 0n);
    assert.equal(link.info().attachType, 'xdp');
    link.close();
    // its place is free again
    kernel.inNamespace(namespace.file, attach).close();
    collection.close();
  });
}

test('a second XDP program on a device is refused, and the first stays', { skip }, () => {
  const collection = kernel.loadCollection([counter('xdp', 0, XDP.pass), counter('xdp', 1, XDP.pass)]);
  kernel.inNamespace(namespace.file, () => {
    const link = kernel.attachXdp(collection.program('count0'), 'v1');
    assert.throws(
      () => kernel.attachXdp(collection.program('count1'), 'v1'),
      /Cannot attach program "count1" to xdp \(any\) of v1: EBUSY \(another program is attached there\)/,
    );
    link.close();
    assert.throws(() => kernel.attachXdp(collection.program('count0'), 'none'), /Cannot find device "none": ENODEV/);
  });
  collection.close();
});

test('a link gets another program, if the one that it has is the one expected', { skip }, async () => {
  const collection = kernel.loadCollection([counter('xdp', 0, XDP.pass), counter('xdp', 1, XDP.pass)]);
  const [first, second] = [collection.program('count0'), collection.program('count1')];
  const link = kernel.inNamespace(namespace.file, () => kernel.attachXdp(first, 'v1'));
  assert.throws(() => link.update(first, second), /Cannot replace the program of a link by "count0": EPERM/);
  link.update(second, first);
  assert.equal(link.info().programId, second.info().id);
  await sendUntil(() => collection.map(seen).get(1)! > 0n);
  link.close();
  collection.close();
});

test('programs at tcx are run in their order, in both directions', { skip }, async (t) => {
  if (!kernel.hasDeviceAttach('tcx_ingress')) return t.skip('this kernel has no tcx');
  const specs = [
    { ...counter('sched_cls', 0, TCX.next), name: 'out' },
    { ...counter('sched_cls', 1, TCX.drop), name: 'last' },
    { ...counter('sched_cls', 2, TCX.next), name: 'first' },
  ];
  const collection = kernel.loadCollection(specs);
  const links = kernel.inNamespace(namespace.file, () => [
    kernel.attachTcx(collection.program('out'), 'v0', 'egress'),
    kernel.attachTcx(collection.program('last'), 'v1', 'ingress'),
    kernel.attachTcx(collection.program('first'), 'v1', 'ingress', 'first'),
  ]);
  await sendUntil(() => [0, 1, 2].every((element) => collection.map(seen).get(element)! > 0n));
  assert.deepEqual(
    links.map((link) => link.info().attachType),
    ['tcx_egress', 'tcx_ingress', 'tcx_ingress'],
  );
  links[1]!.detach();
  assert.equal(links[1]!.info().ifindex, 0);
  for (const link of links) link.close();
  collection.close();
});

test('filters of a clsact are run by priority, replaced by who has the same place, and gone when they are removed', {
  skip,
}, async () => {
  const specs = [
    { ...counter('sched_cls', 0, TCX.next), name: 'out' },
    { ...counter('sched_cls', 1, TCX.drop), name: 'last' },
    { ...counter('sched_cls', 2, TCX.next), name: 'first' },
  ];
  const collection = kernel.loadCollection(specs);
  const counts = () => [0, 1, 2].map((element) => Number(collection.map(seen).get(element)));
  const attach = (name: string, priority: number, direction: 'ingress' | 'egress', device = 'v1') =>
    kernel.inNamespace(namespace.file, () =>
      kernel.attachClassifier(collection.program(name), { device, direction, priority }),
    );
  const filters = [attach('out', 1, 'egress', 'v0'), attach('last', 2, 'ingress'), attach('first', 1, 'ingress')];
  await sendUntil(() => counts().every((count) => count > 0));
  // an earlier process's is taken over
  attach('first', 2, 'ingress');
  const first = counts();
  await sendUntil(() => counts()[2]! > first[2]! + 1);
  assert.equal(counts()[1], first[1]);
  kernel.inNamespace(namespace.file, () => {
    for (const filter of filters) filter.detach();
    filters[0]!.detach();
  });
  // not before: a packet may have been on its way
  const last = counts();
  send();
  assert.deepEqual(counts(), last);
  collection.close();
});

test('a filter gets another program, and what cannot be is refused', { skip }, async () => {
  const collection = kernel.loadCollection([counter('sched_cls', 0, TCX.next), counter('sched_cls', 1, TCX.next)]);
  const [first, second] = [collection.program('count0'), collection.program('count1')];
  const place = { device: 'v1', direction: 'ingress', priority: 7 } as const;
  const inside = <T>(work: () => T): T => kernel.inNamespace(namespace.file, work);
  const filter = inside(() => kernel.attachClassifier(first, place));
  inside(() => filter.update(second));
  const before = collection.map(seen).get(0);
  await sendUntil(() => collection.map(seen).get(1)! > 0n);
  assert.equal(collection.map(seen).get(0), before);
  inside(() => {
    filter.detach();
    assert.throws(
      () => kernel.attachClassifier(first, { ...place, device: 'none' }),
      /Cannot find device "none": ENODEV/,
    );
    assert.throws(
      () => kernel.attachClassifier(first, { ...place, priority: 0 }),
      /A priority must be from 1 to 65535/,
    );
  });
  collection.close();
});

test('netkit is attached, or it is said that it is not to be had', { skip }, () => {
  if (kernel.hasDeviceAttach('netkit_primary')) return;
  const collection = kernel.loadCollection([counter('sched_cls', 0, TCX.next)]);
  assert.throws(() =>
    kernel.inNamespace(namespace.file, () => kernel.attachNetkit(collection.program('count0'), 'v1', 'peer')),
  );
  collection.close();
});

/** A cgroup v2 of the test's own, where this process may have one. */
function cgroup(): string | undefined {
  const line = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .find((one) => one.split(' ')[2] === 'cgroup2');
  const root = line?.split(' ')[1];
  if (root === undefined || !existsSync(root)) return undefined;
  const path = join(root, `nekube-bpf-${process.pid}`);
  try {
    mkdirSync(path);
    return path;
  } catch {
    return undefined;
  }
}

test('programs are attached to a cgroup where sockets connect', { skip }, (t) => {
  const path = cgroup();
  if (path === undefined) return t.skip('there is no cgroup v2 that may be written');
  const spec = { ...counter('cgroup_sock_addr', 0, 1), attachType: 'cgroup_inet4_connect' } as const;
  const collection = kernel.loadCollection([spec]);
  const link = kernel.attachCgroup(collection.program('count0'), path, 'cgroup_inet4_connect');
  const connect = 'echo $$ > "$0/cgroup.procs"; exec 3<>/dev/tcp/127.0.0.1/9';
  try {
    execFileSync('bash', ['-c', connect, path], { stdio: 'ignore' });
  } catch {
    // nobody listens there
  }
  assert.equal(collection.map(seen).get(0), 1n);
  assert.equal(link.info().attachType, 'cgroup_inet4_connect');
  link.close();
  collection.close();
  rmdirSync(path);
});

test('a pinned map is opened again with what is in it, and only by a spec that fits', { skip }, () => {
  const path = join(folder, 'v1', 'seen');
  const map = kernel.openOrCreateMap(path, seen);
  map.set(3, 33n);
  map.close();
  const again = kernel.openOrCreateMap(path, seen);
  assert.equal(again.get(3), 33n);
  again.close();
  const other: MapSpec = { ...seen, maxEntries: 8, value: u32 };
  assert.throws(
    () => kernel.openPinnedMap(path, other),
    /The map at .*\/v1\/seen does not fit "seen": valueSize 8, not 4, maxEntries 4, not 8/,
  );
  rmSync(join(folder, 'v1'), { recursive: true });
  assert.throws(() => kernel.openPinnedMap(path, seen), /Cannot open .*\/v1\/seen: ENOENT \(there is none\)/);
});

test('a pinned link keeps its program attached when everything is closed', { skip }, async () => {
  const path = join(folder, 'link');
  const map = kernel.createMap(seen);
  const collection = kernel.loadCollection([counter('xdp', 0, XDP.pass)], { maps: [map] });
  const link = kernel.inNamespace(namespace.file, () => kernel.attachXdp(collection.program('count0'), 'v1'));
  kernel.pin(link, path);
  kernel.pin(collection.program('count0'), join(folder, 'program'));
  link.close();
  collection.close();
  await sendUntil(() => map.get(0)! > 0n);
  const opened = kernel.openPinnedLink(path);
  const program = kernel.openPinnedProgram(join(folder, 'program'), counter('xdp', 0, XDP.pass));
  assert.equal(opened.info().programId, program.info().id);
  program.close();
  opened.close();
  unlinkSync(path);
  unlinkSync(join(folder, 'program'));
  map.close();
});

test('what is pinned outside of a bpffs is refused with the reason', { skip }, () => {
  const map = kernel.createMap(seen);
  assert.throws(() => kernel.pin(map, join(tmpdir(), `nekube-${process.pid}`)), /the path must be in a bpffs/);
  map.close();
});

const events = mapSpec({ name: 'events', type: 'ringbuf', maxEntries: 4096 });

/** Sends the packet's first eight bytes into the ring buffer. */
const telling: ProgramSpec = {
  name: 'telling',
  type: 'sched_cls',
  maps: [events],
  code: [
    asm.storeImm(r10, at(-8, 'u64'), 0),
    asm.mov(asm.r6, r1),
    asm.mov(r2, 0),
    asm.mov(r3, r10),
    asm.add(r3, -8),
    asm.mov(r4, 8),
    asm.call('skb_load_bytes'),
    asm.loadMap(r1, events),
    asm.mov(r2, r10),
    asm.add(r2, -8),
    asm.mov(r3, 8),
    asm.mov(r4, 0),
    asm.call('ringbuf_output'),
    asm.exit(),
  ],
};

test('records of a ring buffer are read in their order, also when it goes round', { skip }, () => {
  const collection = kernel.loadCollection([telling]);
  const reader = new kernel.RingBufferReader(collection.map('events'));
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 100; i++) collection.program('telling').testRun({ data: new Uint8Array(64).fill(i) });
    assert.deepEqual(
      reader.read().map((record) => record[0]),
      Array.from({ length: 100 }, (_, i) => i),
    );
  }
  reader.close();
  collection.close();
});

test('records are awaited', { skip }, async () => {
  const collection = kernel.loadCollection([telling]);
  const reader = new kernel.RingBufferReader(collection.map('events'));
  const first = reader.records().next();
  collection.program('telling').testRun({ data: new Uint8Array(64).fill(9) });
  assert.deepEqual((await first).value, new Uint8Array(8).fill(9));
  reader.close();
  collection.close();
});

test('statistics count runs while they are on', { skip }, () => {
  const collection = kernel.loadCollection([counter('xdp', 0, XDP.pass)]);
  const statistics = kernel.enableStatistics();
  collection.program('count0').testRun({ data: new Uint8Array(64), repeat: 10 });
  statistics.close();
  const info = collection.program('count0').info();
  assert.equal(info.name, 'count0');
  assert.ok(info.jitedBytes === 0 || info.jitedBytes > 50);
  assert.ok(info.verifiedInstructions > 0);
  collection.close();
});

test('what a kernel can do is found out by trying', { skip }, () => {
  assert.equal(kernel.hasMapType('hash'), true);
  assert.equal(kernel.hasMapType('lpm_trie'), true);
  assert.equal(kernel.hasProgramType('xdp'), true);
  assert.equal(kernel.hasHelper('xdp', 'map_lookup_elem'), true);
  assert.equal(kernel.hasHelper('xdp', 'skb_store_bytes'), false);
  assert.equal(kernel.hasHelper('sched_cls', 'skb_store_bytes'), true);
  assert.equal(kernel.hasKernelFunction('bpf_no_such_thing'), false);
  assert.equal(typeof kernel.hasInstructions(4), 'boolean');
  assert.equal(typeof kernel.hasMayGoto(), 'boolean');
  for (const type of ['array_of_maps', 'ringbuf', 'sockmap', 'cpumap', 'queue', 'sockhash'] as const)
    assert.equal(kernel.hasMapType(type), true, type);
});

test('a driver without XDP is told by its name', { skip }, () => {
  const collection = kernel.loadCollection([counter('xdp', 0, XDP.pass)]);
  kernel.inNamespace(namespace.file, () => {
    assert.throws(
      () => kernel.attachXdp(collection.program('count0'), 'lo', 'native'),
      (error) => isNotSupportedError(error) && error.feature === 'xdp (native) of lo',
    );
  });
  collection.close();
});
