// Programs in filters of clsact, as kernels before 6.6 have them: the same traffic, beside filters of others, and nothing is left.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { asm, kernel, TCX } from 'nekube/bpf';
import { NodeDatapath, removePins, ServiceMaps } from 'nekube/loadbalancer';
import { backendAt, frontendOf, TestNodes, whyNot } from './nodes.mjs';
import { ADDRESSES, Topology } from './topology.mjs';

const skip = whyNot();
const CAPACITIES = { services: 256, backends: 256, table: 65_536 };
const address = ADDRESSES[4].frontend;

let network;
let nodes;
let folder;
let pins;

before(async () => {
  if (skip) return;
  network = new Topology();
  nodes = new TestNodes(network, { names: ['n1', 'n2'], attachesPods: true, options: () => ({ hook: 'clsact' }) });
  for (const pod of ['p1', 'p2']) await network.serve(pod, 8080);
  folder = mkdtempSync(join(tmpdir(), 'nekube-filters-'));
  pins = join(folder, 'bpf');
});

after(async () => {
  if (skip) return;
  nodes.close();
  await network.close();
  rmSync(folder, { recursive: true });
});

function open(mode, port) {
  const datapath = new NodeDatapath({
    devices: ['eth0'],
    namespace: network.namespace('lb'),
    nodeAddresses: { 4: ADDRESSES[4].lb, 6: ADDRESSES[6].lb },
    ...{ mtu: 1500, snatPorts: { first: 61_000, count: 4536 }, capacities: CAPACITIES, flows: { flows: 4096 } },
    ...{ pins, hook: 'clsact' },
  });
  const maps = new ServiceMaps({ capacities: CAPACITIES, contents: datapath.contents() });
  const backends = ['p1', 'p2'].map((pod) => backendAt(pod, { family: 4, seenFrom: 'lb' }));
  maps.set('web', [frontendOf({ family: 4, protocol: 'TCP', port, at: address, mode, backends })]);
  maps.endAdoption();
  datapath.apply(maps.takeWrites());
  maps.settle();
  datapath.attach();
  datapath.settle();
  return datapath;
}

const inNode = (work) => kernel.inNamespace(network.namespace('lb'), work);
const filters = (direction = 'ingress') => inNode(() => kernel.attachedFilters('eth0', direction));
const names = (direction) => filters(direction).map(({ name }) => name);

const OTHER = { name: 'of_another', type: 'sched_cls', code: [asm.mov(asm.r0, TCX.next), asm.exit()] };

for (const [index, mode] of ['snat', 'dsr-ipip', 'dsr-geneve'].entries())
  test(`${mode}: flows go through filters, on without a process, and on with the next`, { skip }, async () => {
    const port = 3000 + index;
    nodes.balance({ port, pods: ['p1', 'p2'], mode });
    const first = open(mode, port);
    assert.ok(first.notes.some((note) => note.startsWith('programs are filters of clsact')));
    const before = filters();
    const flow = await network.open('cl', { protocol: 'tcp', address, port });
    const { self } = await flow.say();
    first.close();
    assert.equal((await flow.say()).self, self);
    const second = open(mode, port);
    assert.deepEqual(filters(), before, 'each is where it was');
    assert.equal((await flow.say()).self, self);
    const answers = await network.ask('cl', { protocol: 'tcp', address, port, times: 8 });
    assert.deepEqual([...new Set(answers.map(({ error }) => error))], [undefined]);
    assert.deepEqual(
      inNode(() => kernel.attachedPrograms('eth0', 'tcx_ingress')),
      [],
    );
    await flow.shut();
    second.close();
    inNode(() => removePins(pins));
    assert.deepEqual([names(), names('egress'), existsSync(pins)], [[], [], false]);
    // with the last filter the queue is gone, which can be added then
    assert.equal(
      inNode(() => kernel.addClassifierQueue('eth0')),
      true,
    );
    inNode(() => kernel.removeClassifierQueue(kernel.deviceIndex('eth0')));
  });

test('filters of others stay, before and behind, also where ours would be, and so does their queue', {
  skip,
}, async () => {
  const collection = kernel.loadCollection([OTHER]);
  const program = collection.program('of_another');
  for (const priority of [1, 1003, 50_000])
    inNode(() => kernel.attachClassifier(program, { device: 'eth0', direction: 'ingress', priority }));
  nodes.balance({ port: 3100, pods: ['p1', 'p2'], mode: 'snat' });
  const datapath = open('snat', 3100);
  const [answer] = await network.ask('cl', { protocol: 'tcp', address, port: 3100 });
  assert.equal(answer.error, undefined);
  const others = () => filters().filter(({ name }) => name === 'of_another');
  assert.deepEqual(
    others().map(({ priority }) => priority),
    [1, 1003, 50_000],
  );
  assert.ok(names().includes('lb4_request'));
  datapath.close();
  inNode(() => removePins(pins));
  assert.deepEqual(names(), ['of_another', 'of_another', 'of_another']);
  collection.close();
});

test('another hook takes over: filters become links', { skip }, async () => {
  open('snat', 3200).close();
  assert.ok(names().includes('lb4_request'));
  const inNodeOf = { devices: ['eth0'], namespace: network.namespace('lb') };
  const datapath = new NodeDatapath({
    ...inNodeOf,
    nodeAddresses: { 4: ADDRESSES[4].lb, 6: ADDRESSES[6].lb },
    ...{ mtu: 1500, snatPorts: { first: 61_000, count: 4536 }, capacities: CAPACITIES, flows: { flows: 4096 } },
    ...{ pins, hook: 'tcx' },
  });
  datapath.attach();
  datapath.settle();
  assert.ok(!names().includes('lb4_request'));
  assert.ok(inNode(() => kernel.attachedPrograms('eth0', 'tcx_ingress')).some(({ name }) => name === 'lb4_request'));
  datapath.close();
  inNode(() => removePins(pins));
  assert.deepEqual(
    inNode(() => kernel.attachedPrograms('eth0', 'tcx_ingress')),
    [],
  );
});
