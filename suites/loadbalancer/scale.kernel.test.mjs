// Ten thousand Services with five endpoints each, in the maps of two nodes, and requests to some of them. How long it takes is measured
// by `npm run bench -- lb`.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DEFAULT_CAPACITIES } from 'nekube/loadbalancer';
import { TestNodes, whyNot } from './nodes.mjs';
import { ADDRESSES, Topology } from './topology.mjs';

const skip = whyNot();
const SERVICES = 10_000;
const NODES = ['lb', 'n1'];

let network;
let nodes;

before(async () => {
  if (skip) return;
  network = new Topology();
  // of what there is by default: all has to fit there
  nodes = new TestNodes(network, { names: NODES, capacities: DEFAULT_CAPACITIES, tables: {} });
  await Promise.all(['p1', 'p3'].map((pod) => network.serve(pod, 8080)));
});

after(async () => {
  nodes?.close();
  await network?.close();
});

const addressOf = (i) => `10.96.${100 + (i >> 8)}.${i & 255}`;

/** What a Service has: two pods that answer, and three of its own that nobody asks, since they end. */
function frontend(i, name) {
  const of = ADDRESSES[4];
  const pod = (address, node, more) => ({
    address,
    port: 8080,
    node,
    isLocal: node === name,
    carriesPort: false,
    ...more,
  });
  return {
    ...{
      name: `default/web-${i}:http`,
      address: addressOf(i),
      port: 80,
      protocol: 'TCP',
      mode: i % 2 ? 'snat' : 'dsr-ipip',
    },
    ...{ from: 'internal', algorithm: 'maglev', whenEmpty: 'reject' },
    backends: [
      pod(of.p1, 'n1', { isTerminating: false }),
      pod(of.p3, 'n1', { isTerminating: false }),
      pod(`10.245.${i >> 8}.${i & 255}`, 'n3', { isTerminating: true }),
      pod(`10.247.${i >> 8}.${i & 255}`, 'n5', { isTerminating: true }),
      pod(`10.246.${i >> 8}.${i & 255}`, 'n4', { isTerminating: true }),
    ],
  };
}

describe(`${SERVICES} Services`, { skip }, () => {
  test('are served, each by its own backends, and are gone when they are', async () => {
    for (const name of NODES) {
      const { datapath, maps } = nodes.of(name);
      for (let i = 0; i < SERVICES; i++) assert.deepEqual(maps.set(`web-${i}`, [frontend(i, name)]), []);
      datapath.apply(maps.takeWrites());
      maps.settle();
    }
    for (const i of [0, 1, 4999, 5000, SERVICES - 1]) {
      const answers = await network.ask('cl', {
        protocol: 'tcp',
        address: addressOf(i),
        port: 80,
        times: 20,
        atOnce: 4,
      });
      assert.deepEqual([...new Set(answers.map(({ host, error }) => error ?? host))].sort(), ['p1', 'p3'], `${i}`);
    }
    for (const name of NODES) {
      const { datapath, maps } = nodes.of(name);
      for (let i = 0; i < SERVICES; i++) maps.set(`web-${i}`, []);
      datapath.apply(maps.takeWrites());
      maps.settle();
      assert.equal([...datapath.kernelMap('services4').entriesBytes()].length, 0);
      assert.equal([...datapath.kernelMap('backends4').entriesBytes()].length, 0);
    }
  });
});
