// Sockets that get a backend where they are told whom to speak with: a node's own processes, and pods, by a cgroup of the test's own.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { kernel } from 'nekube/bpf';
import { NodeDatapath, removePins, ServiceMaps, SocketDatapath } from 'nekube/loadbalancer';
import { TestCgroup, whyNoCgroup } from './cgroup.mjs';
import { backendAt, FAMILIES, frontendOf, PROTOCOLS, TestNodes, whyNot } from './nodes.mjs';
import { ADDRESSES, Topology } from './topology.mjs';

const skip = whyNot() || whyNoCgroup();
/** Who is in the cgroup: a node's own processes, and a pod of that node. */
const CLIENTS = ['n1', 'p1'];

let network;
let nodes;
let cgroup;
let sockets;
/** That of a test with sockets of its own, for as long as its client lives. */
let other;

before(async () => {
  if (skip) return;
  network = new Topology();
  nodes = new TestNodes(network, { names: ['n1'], options: () => ({ devices: [] }) });
  cgroup = new TestCgroup();
  sockets = new SocketDatapath(nodes.of('n1').datapath, {
    cgroup: cgroup.folder,
  });
  await Promise.all(CLIENTS.map((name) => cgroup.begin(() => network.serve(name, 8080))));
  await Promise.all(['p2', 'p3'].map((pod) => network.serve(pod, 8080)));
});

after(async () => {
  sockets?.close();
  nodes?.close();
  await network?.close();
  cgroup?.remove();
  other?.remove();
  assert.deepEqual(kernel.openDescriptors(), []);
});

let port = 3000;
for (const family of FAMILIES)
  for (const protocol of PROTOCOLS)
    describe(`IPv${family}, ${protocol}`, { skip }, () => {
      const of = ADDRESSES[family];
      const set = (frontend) => {
        const { maps, datapath } = nodes.of('n1');
        assert.deepEqual(maps.set(`${frontend.name} ${protocol} ${family}`, [frontend]), []);
        (sockets ?? datapath).apply(maps.takeWrites());
        maps.settle();
      };
      const balanced = (pods, { at = of.frontend, number = ++port, ...more } = {}) => {
        const backends = pods.map((pod) => backendAt(pod, { family, seenFrom: 'n1' }));
        set(frontendOf({ family, protocol, port: number, at, backends, ...more }));
        return { protocol: protocol.toLowerCase(), address: at, port: number };
      };

      for (const client of CLIENTS)
        test(`${client} reaches backends anywhere, is seen by them, and is told that it is the frontend`, async () => {
          for (const [pod, peer] of [
            ['p2', of[client]],
            ['p3', client === 'n1' ? undefined : of[client]],
            [client, of[client]],
          ]) {
            const answers = await network.ask(client, { ...balanced([pod]), times: 5, bytes: 1000 });
            for (const { error, ...answer } of answers) {
              assert.equal(error, undefined, `${pod}: ${error}`);
              assert.deepEqual([answer.from, answer.port, answer.isWhole], [of.frontend, 8080, true]);
              if (peer !== undefined) assert.equal(answer.peer, peer);
            }
          }
        });

      test('a socket that names its peer with each packet has the same backend each time', {
        skip: protocol === 'TCP',
      }, async () => {
        const asked = balanced(['p2', 'p3']);
        const flow = await network.open('p1', { ...asked, unconnected: true });
        const heard = new Set();
        for (let i = 0; i < 5; i++) {
          const { from, peer } = await flow.say();
          assert.equal(from, of.frontend);
          heard.add(peer);
        }
        assert.equal(heard.size, 1);
        await flow.shut();
      });

      test('sockets of IPv6 reach frontends of IPv4', { skip: family === 6 }, async () => {
        const asked = balanced(['p2']);
        const ways = protocol === 'TCP' ? [{}] : [{}, { unconnected: true }];
        for (const way of ways) {
          const [answer] = await network.ask('p1', { ...asked, address: `::ffff:${asked.address}`, ...way });
          const { error, from, peer } = answer;
          assert.deepEqual([error, from.replace('::ffff:', ''), peer], [undefined, of.frontend, of.p1]);
        }
      });

      test('all backends get some, and by affinity one gets all of a namespace', async () => {
        const heard = async (asked) => {
          const answers = await network.ask('n1', { ...asked, times: 40 });
          return new Set(answers.map(({ error, peer }) => error ?? peer)).size;
        };
        // p3 sees the node's address on its own device
        assert.equal(await heard(balanced(['p2', 'p3'])), 2);
        assert.equal(await heard(balanced(['p2', 'p3'], { affinitySeconds: 3600 })), 1);
      });

      test('node ports of the node itself, and addresses for outside, are as from inside', async () => {
        const inside = [backendAt('p2', { family, seenFrom: 'n1' })];
        const asked = balanced([], { at: of.n1, from: 'external', insideBackends: inside, whenEmpty: 'drop' });
        const [answer] = await network.ask('n1', asked);
        assert.equal(answer.peer, of.n1, JSON.stringify(answer));
      });

      test('where there is no backend the connection is refused at once', async () => {
        const [{ error }] = await network.ask('n1', balanced([]));
        assert.equal(error, 'ECONNREFUSED');
        assert.ok(nodes.counters('n1').refused_socket > 0);
      });

      test('who is not in the cgroup is not balanced', async () => {
        const before = nodes.counters('n1').balanced_socket;
        await network.ask('p3', { ...balanced(['p2']), waitMs: 200 });
        assert.equal(nodes.counters('n1').balanced_socket, before);
      });

      test('a flow of UDP whose backend goes is ended, and finds another', { skip: protocol === 'TCP' }, async () => {
        const asked = balanced(['p2']);
        // what is another Service's stays
        const kept = await network.open('p1', balanced(['p2']));
        await kept.say();
        const flow = await network.open('p1', asked);
        assert.equal((await flow.say()).from, of.frontend);
        balanced(['p3'], { number: asked.port });
        await assert.rejects(flow.say({ tries: 2, waitMs: 10_000 }), /ECONNABORTED|ECONNREFUSED|ENOTCONN|EDESTADDRREQ/);
        await flow.shut();
        const again = await network.open('p1', asked);
        for (const one of [again, kept]) {
          assert.equal((await one.say()).from, of.frontend);
          await one.shut();
        }
      });

      test('a connection goes on when its backend goes', { skip: protocol === 'UDP' }, async () => {
        const asked = balanced(['p2']);
        const flow = await network.open('p1', asked);
        await flow.say();
        balanced(['p3'], { number: asked.port });
        assert.equal((await flow.say()).from, of.frontend);
        await flow.shut();
      });
    });

test('what is pinned serves on when its process ends, and the next takes it over', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nekube-pins-'));
  const pins = join(folder, 'bpf');
  other = new TestCgroup();
  t.after(() => {
    removePins(pins);
    rmSync(folder, { recursive: true });
  });
  const of = ADDRESSES[4];
  const place = { family: 4, protocol: 'UDP', port: 4000, at: of.frontend };
  const capacities = { services: 256, backends: 256, table: 65_536 };
  const open = () => {
    const datapath = new NodeDatapath({
      ...{ devices: [], nodeAddresses: {}, mtu: 1500, snatPorts: { first: 61_000, count: 4536 } },
      ...{ namespace: network.namespace('n2'), capacities, flows: { flows: 1024 }, pins },
    });
    const maps = new ServiceMaps({ capacities, contents: datapath.contents() });
    const backends = [backendAt('p3', { family: 4, seenFrom: 'n2' })];
    assert.deepEqual(maps.set('web', [frontendOf({ ...place, backends })]), []);
    maps.endAdoption();
    datapath.apply(maps.takeWrites());
    maps.settle();
    datapath.attach();
    const mine = new SocketDatapath(datapath, { cgroup: other.folder });
    assert.deepEqual(datapath.settle(), []);
    return () => {
      mine.close();
      datapath.close();
    };
  };
  const asked = { protocol: 'udp', address: of.frontend, port: place.port };
  open()();
  const flow = await other.begin(() => network.open('n2', { ...asked, unconnected: true }));
  assert.equal((await flow.say()).from, of.frontend);
  const close = open();
  assert.equal((await flow.say()).from, of.frontend);
  close();
  assert.equal((await flow.say()).from, of.frontend);
  const [answer] = await network.ask('n2', asked);
  assert.equal(answer.from, of.frontend, JSON.stringify(answer));
  assert.equal(removePins(pins).links.length, 9);
  const [none] = await network.ask('n2', { ...asked, waitMs: 200 });
  assert.notEqual(none.error, undefined);
  await flow.shut();
});
