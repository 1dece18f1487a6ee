// Requests through real networks: each mode, family and protocol, with a target port that is not the service's.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FAMILIES, MODES, PROTOCOLS, TestNodes, whyNot } from './nodes.mjs';
import { ADDRESSES, Topology } from './topology.mjs';

const skip = whyNot();
const LARGE = 100_000_000;

let network;
let nodes;

before(async () => {
  if (skip) return;
  network = new Topology();
  nodes = new TestNodes(network, { attachesPods: true });
  await Promise.all(['p1', 'p2', 'p3'].map((pod) => network.serve(pod, 8080)));
});

after(async () => {
  nodes?.close();
  await network?.close();
});

/** How much the router sees of something, for as long as `work` takes. */
async function crossed(questions, work) {
  const count = () => questions.map(([kind, between]) => network.seen(kind, between));
  const before = count();
  await work();
  return count().map((now, i) => now - before[i]);
}

let port = 1000;
for (const mode of MODES)
  for (const family of FAMILIES)
    for (const protocol of PROTOCOLS)
      describe(`${mode}, IPv${family}, ${protocol}`, { skip }, () => {
        const of = ADDRESSES[family];
        const isTcp = protocol === 'TCP';
        const balanced = (pods = ['p1', 'p2', 'p3']) => {
          nodes.balance({ family, protocol, mode, port: ++port, pods });
          return { protocol: protocol.toLowerCase(), address: of.frontend, port };
        };

        test('reaches the pods, and answers come from the frontend', async () => {
          const asked = balanced();
          for (const client of ['cl', 'cl2']) {
            const answers = await network.ask(client, { ...asked, times: 12, bytes: 100, stopsAtError: true });
            for (const answer of answers) {
              assert.equal(answer.error, undefined, JSON.stringify(answer));
              const { peer, from, port: target, isWhole } = answer;
              assert.deepEqual(
                [peer, from, target, isWhole],
                [mode === 'snat' ? of.lb : of[client], of.frontend, 8080, true],
              );
            }
          }
        });

        test('replies pass the node that takes requests, or do not, as the mode has it', async () => {
          const asked = balanced();
          const kinds = [
            ['any', { from: 'lb', to: 'cl' }],
            ['any', { from: 'n1', to: 'cl' }],
            ['any', { from: 'n2', to: 'cl' }],
            ['ipip', {}],
            ['ipOptions', {}],
          ];
          const [byLb, by1, by2, ipip, options] = await crossed(kinds, async () => {
            const answers = await network.ask('cl', { ...asked, times: 8, bytes: 100, stopsAtError: true });
            assert.ok(
              answers.every(({ isWhole }) => isWhole),
              JSON.stringify(answers),
            );
          });
          if (mode === 'snat') assert.ok(byLb > 0 && by1 + by2 === 0, `${byLb} by lb, ${by1 + by2} by nodes`);
          else assert.ok(byLb === 0 && by1 + by2 > 0, `${byLb} by lb, ${by1 + by2} by nodes`);
          assert.equal(ipip > 0, mode === 'dsr-ipip');
          assert.equal(options > 0, mode === 'dsr-ipopt');
        });

        test('takes transfers of 100 MB both ways, in segments that devices cut', { skip: !isTcp }, async () => {
          const asked = balanced();
          const [answer] = await network.ask('cl', { ...asked, bytes: LARGE, download: LARGE });
          assert.deepEqual(
            [answer.bytes, answer.downloaded, answer.isWhole],
            [LARGE, LARGE, true],
            JSON.stringify(answer),
          );
        });
      });
