// Pods that offer clients segments which fit with what a mode adds: nobody is told of sizes then.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FAMILIES, MODES, TestNodes, whyNot } from './nodes.mjs';
import { ADDRESSES, Topology } from './topology.mjs';

const skip = whyNot();

let network;
let nodes;
let port = 7000;

before(async () => {
  if (skip) return;
  network = new Topology();
  nodes = new TestNodes(network, { attachesPods: true, options: () => ({ clampsSegments: true }) });
  await Promise.all(['p1', 'p2'].map((pod) => network.serve(pod, 8080)));
});

after(async () => {
  nodes?.close();
  await network?.close();
});

for (const mode of MODES)
  for (const family of FAMILIES)
    describe(`segments by ${mode}, IPv${family}`, { skip }, () => {
      test('fit, and no client is told of sizes', async () => {
        const count = (name) => ['lb', 'n1', 'n2'].reduce((sum, node) => sum + nodes.counters(node)[name], 0);
        const before = { told: count('told_too_big'), clamped: count('clamped'), icmp: network.seen('icmp') };
        nodes.balance({ family, mode, port: ++port, pods: ['p1', 'p2'] });
        const asked = { protocol: 'tcp', address: ADDRESSES[family].frontend, port };
        const answers = await network.ask('cl', { ...asked, bytes: 2_000_000, download: 2_000_000, times: 3 });
        for (const answer of answers) assert.equal(answer.isWhole, true, JSON.stringify(answer));
        assert.equal(count('told_too_big'), before.told);
        assert.equal(network.seen('icmp', { from: 'lb', to: 'cl' }), 0);
        assert.equal(count('clamped') > before.clamped, mode !== 'snat');
      });
    });
