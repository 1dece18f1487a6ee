// What packets of flows meet beside their way to a pod: nobody who listens, errors, pieces.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FAMILIES, PROTOCOLS, TestNodes, whyNot } from './nodes.mjs';
import { ADDRESSES, Topology } from './topology.mjs';

const skip = whyNot();

let network;
let nodes;

before(async () => {
  if (skip) return;
  network = new Topology();
  nodes = new TestNodes(network);
  await Promise.all(['p1', 'p2', 'p3'].map((pod) => network.serve(pod, 8080)));
});

after(async () => {
  nodes?.close();
  await network?.close();
});

let port = 3000;
for (const family of FAMILIES)
  for (const protocol of PROTOCOLS)
    describe(`a frontend without backends, IPv${family}, ${protocol}`, { skip }, () => {
      const asked = () => ({ protocol: protocol.toLowerCase(), address: ADDRESSES[family].frontend, port: ++port });

      test('refuses, as a host does on which nobody listens', async () => {
        const of = asked();
        nodes.balance({ family, protocol, port, pods: [] });
        const { rejected } = nodes.counters('lb');
        const answers = await network.ask('cl', { ...of, times: 3 });
        assert.deepEqual(answers, Array(3).fill({ error: 'ECONNREFUSED' }));
        assert.equal(nodes.counters('lb').rejected, rejected + 3);
      });

      test('is silent where other nodes have backends', async () => {
        const of = asked();
        nodes.balance({ family, protocol, port, pods: [], whenEmpty: 'drop' });
        const { rejected, drop_no_backend: dropped } = nodes.counters('lb');
        const answers = await network.ask('cl', { ...of, waitMs: 300 });
        assert.deepEqual(answers, [{ error: 'no answer' }]);
        assert.equal(nodes.counters('lb').rejected, rejected);
        assert.ok(nodes.counters('lb').drop_no_backend > dropped);
      });
    });
