import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { addressBytes } from '../maps/address.ts';
import type { Backend } from '../model/config.ts';
import { fastNode } from '../testing/fast-node.ts';
import { packet, type PacketShape } from '../testing/packets.ts';
import { ADDRESSES, serviceNode, type ServiceShape, TEST_OPTIONS } from '../testing/service-node.ts';
import type { FlowTimeouts } from './options.ts';

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const FLAGS = { syn: 2, ack: 0x10, fin: 0x11, rst: 4 };
const TIMEOUTS: FlowTimeouts = {
  tcpOpening: 60,
  tcpEstablished: 7200,
  tcpClosing: 120,
  tcpClosed: 10,
  udp: 30,
  udpUnanswered: 15,
};

for (const family of [4, 6] as const) {
  const { client, frontend, pod, otherPod, node: lb } = ADDRESSES[family];
  const request = (more: Partial<PacketShape> = {}) =>
    packet({ source: client, destination: frontend, sourcePort: 4000, destinationPort: 80, ...more });

  /** A node in the interpreter, whose clock can be set forward. */
  const nodeAt = (t: TestContext, shape: ServiceShape) => {
    const clock = { seconds: 1000 };
    const node = serviceNode('interpreter', family, shape, { clock, options: { ...TEST_OPTIONS, timeouts: TIMEOUTS } });
    t.after(() => node.close());
    return { node, wait: (seconds: number) => (clock.seconds += seconds) };
  };

  describe(`the port of a flow by SNAT, IPv${family}`, () => {
    const reply = (flags: number, protocol: 'TCP' | 'UDP' = 'TCP') =>
      packet({ source: pod, destination: lb, sourcePort: 8080, destinationPort: 61_234, flags, protocol });
    /** Flags of the client's packets; those of the backend's have a name before them. */
    const CASES: readonly {
      name: string;
      packets: readonly (keyof typeof FLAGS | `back ${keyof typeof FLAGS}`)[];
      lasts: number;
    }[] = [
      { name: 'of one that has only begun', packets: ['syn'], lasts: TIMEOUTS.tcpOpening },
      { name: 'of one that goes on', packets: ['syn', 'back syn', 'ack'], lasts: TIMEOUTS.tcpEstablished },
      {
        name: 'of one that the client has ended',
        packets: ['syn', 'ack', 'fin', 'back ack'],
        lasts: TIMEOUTS.tcpClosing,
      },
      {
        name: 'of one that both have ended',
        packets: ['syn', 'ack', 'fin', 'back fin', 'ack'],
        lasts: TIMEOUTS.tcpClosed,
      },
      { name: 'of one that was reset', packets: ['syn', 'ack', 'back rst'], lasts: TIMEOUTS.tcpClosed },
    ];
    for (const { name, packets, lasts } of CASES)
      test(`${name} is another’s after ${lasts} seconds`, (t) => {
        const { node, wait } = nodeAt(t, { protocol: 'TCP', mode: 'snat' });
        for (const one of packets) {
          const flags = FLAGS[one.replace('back ', '') as keyof typeof FLAGS];
          assert.equal(node.run('request', one.startsWith('back') ? reply(flags) : request({ flags })).verdict, 'sent');
        }
        const late = () => node.run('request', request({ sourcePort: 4001 })).verdict;
        wait(lasts - 2);
        assert.equal(late(), 'dropped');
        assert.equal(node.counted()['drop_snat_ports'], 1);
        wait(5);
        assert.equal(late(), 'sent');
        // what comes back is the other's now, and the first one has no port any more
        const back = node.run('request', reply(FLAGS.ack));
        const to = {
          source: frontend,
          destination: client,
          sourcePort: 80,
          destinationPort: 4001,
          flags: FLAGS.ack,
          ttl: 63,
        };
        assert.equal(back.packet, hex(packet(to)));
        assert.equal(node.run('request', request({ flags: FLAGS.ack })).verdict, 'dropped');
      });

    test('of UDP lasts as long as there are packets', (t) => {
      const { node, wait } = nodeAt(t, { protocol: 'UDP', mode: 'snat' });
      const asked = (sourcePort: number) => node.run('request', request({ protocol: 'UDP', sourcePort })).verdict;
      asked(4000);
      wait(25);
      node.run('request', reply(0, 'UDP'));
      wait(25);
      assert.equal(asked(4001), 'dropped');
      wait(10);
      assert.equal(asked(4001), 'sent');
    });
  });

  describe(`the backend of a flow, once new ones get another, IPv${family}`, () => {
    const place = { port: 8080, isLocal: false, carriesPort: false };
    const [ends, starts] = [pod, otherPod].map((address, i) => ({ ...place, address, isTerminating: i === 0 })) as [
      Backend,
      Backend,
    ];
    /** What a client has sent, how long ago that was, and which backend what it sends next has. */
    const CASES: readonly {
      name: string;
      sent: readonly (keyof typeof FLAGS)[];
      wait: number;
      next: keyof typeof FLAGS;
      is: 'kept' | 'new';
    }[] = [
      { name: 'a SYN that is sent again', sent: ['syn'], wait: 58, next: 'syn', is: 'kept' },
      { name: 'a SYN, when the one before was not answered', sent: ['syn'], wait: 62, next: 'syn', is: 'new' },
      { name: 'a SYN in the midst of a flow', sent: ['syn', 'ack'], wait: 1, next: 'syn', is: 'kept' },
      { name: 'a SYN of who was quiet for long', sent: ['syn', 'ack'], wait: 603, next: 'syn', is: 'new' },
      { name: 'a SYN of who has ended the flow', sent: ['syn', 'ack', 'fin'], wait: 1, next: 'syn', is: 'new' },
      { name: 'a SYN of who has reset it', sent: ['syn', 'ack', 'rst'], wait: 1, next: 'syn', is: 'new' },
      { name: 'a SYN of who has refused it', sent: ['syn', 'rst'], wait: 1, next: 'syn', is: 'new' },
      { name: 'the last of a flow', sent: ['syn', 'ack', 'fin'], wait: 1, next: 'ack', is: 'kept' },
      { name: 'what comes after a day', sent: ['syn', 'ack'], wait: 90_000, next: 'ack', is: 'kept' },
    ];
    const WAYS = {
      'traffic control': (shape: ServiceShape, clock: { seconds: number }) => {
        const node = serviceNode('interpreter', family, shape, {
          clock,
          options: { ...TEST_OPTIONS, timeouts: TIMEOUTS },
        });
        return { set: node.set, to: (sent: Uint8Array) => outerDestination(node.run('request', sent).packet) };
      },
      XDP: (shape: ServiceShape, clock: { seconds: number }) => {
        const node = fastNode(family, shape, { clock, timeouts: TIMEOUTS });
        return { set: node.set, to: (sent: Uint8Array) => outerDestination(hex(node.fast(sent).data)) };
      },
    };
    const outerDestination = (sent: string) => sent.slice(2 * (family === 4 ? 30 : 38), 2 * (family === 4 ? 34 : 54));
    const bytesOf = (address: string) => hex(addressBytes(address));

    for (const [way, nodeBy] of Object.entries(WAYS)) {
      const begin = (protocol: 'TCP' | 'UDP') => {
        const clock = { seconds: 1000 };
        const node = nodeBy({ protocol, backends: [{ ...ends, isTerminating: false }] }, clock);
        return { ...node, change: () => node.set({ protocol, backends: [ends, starts] }), clock };
      };
      for (const { name, sent, wait, next, is } of CASES)
        test(`${name}: it is ${is}, by ${way}`, () => {
          const { to, change, clock } = begin('TCP');
          for (const flags of sent) assert.equal(to(request({ flags: FLAGS[flags] })), bytesOf(pod));
          change();
          clock.seconds += wait;
          const expected = bytesOf(is === 'kept' ? pod : otherPod);
          assert.equal(to(request({ flags: FLAGS[next] })), expected);
          assert.equal(to(request({ flags: FLAGS.ack })), expected);
        });

      test(`of UDP it is kept for as long as there are packets, by ${way}`, () => {
        const { to, change, clock } = begin('UDP');
        const asked = () => to(request({ protocol: 'UDP' }));
        assert.equal(asked(), bytesOf(pod));
        change();
        for (let i = 0; i < 3; i++) {
          clock.seconds += TIMEOUTS.udp - 1;
          assert.equal(asked(), bytesOf(pod));
        }
        clock.seconds += TIMEOUTS.udp + 1;
        assert.equal(asked(), bytesOf(otherPod));
      });
    }
  });

  test(`a flow of UDP whose backend is gone has another, IPv${family}`, (t) => {
    const { node } = nodeAt(t, { protocol: 'UDP', backend: { isLocal: true } });
    const asked = () => node.run('request', request({ protocol: 'UDP' })).packet;
    assert.equal(asked(), hex(request({ protocol: 'UDP', destination: pod, destinationPort: 8080 })));
    node.set({ protocol: 'UDP', backend: { address: otherPod, isLocal: true } });
    assert.equal(asked(), hex(request({ protocol: 'UDP', destination: otherPod, destinationPort: 8080 })));
  });

  test(`a client’s backend is its own for as long as the Service says, from its last new flow, IPv${family}`, (t) => {
    const backends = [pod, otherPod].map((address) => ({
      ...{ address, port: 8080, isLocal: true, isTerminating: false, carriesPort: false },
    }));
    const { node, wait } = nodeAt(t, { protocol: 'TCP', backends, affinitySeconds: 60 });
    const chosen = (from: number) =>
      new Set(
        Array.from({ length: 20 }, (_, i) => node.run('request', request({ sourcePort: from + i })).packet).map((one) =>
          one.slice(2 * (family === 4 ? 30 : 38), 2 * (family === 4 ? 34 : 54)),
        ),
      );
    const first = chosen(5000);
    assert.equal(first.size, 1);
    wait(59);
    assert.deepEqual(chosen(6000), first);
    wait(59);
    assert.deepEqual(chosen(7000), first);
    wait(61);
    // each of these is a client's first flow again
    const again = Array.from({ length: 20 }, (_, i) => {
      wait(61);
      return [...chosen(8000 + 20 * i)][0];
    });
    assert.equal(new Set(again).size, 2);
  });
}
