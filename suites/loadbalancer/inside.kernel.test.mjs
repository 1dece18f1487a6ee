// Pods as clients: balanced at their own devices, without a tunnel or another address, wherever the backend is.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { backendAt, FAMILIES, frontendOf, PROTOCOLS, TestNodes, whyNot } from './nodes.mjs';
import { ADDRESSES, NODE_OF, Topology } from './topology.mjs';

const skip = whyNot();
/** What stands for a pod to itself. */
const HAIRPIN = { 4: '169.254.42.1', 6: 'fd6e:6b75:6265::1' };
const LARGE = 20_000_000;

let network;
let nodes;

before(async () => {
  if (skip) return;
  network = new Topology();
  nodes = new TestNodes(network);
  for (const [pod, node] of Object.entries(NODE_OF)) nodes.of(node).datapath.attachPod(pod);
  await Promise.all(Object.keys(NODE_OF).map((pod) => network.serve(pod, 8080)));
});

after(async () => {
  nodes?.close();
  await network?.close();
});

let port = 2000;
let ownPort = 9000;
for (const family of FAMILIES)
  for (const protocol of PROTOCOLS)
    describe(`IPv${family}, ${protocol}`, { skip }, () => {
      const of = ADDRESSES[family];
      const balanced = (pods, more = {}) => {
        nodes.balance({ family, protocol, port: ++port, pods, ...more });
        return { protocol: protocol.toLowerCase(), address: more.at ?? of.frontend, port };
      };

      const places = [
        ['p2', 'on another node', () => of.p1],
        ['p3', 'on its own node', () => of.p1],
        ['p1', 'that is the pod itself', () => HAIRPIN[family]],
      ];
      for (const [pod, where, peer] of places)
        test(`a pod reaches a backend ${where}, which sees it, and the answer comes from the frontend`, async () => {
          for (const mode of ['snat', 'dsr-ipip']) {
            const asked = balanced([pod], { mode });
            const answers = await network.ask('p1', { ...asked, times: 5, bytes: 1000 });
            for (const { error, ...answer } of answers) {
              assert.equal(error, undefined, error);
              assert.deepEqual(
                [answer.peer, answer.from, answer.port, answer.isWhole],
                [peer(), of.frontend, 8080, true],
              );
            }
          }
        });

      test('transfers are whole, with what devices cut and sum up', { skip: protocol === 'UDP' }, async () => {
        for (const [pod] of places) {
          const [answer] = await network.ask('p1', { ...balanced([pod]), bytes: LARGE, download: LARGE });
          assert.equal(answer.isWhole, true, JSON.stringify(answer));
        }
      });

      test('nothing of it is a tunnel, or passes the node that takes requests', async () => {
        const asked = balanced(['p1', 'p2', 'p3']);
        const seen = () => [network.seen('ipip', {}), network.seen('any', { from: 'n1', to: 'lb' })];
        const before = seen();
        const answers = await network.ask('p1', { ...asked, times: 12 });
        assert.ok(
          answers.every(({ from }) => from === of.frontend),
          JSON.stringify(answers),
        );
        assert.deepEqual(seen(), before);
      });

      test('a flow goes on while its backend ends, and of UDP finds another when that is gone', async () => {
        const at = ++ownPort;
        for (const pod of ['p2', 'p3']) await network.serve(pod, at);
        const [ending, other] = [
          { name: 'p2', port: at },
          { name: 'p3', port: at },
        ];
        // another Service keeps what this one loses
        balanced([ending]);
        const asked = balanced([ending]);
        const change = (pods) => nodes.balance({ family, protocol, port: asked.port, pods });
        const flow = await network.open('p1', asked);
        assert.equal((await flow.say()).from, of.frontend);
        change([{ ...ending, isTerminating: true }, other]);
        assert.equal((await flow.say()).from, of.frontend);
        if (protocol === 'UDP') {
          change([other]);
          await network.hush('p2', at);
          assert.equal((await flow.say()).from, of.frontend);
        }
        await flow.shut();
      });

      test('a policy Local for what comes from outside does not hold for pods', async () => {
        const place = { family, protocol, port: ++port, at: of.n1 };
        const inside = [backendAt('p2', { family, seenFrom: 'n1' })];
        const outside = { backends: [], insideBackends: inside, from: 'external', whenEmpty: 'drop' };
        nodes.set('n1', `local ${port}`, [frontendOf({ ...place, ...outside })]);
        const asked = { protocol: protocol.toLowerCase(), address: of.n1, port };
        const [answer] = await network.ask('p1', asked);
        assert.deepEqual([answer.peer, answer.from], [of.p1, of.n1], JSON.stringify(answer));
        const before = nodes.counters('n1').drop_no_backend;
        const [none] = await network.ask('cl', { ...asked, waitMs: 300 });
        assert.notEqual(none.error, undefined);
        assert.ok(nodes.counters('n1').drop_no_backend > before);
      });

      test('a pod keeps its backend by affinity', async () => {
        const asked = balanced(['p2', 'p3'], { affinitySeconds: 3600 });
        const answers = await network.ask('p1', { ...asked, times: 10 });
        assert.equal(new Set(answers.map(({ self, error }) => error ?? self)).size, 1, JSON.stringify(answers));
      });

      test('a device that is left alone is balanced by who is behind it, and by the node when it is attached again', async () => {
        const { datapath } = nodes.of('n1');
        const asked = balanced(['p2']);
        const inside = () => nodes.counters('n1').forwarded_inside;
        datapath.detachPod('p1');
        const before = inside();
        const [byLb] = await network.ask('p1', asked);
        assert.equal(byLb.from, of.frontend, JSON.stringify(byLb));
        assert.equal(inside(), before);
        datapath.attachPod('p1');
        const [byNode] = await network.ask('p1', asked);
        assert.equal(byNode.from, of.frontend, JSON.stringify(byNode));
        assert.ok(inside() > before);
      });
    });
