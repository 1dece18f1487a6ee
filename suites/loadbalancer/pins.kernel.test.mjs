// Maps and programs that outlive the process that made them: another takes them over, while flows go on.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { asm, isVerifierError, kernel, XDP } from 'nekube/bpf';
import { Links, NodeDatapath, removePins, ServiceMaps } from 'nekube/loadbalancer';
import { backendAt, frontendOf, TestNodes, whyNot } from './nodes.mjs';
import { ADDRESSES, Topology } from './topology.mjs';

const skip = whyNot();
const CAPACITIES = { services: 256, backends: 256, table: 65_536 };
const address = ADDRESSES[4].frontend;

let network;
/** Those with pods, which stay as they are. */
let nodes;
let folder;
let pins;
let port = 2000;
/** What a test has open, as `{datapath, maps}`. */
const open = new Set();

before(async () => {
  if (skip) return;
  network = new Topology();
  nodes = new TestNodes(network, { names: ['n1', 'n2'] });
  for (const pod of ['p1', 'p2']) await network.serve(pod, 8080);
  folder = mkdtempSync(join(tmpdir(), 'nekube-pins-'));
  // a bpffs is mounted there, since there is none
  pins = join(folder, 'bpf');
});

afterEach(() => {
  for (const node of open) closeNode(node);
  if (!skip && existsSync(pins)) removePins(pins);
});

after(async () => {
  if (skip) return;
  nodes.close();
  await network.close();
  rmSync(folder, { recursive: true });
});

/** A process that takes over what is pinned for the node `lb`, with a frontend, as `nekube lb agent` does. */
function openNode({
  port,
  mode = 'snat',
  capacities = CAPACITIES,
  pods = ['p1', 'p2'],
  flows = 4096,
  devices = ['eth0'],
  ...more
}) {
  const datapath = new NodeDatapath({
    devices,
    namespace: network.namespace('lb'),
    nodeAddresses: { 4: ADDRESSES[4].lb, 6: ADDRESSES[6].lb },
    mtu: 1500,
    snatPorts: { first: 61_000, count: 4536 },
    capacities,
    flows: { flows },
    pins,
  });
  const contents = datapath.contents();
  const maps = new ServiceMaps({ capacities, contents });
  const backends = pods.map((pod) => backendAt(pod, { family: 4, seenFrom: 'lb' }));
  assert.deepEqual(
    maps.set('web', [frontendOf({ family: 4, protocol: 'TCP', port, at: address, mode, backends, ...more })]),
    [],
  );
  maps.endAdoption();
  const writes = maps.takeWrites();
  datapath.apply(writes);
  maps.settle();
  datapath.attach();
  const leftOver = datapath.settle();
  const node = { datapath, maps, leftOver, writes: Object.values(writes).flat().length };
  open.add(node);
  return node;
}

/** The process ends, as by a signal that it is not told of: nothing of it remains but what is pinned. */
function closeNode(node) {
  node.datapath.close();
  open.delete(node);
}

const serveOnNodes = (more) => nodes.balance({ port, pods: ['p1', 'p2'], ...more });

for (const mode of ['snat', 'dsr-ipip'])
  test(`${mode}: flows go on without a process, and with the next one, which has nothing to write`, {
    skip,
  }, async () => {
    port++;
    serveOnNodes({ mode });
    const first = openNode({ port, mode });
    const flow = await network.open('cl', { protocol: 'tcp', address, port });
    const before = await flow.say();
    const counter = mode === 'snat' ? 'forwarded_snat' : 'forwarded_ipip';
    const counted = first.datapath.counters()[counter];
    closeNode(first);
    assert.equal((await flow.say()).self, before.self);
    const [fresh] = await network.ask('cl', { protocol: 'tcp', address, port });
    assert.equal(fresh.error, undefined);
    const second = openNode({ port, mode });
    assert.deepEqual([second.writes, second.datapath.notes, second.leftOver], [0, [], []]);
    assert.ok(second.datapath.counters()[counter] > counted, 'what happened before is counted still');
    assert.equal((await flow.say()).self, before.self);
    await flow.shut();
  });

test('a client has the backend by affinity that it had before', { skip }, async () => {
  port++;
  serveOnNodes({ mode: 'snat' });
  const hosts = async (times) => {
    const answers = await network.ask('cl', { protocol: 'tcp', address, port, times });
    return [...new Set(answers.map(({ host, error }) => error ?? host))];
  };
  const first = openNode({ port, affinitySeconds: 600 });
  const before = await hosts(1);
  closeNode(first);
  assert.deepEqual(await hosts(20), before);
  openNode({ port, affinitySeconds: 600 });
  assert.deepEqual(await hosts(20), before);
});

test('maps of another size get what is in those before, and flows go on', { skip }, async () => {
  port++;
  openNode({ port });
  const flow = await network.open('cl', { protocol: 'tcp', address, port });
  const before = await flow.say();
  closeNode([...open][0]);
  const second = openNode({ port, capacities: { services: 512, backends: 512, table: 131_072 }, flows: 8192 });
  assert.equal(second.writes, 0);
  assert.ok(
    second.datapath.notes.some((note) =>
      /^map flows4 has room for 8192 entries instead of 4096: \d+ were carried over$/.test(note),
    ),
    second.datapath.notes.join('\n'),
  );
  assert.equal((await flow.say()).self, before.self);
  await flow.shut();
  closeNode(second);
  // the maps of now are those that are pinned
  assert.deepEqual(
    openNode({ port, capacities: { services: 512, backends: 512, table: 131_072 }, flows: 8192 }).datapath.notes,
    [],
  );
});

test('a map of another layout begins empty, which is told, and Services are written anew where it is one of theirs', {
  skip,
}, async () => {
  port++;
  closeNode(openNode({ port }));
  const maps = join(pins, 'v1');
  const rename = (name) => {
    const file = readdirSync(maps).find((one) => one.startsWith(`${name}-`));
    renameSync(join(maps, file), join(maps, `${name}-00000000`));
  };
  rename('affinities4');
  const second = openNode({ port });
  assert.deepEqual(second.datapath.notes, ['map affinities4 has another layout than before, and begins empty']);
  assert.equal(second.writes, 0);
  closeNode(second);
  rename('backends4');
  const third = openNode({ port });
  assert.deepEqual(third.datapath.notes, [
    'map backends4 has another layout than before, and begins empty',
    'what was known of Services is written anew, and flows get their backends anew',
  ]);
  assert.ok(third.writes > 0);
  const [answer] = await network.ask('cl', { protocol: 'tcp', address, port });
  assert.equal(answer.error, undefined);
  assert.ok(!readdirSync(maps).some((file) => file.endsWith('-00000000')));
});

test('a device that is no longer wanted has no program, and removal leaves nothing at all', { skip }, async () => {
  port++;
  const at = (device) =>
    kernel.inNamespace(network.namespace('lb'), () =>
      ['tcx_ingress', 'tcx_egress'].flatMap((type) => kernel.attachedPrograms(device, type).map(({ name }) => name)),
    );
  closeNode(openNode({ port, devices: ['eth0', 'lo'] }));
  assert.deepEqual(at('lo'), at('eth0'));
  assert.ok(at('eth0').includes('lb4_request'));
  const second = openNode({ port });
  assert.deepEqual(
    second.leftOver.map((name) => name.split('-')[1]),
    second.leftOver.map(() => 'lo'),
  );
  assert.deepEqual(at('lo'), []);
  closeNode(second);
  const { links, maps } = removePins(pins);
  assert.ok(links.length > 0 && maps > 0);
  assert.deepEqual(at('eth0'), []);
  assert.equal(existsSync(pins), false);
});

test('where the verifier refuses a program, what ran before runs on', { skip }, async () => {
  port++;
  closeNode(openNode({ port }));
  // no port of none: a division by zero
  const refused = () =>
    new NodeDatapath({
      ...{ devices: ['eth0'], namespace: network.namespace('lb'), nodeAddresses: { 4: ADDRESSES[4].lb }, mtu: 1500 },
      ...{ snatPorts: { first: 61_000, count: 0 }, capacities: CAPACITIES, flows: { flows: 4096 }, pins },
    });
  assert.throws(refused, isVerifierError);
  const [answer] = await network.ask('cl', { protocol: 'tcp', address, port });
  assert.equal(answer.error, undefined);
  assert.equal(openNode({ port }).writes, 0);
});

/** A program that does nothing. */
const passing = (type, result) => {
  const { exit, mov, r0 } = asm;
  return { name: 'other', type, code: [mov(r0, result), exit()] };
};

test('another’s program at tcx is run as well, in an order that is told; one of XDP is not replaced', { skip }, () => {
  port++;
  const namespace = network.namespace('lb');
  const other = kernel.loadCollection([passing('sched_cls', -1)]);
  const link = kernel.inNamespace(namespace, () => kernel.attachTcx(other.program('other'), 'eth0', 'ingress'));
  openNode({ port });
  const names = kernel.inNamespace(namespace, () =>
    kernel.attachedPrograms('eth0', 'tcx_ingress').map(({ name }) => name),
  );
  assert.equal(names[0], 'other');
  assert.ok(names.length > 1);
  link.close();
  other.close();
  const xdp = kernel.loadCollection([{ ...passing('xdp', XDP.pass) }]);
  const links = new Links({ namespace });
  const owner = kernel.inNamespace(namespace, () => kernel.attachXdp(xdp.program('other'), 'eth0', 'generic'));
  assert.throws(
    () => links.attach('fast', xdp.program('other'), { kind: 'xdp', device: 'eth0', mode: 'generic' }),
    /EBUSY \(another program is attached there\)/,
  );
  owner.close();
  xdp.close();
});
