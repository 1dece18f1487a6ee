// What packets of flows meet beside their way to a pod: nobody who listens, errors, pieces.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAMILIES, MODES, PROTOCOLS, TestNodes, whyNot } from './nodes.mjs';
import { icmpError, packet } from '../../dist/loadbalancer/testing/packets.js';
import { ADDRESSES, Topology } from './topology.mjs';

const skip = whyNot();

/** Waits for what a machine has been sent, and is not asked for: it must hold in the end. */
async function eventually(check) {
  for (const end = Date.now() + 60_000; ; )
    try {
      return check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(50);
    }
}

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

for (const mode of MODES)
  for (const family of FAMILIES)
    describe(`${mode}, IPv${family}`, { skip }, () => {
      const of = ADDRESSES[family];

      test('a datagram in pieces comes whole, as soon as its sender knows how large they may be', async () => {
        const asked = { protocol: 'udp', address: of.frontend, port: ++port };
        nodes.balance({ family, protocol: 'UDP', mode, port, pods: ['p1', 'p2', 'p3'] });
        const seen = () => network.seen('fragment', { from: 'cl' });
        const before = seen();
        network.forgetSizes('cl');
        const [answer] = await network.ask('cl', { ...asked, bytes: 4000, tries: 5, waitMs: 2000 });
        assert.equal(answer.isWhole, true, JSON.stringify(answer));
        assert.equal(answer.from, of.frontend);
        assert.ok(seen() > before);
      });
    });

/** A message of ICMP from its IP header on, as raw sockets send it; the kernel sums up the header of IPv4. */
function message({ from, to, type, code, rest = 0, content }) {
  const given = { source: from, destination: to, type, code, rest, quote: content };
  return icmpError({ ...given, ttl: 64 }).subarray(14);
}

for (const family of FAMILIES)
  describe(`errors and echoes, IPv${family}`, { skip }, () => {
    const of = ADDRESSES[family];

    test('a frontend answers who asks whether it is there', async () => {
      nodes.balance({ family, port: ++port, pods: ['p2'] });
      const { icmp_echoed: before } = nodes.counters('lb');
      const type = family === 4 ? 8 : 128;
      const seen = () => network.seen('icmp', { from: 'lb', to: 'cl' });
      const answered = seen();
      network.send(
        'cl',
        message({ from: of.cl, to: of.frontend, type, code: 0, rest: 1, content: Buffer.alloc(32, 'a') }),
      );
      await eventually(() => assert.equal(seen(), answered + 1));
      assert.equal(nodes.counters('lb').icmp_echoed, before + 1);
    });

    for (const mode of MODES)
      test(`by ${mode} a pod learns from beyond the client how large its packets may be`, async () => {
        // of TCP only numbers that are on their way would be believed
        nodes.balance({ family, protocol: 'UDP', mode, port: ++port, pods: ['p2'] });
        const flow = await network.open('cl', { protocol: 'udp', address: of.frontend, port });
        const { localPort } = await flow.say();
        const sent = packet({
          ...{ source: of.frontend, destination: of.cl, sourcePort: port, destinationPort: localPort },
          ...{ protocol: 'UDP', payload: 'x'.repeat(200) },
        });
        const [type, code] = family === 4 ? [3, 4] : [2, 0];
        const told = { from: of.cl2, to: of.frontend, type, code, rest: 1300, content: sent.subarray(14) };
        network.send('cl2', message(told));
        // whoever is told, remembers it for the address: the pod for the client, and by snat for the node that stands for it
        const peer = mode === 'snat' ? of.lb : of.cl;
        const route = () => network.exec('p2', 'ip', family === 4 ? '-4' : '-6', 'route', 'get', peer);
        await eventually(() => assert.match(route(), /mtu 1300/));
        assert.equal((await flow.say()).from, of.frontend);
        await flow.shut();
        network.forgetSizes('p2');
      });
  });
