// Packets within an outer header to a pod, as anybody could send them: which of them its node takes out.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { outer, packet } from '../../dist/loadbalancer/testing/packets.js';
import { FAMILIES, TestNodes, whyNot } from './nodes.mjs';
import { ADDRESSES, Topology } from './topology.mjs';

const skip = whyNot();
const PORT = 80;
const SYN = 2;

let network;
let nodes;

before(async () => {
  if (skip) return;
  network = new Topology();
  nodes = new TestNodes(network);
  for (const family of FAMILIES) nodes.balance({ family, port: PORT, pods: ['p1'] });
});

after(async () => {
  nodes?.close();
  await network?.close();
});

/** Sends, from a host, the first packet of a connection within another; `id` is what its header of IPv4 carries. */
function tunnel(from, { family, port = PORT, id = 8080, to = 'p1' }) {
  const of = ADDRESSES[family];
  const inner = packet({
    ...{ source: of.cl, destination: of.frontend, sourcePort: 40_000, destinationPort: port },
    flags: SYN,
  });
  network.send(from, outer({ source: of[from], destination: of[to], id, inner }).subarray(14));
}

/** Waits until a counter of the pod's node has grown, the last that what is sent has grow; gives what else has. */
async function counted(name, send) {
  const before = nodes.counters('n1');
  send();
  while (nodes.counters('n1')[name] === before[name]) await new Promise((done) => setTimeout(done, 5));
  // read anew: counters are read one by one, and others may have grown behind the reader
  const grown = Object.entries(nodes.counters('n1')).filter(([counter, value]) => value > before[counter]);
  return Object.fromEntries(grown.map(([counter, value]) => [counter, value - before[counter]]));
}

for (const family of FAMILIES)
  describe(`a tunnel, IPv${family}`, { skip, timeout: 180_000 }, () => {
    test('of a node is taken out, and the client has the answer of the frontend', async () => {
      const grown = await counted('replied_direct', () => tunnel('lb', { family }));
      assert.equal(grown.decapsulated, 1);
    });

    test('of who is no node is dropped, and counted', async () => {
      const grown = await counted('drop_tunnel_source', () => tunnel('cl', { family }));
      assert.equal(grown.decapsulated, undefined);
    });

    test('for a port that no frontend has is not taken out', async () => {
      // what comes behind it tells that it has been there
      const grown = await counted('replied_direct', () => {
        tunnel('lb', { family, port: PORT + 1 });
        tunnel('lb', { family });
      });
      assert.equal(grown.decapsulated, 1);
    });
  });

describe('a tunnel that carries another port than its node knows', { skip, timeout: 180_000 }, () => {
  test('is taken out by what the node knows, and counted', async () => {
    const grown = await counted('replied_direct', () => tunnel('lb', { family: 4, id: 9999 }));
    assert.deepEqual([grown.tunnel_other_port, grown.decapsulated], [1, 1]);
  });
});
