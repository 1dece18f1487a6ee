// Requests through real networks: each mode, family and protocol, with a target port that is not the service's.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { isBpfError, isNotSupportedError, kernel, mapSpec } from 'nekube/bpf';
import { NodeDatapath, ServiceMaps } from 'nekube/loadbalancer';
import { ADDRESSES, Topology } from './topology.mjs';

const MODES = ['snat', 'dsr-ipip'];
const skip = whyNot();
const CAPACITIES = { services: 256, backends: 256, table: 65_536 };

/** What is missing here for namespaces and programs; false if nothing is. */
function whyNot() {
  if (process.getuid?.() !== 0) return 'needs root, for network namespaces and eBPF';
  if (spawnSync('ip', ['netns', 'list']).status !== 0) return 'needs the program ip';
  try {
    kernel.createMap(mapSpec({ name: 'rights', type: 'array', maxEntries: 1 })).close();
    return false;
  } catch (error) {
    if (isNotSupportedError(error) || isBpfError(error, 'EPERM')) return error.message;
    throw error;
  }
}

let network;
/** By the names of nodes. */
const nodes = {};

before(async () => {
  if (skip) return;
  network = new Topology();
  for (const name of ['lb', 'n1', 'n2']) nodes[name] = openNode(name);
  await network.serve('p1', 8080);
  await network.serve('p2', 8080);
});

after(async () => {
  for (const { datapath } of Object.values(nodes)) datapath.close();
  await network?.close();
});

function openNode(name) {
  const datapath = new NodeDatapath({
    devices: ['eth0'],
    namespace: network.namespace(name),
    nodeAddresses: { 4: ADDRESSES[4][name], 6: ADDRESSES[6][name] },
    mtu: 1500,
    snatPorts: { first: 61_000, count: 4536 },
    capacities: CAPACITIES,
    flows: { flows: 4096 },
  });
  for (const family of [4, 6])
    for (const other of ['lb', 'n1', 'n2']) datapath.takeTunnelsFrom(ADDRESSES[family][other]);
  return { datapath, maps: new ServiceMaps({ capacities: CAPACITIES }) };
}

/** Gives all nodes a Service on a port of the frontend, with the pods as backends. */
function balance({ family, protocol, mode, port, pods }) {
  const of = ADDRESSES[family];
  for (const [name, { datapath, maps }] of Object.entries(nodes)) {
    const backends = pods.map((pod) => {
      const node = `n${pod.slice(1)}`;
      const place = { node, nodeAddress: of[node], isLocal: node === name };
      return { address: of[pod], port: 8080, isTerminating: false, carriesPort: false, ...place };
    });
    const frontend = {
      ...{ name: `default/web:${port}`, address: of.frontend, port, protocol, mode, backends },
      ...{ from: 'internal', algorithm: 'maglev', whenEmpty: 'reject' },
    };
    assert.deepEqual(maps.set(`${frontend.name} ${protocol} ${family}`, [frontend]), []);
    datapath.apply(maps.takeWrites());
    maps.settle();
  }
}

let port = 1000;
for (const mode of MODES)
  for (const family of [4, 6])
    for (const protocol of ['TCP', 'UDP'])
      describe(`${mode}, IPv${family}, ${protocol}`, { skip }, () => {
        const of = ADDRESSES[family];

        test('reaches the pods, and answers come from the frontend', async () => {
          const asked = { protocol: protocol.toLowerCase(), address: of.frontend, port: ++port };
          balance({ family, protocol, mode, port, pods: ['p1', 'p2'] });
          const answers = await network.ask('cl', { ...asked, times: 12, bytes: 100 });
          const client = mode === 'snat' ? of.lb : of.cl;
          for (const answer of answers) {
            assert.equal(answer.error, undefined, JSON.stringify(answer));
            assert.deepEqual([answer.peer, answer.from, answer.bytes], [client, of.frontend, 100]);
          }
        });

        test('takes an upload that is larger than a packet', { skip: protocol === 'UDP' }, async () => {
          const asked = { protocol: 'tcp', address: of.frontend, port: ++port };
          balance({ family, protocol, mode, port, pods: ['p1', 'p2'] });
          const [answer] = await network.ask('cl', { ...asked, bytes: 5_000_000 });
          assert.equal(answer.bytes, 5_000_000, JSON.stringify(answer));
          const { told_too_big: told, drop_too_big: dropped } = nodes.lb.datapath.counters();
          assert.equal(dropped, 0);
          // by a tunnel the client has to learn of its smaller size
          if (mode === 'dsr-ipip') assert.ok(told > 0);
        });
      });
