// What lies between nodes: links that take smaller packets, fragments, devices that cut and sum up or do not, and a router that
// lets few packets with IP options pass, as a switch's slow path does.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { addressBytes } from '../../dist/loadbalancer/maps/address.js';
import { FAMILIES, MODES, TestNodes, whyNot } from './nodes.mjs';
import { ADDRESSES, Topology } from './topology.mjs';

const skip = whyNot();
/** Bytes that a packet has more on its way to the pod's node; of TCP with an option in its first packet alone. */
const OVERHEAD = {
  snat: { 4: 0, 6: 0 },
  'dsr-ipip': { 4: 20, 6: 40 },
  'dsr-ipopt': { 4: 8, 6: 24 },
  'dsr-geneve': { 4: 62, 6: 94 },
};
const ENCAPSULATING = MODES.filter((mode) => mode === 'dsr-ipip' || mode === 'dsr-geneve');

let network;
let nodes;
let port = 3000;

before(async () => {
  if (skip) return;
  network = new Topology();
  nodes = new TestNodes(network, { attachesPods: true });
  await Promise.all(['p1', 'p2', 'p3'].map((pod) => network.serve(pod, 8080)));
});

beforeEach(() => {
  if (!skip) for (const client of ['cl', 'cl2']) network.forgetSizes(client);
});

after(async () => {
  nodes?.close();
  await network?.close();
});

function balanced({ family = 4, protocol = 'TCP', pods = ['p1', 'p2', 'p3'], ...more }) {
  nodes.balance({ family, protocol, port: ++port, pods, ...more });
  return { protocol: protocol.toLowerCase(), address: ADDRESSES[family].frontend, port };
}

/** How large packets to the frontend may be, as the client has learned; undefined if it has not. */
function learned(family) {
  const text = network.exec('cl', 'ip', '-j', 'route', 'get', ADDRESSES[family].frontend);
  return JSON.parse(text)[0].metrics?.[0]?.mtu;
}

/** The two bytes of a datagram with which its checksum comes to zero. */
function paddingToZero(source, destination, sourcePort, destinationPort) {
  const words = [source, destination].flatMap((address) =>
    [...new Uint16Array(addressBytes(address).buffer)].map(swapped),
  );
  const sum = [...words, 17, 10, sourcePort, destinationPort, 10].reduce((all, word) => all + word, 0);
  return (0xffff - (sum % 0xffff)).toString(16).padStart(4, '0');
}

function swapped(word) {
  return ((word & 0xff) << 8) | (word >> 8);
}

for (const mode of MODES)
  for (const family of FAMILIES)
    describe(`${mode}, IPv${family}`, { skip }, () => {
      const limit = 1500 - OVERHEAD[mode][family];

      test('a datagram that does not fit is told how large one may be, and the next ones arrive', async () => {
        const told = nodes.counters('lb').told_too_big;
        const headers = family === 4 ? 28 : 48;
        const flow = await network.open('cl', balanced({ mode, family, protocol: 'UDP' }));
        // as large as the client's own link takes; what is told it believes for a packet of its own alone, by its ports
        for (let tries = 0; limit < 1500 && learned(family) !== limit && tries < 50; tries++)
          await flow.say({ bytes: 1500 - headers, waitMs: 200 }).catch(() => undefined);
        const answer = await flow.say({ bytes: limit - headers, tries: 5, waitMs: 4000 });
        assert.equal(answer.isWhole, true);
        await flow.shut();
        if (limit === 1500) return;
        assert.equal(learned(family), limit);
        assert.ok(nodes.counters('lb').told_too_big > told);
      });

      test('a datagram whose checksum comes to zero at the pod arrives', async () => {
        // of a port that no other connection is given
        const localPort = 23_000;
        network.offloads('cl', { tx: false });
        try {
          const asked = balanced({ mode, family, protocol: 'UDP', pods: ['p1'] });
          const flow = await network.open('cl', { ...asked, localPort });
          const hex = paddingToZero(ADDRESSES[family].cl, ADDRESSES[family].p1, localPort, 8080);
          assert.equal((await flow.say({ hex })).isWhole, true);
          await flow.shut();
        } finally {
          network.offloads('cl', { tx: true });
        }
      });

      test('transfers are whole where devices neither cut nor sum up', async () => {
        const off = { tso: false, gso: false, gro: false, tx: false };
        const on = { tx: true, tso: true, gso: true, gro: true };
        for (const features of [off, on]) {
          network.offloads('cl', features);
          for (const pod of ['p1', 'p2', 'p3']) network.offloads(pod, features);
          const asked = balanced({ mode, family });
          const [answer] = await network.ask('cl', { ...asked, bytes: 3_000_000, download: 3_000_000 });
          assert.equal(answer.isWhole, true, JSON.stringify(answer));
        }
      });
    });

// by dsr-ipopt it is the client who is told, of a packet to a pod, which it has not sent
for (const mode of MODES.filter((one) => one !== 'dsr-ipopt'))
  for (const family of FAMILIES)
    test(`a link between nodes that takes less than devices do is told to clients, by ${mode}, IPv${family}`, {
      skip,
    }, async () => {
      const smaller = 1400;
      for (const node of ['n1', 'n2']) network.setMtu(node, smaller);
      try {
        const [answer] = await network.ask('cl', { ...balanced({ mode, family }), bytes: 300_000 });
        assert.equal(answer.isWhole, true, JSON.stringify(answer));
        assert.equal(learned(family), smaller - OVERHEAD[mode][family]);
      } finally {
        for (const node of ['n1', 'n2']) network.setMtu(node, 1500);
      }
    });

describe('a router that lets few packets with IP options pass', { skip }, () => {
  const CONNECTS = 300;
  const PASS = 20;

  const connect = async (mode) => {
    const asked = balanced({ mode });
    const dropped = network.seen('dropped');
    network.slowPath({ passes: PASS });
    try {
      const answers = await network.ask('cl', { ...asked, times: CONNECTS, atOnce: 50, waitMs: 30_000 });
      return { answers, dropped: network.seen('dropped') - dropped };
    } finally {
      network.slowPath();
    }
  };

  for (const mode of MODES.filter((one) => one !== 'dsr-ipopt'))
    test(`loses none of ${CONNECTS} connections by ${mode}`, async () => {
      const { answers, dropped } = await connect(mode);
      assert.deepEqual(
        answers.filter(({ error }) => error),
        [],
      );
      assert.equal(answers.length, CONNECTS);
      assert.equal(dropped, 0);
    });

  test('loses those by dsr-ipopt', { skip: !MODES.includes('dsr-ipopt') }, async () => {
    const asked = balanced({ mode: 'dsr-ipopt' });
    const dropped = network.seen('dropped');
    network.slowPath({ passes: PASS });
    try {
      const answers = await network.ask('cl', { ...asked, times: CONNECTS, atOnce: CONNECTS, waitMs: 2500 });
      assert.ok(network.seen('dropped') > dropped);
      // a request that is repeated has its option again, until nobody waits any more
      const served = answers.filter(({ error }) => !error).length;
      assert.ok(served <= PASS + 2, `${served} were served`);
    } finally {
      network.slowPath();
    }
  });
});

describe('a router whose path for packets with IP options is slow', { skip }, () => {
  for (const mode of MODES)
    test(mode === 'dsr-ipopt' ? `makes those by ${mode} wait` : `makes none by ${mode} wait`, async (t) => {
      const asked = balanced({ mode });
      const delayed = network.seen('delayed');
      try {
        network.slowPath({ bitsPerSecond: 200_000 });
      } catch (error) {
        // the kernel needs queues with a rate for it
        return t.skip(`there is no slow path: ${error.message}`);
      }
      try {
        const answers = await network.ask('cl', { ...asked, times: 60, atOnce: 20, bytes: 3000 });
        assert.ok(
          answers.every(({ isWhole }) => isWhole),
          JSON.stringify(answers),
        );
        assert.equal(network.seen('delayed') > delayed, mode === 'dsr-ipopt');
      } finally {
        network.slowPath();
      }
    });
});

describe('nothing else than the outer header is added', { skip }, () => {
  for (const mode of ENCAPSULATING)
    test(`by ${mode} no packet has IP options, also not within its tunnel`, async () => {
      const options = network.seen('ipOptions');
      for (const family of FAMILIES)
        for (const protocol of ['TCP', 'UDP']) {
          const answers = await network.ask('cl2', { ...balanced({ mode, family, protocol }), times: 5, bytes: 50 });
          assert.ok(
            answers.every(({ isWhole }) => isWhole),
            JSON.stringify(answers),
          );
        }
      assert.equal(network.seen('ipOptions') - options, 0);
    });
});
