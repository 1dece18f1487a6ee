// Which backend a flow has, and keeps: by affinity, as backends go, and whichever node takes its packets.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FAMILIES, MODES, TestNodes, whyNot } from './nodes.mjs';
import { ADDRESSES, Topology } from './topology.mjs';

const skip = whyNot();
const ALL = ['p1', 'p2', 'p3'];

let network;
let nodes;
let port = 5000;

before(async () => {
  if (skip) return;
  network = new Topology();
  nodes = new TestNodes(network, { names: ['lb', 'lb2', 'n1', 'n2'], attachesPods: true });
  await Promise.all(ALL.map((pod) => network.serve(pod, 8080)));
});

after(async () => {
  nodes?.close();
  await network?.close();
});

/** A frontend of its own: how to ask at it, and how to give it other backends. */
function frontend({ family = 4, protocol = 'TCP', mode = 'dsr-ipip', ...more }) {
  const place = { family, protocol, mode, port: ++port, ...more };
  const lead = (pods) => nodes.balance({ ...place, pods });
  lead(ALL);
  return { asked: { protocol: protocol.toLowerCase(), address: ADDRESSES[family].frontend, port }, lead };
}

/** The pod that has answered. */
function podOf({ host, error }) {
  assert.equal(error, undefined);
  return host;
}

const ending = (pods, gone) => pods.map((name) => ({ name, isTerminating: name === gone }));

for (const mode of MODES)
  describe(`flows by ${mode}`, { skip }, () => {
    for (const family of FAMILIES) {
      test(`of a client have one backend by affinity, over 50 connections (IPv${family})`, async () => {
        const { asked } = frontend({ mode, family, affinitySeconds: 600 });
        const pods = new Set((await network.ask('cl', { ...asked, times: 50, atOnce: 5 })).map(podOf));
        assert.equal(pods.size, 1);
        const others = new Set(
          (await network.ask('cl', { ...asked, port: frontend({ mode, family }).asked.port, times: 30 })).map(podOf),
        );
        assert.ok(others.size > 1, 'without it they have several');
      });

      test(`go on with a backend that ends, and new ones have others (IPv${family})`, async () => {
        const { asked, lead } = frontend({ mode, family });
        const flow = await network.open('cl', asked);
        const pod = podOf(await flow.say());
        lead(ending(ALL, pod));
        for (let i = 0; i < 5; i++) assert.equal(podOf(await flow.say()), pod);
        const pods = (await network.ask('cl', { ...asked, times: 20, atOnce: 4 })).map(podOf);
        assert.ok(!pods.includes(pod), pods.join(' '));
        assert.equal(podOf(await flow.say()), pod);
        await flow.shut();
      });
    }

    for (const family of FAMILIES)
      test(`of UDP move when their backend is gone, also where it is another Service's still (IPv${family})`, async () => {
        const { asked, lead } = frontend({ mode, family, protocol: 'UDP' });
        frontend({ mode, family, protocol: 'UDP' });
        const flow = await network.open('cl', asked);
        const pod = podOf(await flow.say());
        lead(ALL.filter((one) => one !== pod));
        const next = podOf(await flow.say({ tries: 3, waitMs: 5000 }));
        assert.notEqual(next, pod);
        assert.equal(podOf(await flow.say()), next);
        await flow.shut();
      });

    for (const family of FAMILIES)
      for (const protocol of ['TCP', 'UDP'])
        test(`from one port to two frontends with one pod have each their own answers (IPv${family}, ${protocol})`, async () => {
          const [one, other] = [frontend({ mode, family, protocol }), frontend({ mode, family, protocol })];
          for (const { lead } of [one, other]) lead(['p1']);
          // of a port that no other connection is given
          const localPort = 24_000 + port;
          const flow = await network.open('cl', { ...one.asked, localPort });
          assert.equal(podOf(await flow.say()), 'p1');
          // only a connection's first packet says there for whom it is
          const isLost = mode === 'dsr-ipopt' && protocol === 'TCP';
          const [answer] = await network.ask('cl', { ...other.asked, localPort, ...(isLost && { waitMs: 700 }) });
          if (isLost) assert.notEqual(answer.error, undefined);
          else assert.deepEqual([podOf(answer), answer.from, answer.isWhole], ['p1', other.asked.address, true]);
          assert.equal(podOf(await flow.say()), 'p1');
          await flow.shut();
        });

    test('of TCP end when their backend is gone, and new ones have others', async () => {
      const { asked, lead } = frontend({ mode });
      const flow = await network.open('cl', asked);
      const pod = podOf(await flow.say());
      lead(ALL.filter((one) => one !== pod));
      const pods = (await network.ask('cl', { ...asked, times: 12 })).map(podOf);
      assert.ok(!pods.includes(pod));
      await flow.shut();
    });
  });

describe('affinity', { skip }, () => {
  test('is over when a client has not come for as long as the Service says', async () => {
    // two flows, of ports that no other connection is given, that have different backends where nothing is kept
    const { asked: free } = frontend({ protocol: 'UDP' });
    const by = async (asked, localPort) => podOf((await network.ask('cl', { ...asked, localPort }))[0]);
    const first = await by(free, 20_000);
    let other = 20_001;
    while ((await by(free, other)) === first) other++;
    const { asked: long } = frontend({ protocol: 'UDP', affinitySeconds: 600 });
    assert.equal(await by(long, 20_000), first);
    assert.equal(await by(long, other), first);
    const { asked: short } = frontend({ protocol: 'UDP', affinitySeconds: 1 });
    assert.equal(await by(short, 20_000), first);
    // the kernel's own seconds; they are counted whole
    await new Promise((done) => setTimeout(done, 2100));
    assert.notEqual(await by(short, other), first);
  });
});

describe('two nodes that take requests', { skip }, () => {
  for (const family of FAMILIES)
    for (const protocol of ['TCP', 'UDP'])
      test(`choose alike (IPv${family}, ${protocol})`, async () => {
        const { asked } = frontend({ family, protocol });
        const ports = Array.from({ length: 16 }, (_, i) => 22_000 + 100 * family + i);
        const picks = async (client) => {
          const found = [];
          for (const localPort of ports) found.push(podOf((await network.ask(client, { ...asked, localPort }))[0]));
          return found;
        };
        const chosen = await picks('cl');
        assert.ok(new Set(chosen).size > 1);
        network.routeFrontends('lb2');
        try {
          const { asked: again } = frontend({ family, protocol });
          Object.assign(asked, again);
          const before = nodes.counters('lb2').forwarded_ipip;
          assert.deepEqual(await picks('cl'), chosen);
          assert.ok(nodes.counters('lb2').forwarded_ipip > before);
        } finally {
          network.routeFrontends('lb');
        }
      });

  for (const mode of ['dsr-ipip', 'dsr-geneve'].filter((one) => MODES.includes(one)))
    for (const family of FAMILIES)
      test(`take over flows from one another, whose packets all say what they are (${mode}, IPv${family})`, async () => {
        const { asked } = frontend({ mode, family });
        const flows = [];
        for (let i = 0; i < 6; i++) flows.push(await network.open('cl', asked));
        const pods = [];
        for (const flow of flows) pods.push(podOf(await flow.say()));
        network.routeFrontends('lb2');
        try {
          for (const [i, flow] of flows.entries()) assert.equal(podOf(await flow.say()), pods[i]);
        } finally {
          network.routeFrontends('lb');
        }
        for (const [i, flow] of flows.entries()) assert.equal(podOf(await flow.say()), pods[i]);
        for (const flow of flows) await flow.shut();
      });

  test('share the flows of a router that knows both', async () => {
    network.routeFrontends('lb', 'lb2');
    try {
      const { asked } = frontend({});
      const count = () => ['lb', 'lb2'].map((name) => nodes.counters(name).forwarded_ipip);
      const before = count();
      const answers = await network.ask('cl', { ...asked, times: 60, atOnce: 6, bytes: 20_000 });
      assert.ok(
        answers.every(({ isWhole }) => isWhole),
        JSON.stringify(answers),
      );
      for (const [i, after] of count().entries()) assert.ok(after > before[i]);
    } finally {
      network.routeFrontends('lb');
    }
  });
});
