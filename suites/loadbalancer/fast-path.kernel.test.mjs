// Requests that XDP takes: what it sends on, and that the programs of traffic control see nothing of it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { asm, kernel, layout, mapSpec, TCX, XDP } from 'nekube/bpf';
import { FAMILIES, PROTOCOLS, TestNodes, whyNot } from './nodes.mjs';
import { ADDRESSES, Topology } from './topology.mjs';

const { add, exit, jgt, jne, label, load, loadMap, mov, r0, r1, r10, r2, r3, r6, r7, r8 } = asm;
const skip = whyNot();
const seen = mapSpec({ name: 'fast_seen', type: 'array', value: layout.u64, maxEntries: 1 });

let network;
let nodes;
let collection;
const links = [];
let port = 7000;

/** Takes what the other end sends by XDP, which without a program is lost. */
const taker = { name: 'fast_peer', type: 'xdp', code: [mov(r0, XDP.pass), exit()] };

/** Counts what comes to traffic control for ports from 7000 to 7999, of either family. */
const counter = {
  name: 'fast_count',
  type: 'sched_cls',
  attachType: 'tcx_ingress',
  maps: [seen],
  code: [
    ...[mov(r6, r1), load(r7, r6, layout.SkBuff.at.data), load(r8, r6, layout.SkBuff.at.dataEnd)],
    ...[mov(r2, r7), add(r2, 58), jgt(r2, r8, 'next')],
    ...[load(r2, r7, layout.Ethernet.at.type), load(r3, r7, asm.at(36, 'u16'))],
    ...[jne(r2, 0xdd86, 'read'), load(r3, r7, asm.at(56, 'u16')), label('read'), asm.toBig(r3, 16)],
    ...[asm.jlt(r3, 7000, 'next'), jgt(r3, 7999, 'next')],
    ...[asm.storeImm(r10, asm.at(-4, 'u32'), 0), loadMap(r1, seen), mov(r2, r10), add(r2, -4)],
    ...[asm.call('map_lookup_elem'), asm.jeq(r0, 0, 'next')],
    ...[load(r1, r0, asm.at(0, 'u64')), add(r1, 1), asm.store(r0, asm.at(0, 'u64'), r1)],
    ...[label('next'), mov(r0, TCX.next), exit()],
  ],
};

before(async () => {
  if (skip) return;
  network = new Topology();
  nodes = new TestNodes(network, { options: (name) => (name === 'lb' ? { attach: 'xdp' } : {}) });
  collection = kernel.loadCollection([taker, counter]);
  const attach = (name, work) => links.push(kernel.inNamespace(network.namespace(name), work));
  attach('rt', () => kernel.attachXdp(collection.program(taker.name), 'lb', 'native'));
  attach('lb', () => kernel.attachTcx(collection.program(counter.name), 'eth0', 'ingress', 'first'));
  // a checksum that is left to a device would leave by XDP half made
  network.offloads('cl', { tx: false });
  await Promise.all(['p1', 'p2', 'p3'].map((pod) => network.serve(pod, 8080)));
});

after(async () => {
  for (const link of links) link.close();
  collection?.close();
  nodes?.close();
  await network?.close();
});

const atTraffic = () => Number(collection.map(seen).get(0));
const reload = (attach) =>
  nodes.of('lb').datapath.reload({
    ...{ devices: ['eth0'], mtu: 1500, snatPorts: { first: 61_000, count: 4536 }, attach },
    nodeAddresses: { 4: ADDRESSES[4].lb, 6: ADDRESSES[6].lb },
  });

for (const family of FAMILIES)
  for (const protocol of PROTOCOLS)
    describe(`XDP, IPv${family}, ${protocol}`, { skip }, () => {
      const of = ADDRESSES[family];
      const balanced = () => {
        nodes.balance({ family, protocol, mode: 'dsr-ipip', port: ++port, pods: ['p1', 'p2', 'p3'] });
        return { protocol: protocol.toLowerCase(), address: of.frontend, port };
      };

      test('requests reach the pods, and traffic control sees none of them', async () => {
        const asked = balanced();
        // who is next is asked for by the kernel, with the first packet
        await network.ask('cl', { ...asked, times: 1, bytes: 10 });
        const [seenBefore, sentBefore] = [atTraffic(), nodes.counters('lb').forwarded_ipip];
        for (const answer of await network.ask('cl', { ...asked, times: 12, bytes: 100 })) {
          assert.equal(answer.error, undefined, JSON.stringify(answer));
          assert.deepEqual([answer.peer, answer.from, answer.port], [of.cl, of.frontend, 8080]);
        }
        assert.equal(atTraffic(), seenBefore);
        assert.ok(nodes.counters('lb').forwarded_ipip >= sentBefore + 12);
      });

      test('what does not fit is told so by traffic control, and an upload comes whole', {
        skip: protocol === 'UDP',
      }, async () => {
        const [answer] = await network.ask('cl', { ...balanced(), bytes: 5_000_000 });
        assert.equal(answer.isWhole, true, JSON.stringify(answer));
        assert.ok(nodes.counters('lb').told_too_big > 0);
      });
    });

test('of a veth it is told that the other end must take part', { skip }, () => {
  assert.match(nodes.of('lb').datapath.notes.join('\n'), /^eth0 is a veth: what XDP sends back by it arrives only if/);
});

for (const [attach, sees] of [
  ['xdp-generic', false],
  ['auto', true],
  ['tcx', true],
])
  test(`${attach} at a veth needs nothing of the other end`, { skip }, async () => {
    network.offloads('cl', { tx: true });
    reload(attach);
    assert.deepEqual(nodes.of('lb').datapath.notes, []);
    nodes.balance({ family: 4, protocol: 'TCP', mode: 'dsr-ipip', port: ++port, pods: ['p1', 'p2'] });
    const asked = { protocol: 'tcp', address: ADDRESSES[4].frontend, port };
    const seenBefore = atTraffic();
    for (const answer of await network.ask('cl', { ...asked, times: 4, bytes: 100 }))
      assert.equal(answer.isWhole, true, JSON.stringify(answer));
    assert.equal(atTraffic() > seenBefore, sees);
    const [large] = await network.ask('cl', { ...asked, bytes: 5_000_000 });
    assert.equal(large.isWhole, true, JSON.stringify(large));
  });
