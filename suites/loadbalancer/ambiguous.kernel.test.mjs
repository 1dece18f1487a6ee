// Pods with two ports of one service, through real networks: the tunnel carries the port, or another mode is taken, and told.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { modesOf, tunnelAbilities } from 'nekube/loadbalancer';
import { backendAt, FAMILIES, frontendOf, PROTOCOLS, TestNodes, whyNot } from './nodes.mjs';
import { ADDRESSES, Topology } from './topology.mjs';

const skip = whyNot();
const PREFIXES = { 4: '10.2.128.0/17', 6: 'fd00:2:0:1::/64' };
/** By what tunnels come from: what the outer header carries, and by which mode a frontend is served then. */
const NODES = {
  'the node’s address': { sources: {}, modes: { 4: 'dsr-ipip', 6: 'dsr-geneve' } },
  'a prefix': {
    sources: Object.fromEntries(FAMILIES.map((family) => [family, { formula: 'spread', prefix: PREFIXES[family] }])),
    modes: { 4: 'dsr-ipip', 6: 'dsr-ipip' },
  },
};

for (const [from, { sources, modes }] of Object.entries(NODES))
  describe(`tunnels that come from ${from}`, { skip }, () => {
    let network;
    let nodes;

    before(async () => {
      network = new Topology();
      nodes = new TestNodes(network, { options: () => ({ outer: { sources } }) });
      for (const name of ['n1', 'n2'])
        for (const family of FAMILIES) nodes.of(name).datapath.takeTunnelsFrom(PREFIXES[family]);
      await Promise.all(['p1', 'p2'].flatMap((pod) => [8080, 8081].map((port) => network.serve(pod, port))));
    });

    after(async () => {
      nodes?.close();
      await network?.close();
    });

    for (const family of FAMILIES)
      for (const protocol of PROTOCOLS)
        test(`IPv${family}, ${protocol}: both ports of each pod are reached`, async () => {
          const of = ADDRESSES[family];
          const port = 2000 + family + PROTOCOLS.indexOf(protocol);
          const all = ['p1', 'p2'].flatMap((pod) => [8080, 8081].map((target) => [pod, target]));
          for (const seenFrom of ['lb', 'n1', 'n2']) {
            const backends = all.map(([pod, target]) =>
              backendAt(pod, { family, port: target, seenFrom, carriesPort: true }),
            );
            const frontend = frontendOf({ family, protocol, port, at: of.frontend, backends });
            const abilities = tunnelAbilities({ nodeAddresses: { 4: '10.2.0.2', 6: 'fd00:2::2' }, outer: { sources } });
            const { frontends, problems } = modesOf([frontend], abilities);
            if (seenFrom === 'lb') {
              assert.equal(frontends[0].mode, modes[family]);
              assert.equal(problems.length, modes[family] === 'dsr-ipip' ? 0 : 1);
            }
            nodes.set(seenFrom, `${port} ${protocol}`, frontends);
          }
          const asked = { protocol: protocol.toLowerCase(), address: of.frontend, port, times: 40, bytes: 100 };
          const answers = await network.ask('cl', asked);
          for (const answer of answers) {
            assert.equal(answer.error, undefined, JSON.stringify(answer));
            assert.deepEqual([answer.peer, answer.from, answer.isWhole], [of.cl, of.frontend, true]);
          }
          assert.deepEqual([...new Set(answers.map((answer) => answer.port))].sort(), [8080, 8081]);
        });
  });
