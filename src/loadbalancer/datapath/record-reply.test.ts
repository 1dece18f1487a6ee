import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { Mode } from '../model/config.ts';
import { noKernel } from '../testing/machines.ts';
import { icmpError, packet, type PacketShape } from '../testing/packets.ts';
import { ADDRESSES, serviceNode, TEST_OPTIONS } from '../testing/service-node.ts';

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const FLAGS = { syn: 2, ack: 0x10, fin: 0x11 };
const TIMEOUTS = { tcpClosed: 10, udp: 60, udpUnanswered: 30 };
/** How requests come to a pod: from the node that takes them to the same one, or to the pod's. */
const WAYS = ['local', 'dsr-ipip', 'dsr-geneve', 'dsr-ipopt'] as const;

for (const machine of ['interpreter', 'kernel'] as const)
  for (const family of [4, 6] as const) {
    const { client, frontend, pod, router } = ADDRESSES[family];
    const other = family === 4 ? '10.96.0.11' : 'fd00:96::b';
    const header = family === 4 ? 20 : 40;

    /** A pod behind two frontends, and what comes to it of one of them. */
    const podAt = (t: TestContext, way: (typeof WAYS)[number], protocol: 'TCP' | 'UDP') => {
      const clock = { seconds: 1000 };
      const nodeWith = (mode: Mode, isLocal: boolean) => {
        const backend = { isLocal, ...(mode === 'dsr-geneve' && { nodeAddress: router }) };
        const options = { ...TEST_OPTIONS, hops: 'keep' as const, timeouts: TIMEOUTS };
        const node = serviceNode(machine, family, { protocol, mode, backend }, { clock, options });
        t.after(() => node.close());
        node.set({ protocol, mode, address: other, backend }, 'default/other:http');
        return node;
      };
      const mode = way === 'local' ? 'dsr-ipip' : way;
      const at = nodeWith(mode, true);
      const before = nodeWith(mode, false);
      const request = (destination: string, more: Partial<PacketShape> = {}) =>
        packet({ source: client, destination, sourcePort: 4000, destinationPort: 80, protocol, ...more });
      const bring = (sent: Uint8Array) => {
        if (way === 'local') return at.run('request', sent);
        return at.run('take_out', bytes(before.run('request', sent).packet));
      };
      const comes = (destination: string, more: Partial<PacketShape> = {}) => bring(request(destination, more));
      /** What comes to the pod has its address; the port of the client is what it is there. */
      const portOf = ({ packet: got }: { readonly packet: string }, more: Partial<PacketShape> = {}) => {
        const port = bytes(got).subarray(14 + header, 16 + header);
        const sourcePort = ((port[0] as number) << 8) | (port[1] as number);
        assert.equal(got, hex(request(pod, { ...more, destinationPort: 8080, sourcePort })));
        return sourcePort;
      };
      const answers = (port: number, from: string, flags = FLAGS.syn | FLAGS.ack) => {
        const reply = { source: pod, destination: client, sourcePort: 8080, destinationPort: port, protocol, flags };
        const sent = { ...reply, source: from, sourcePort: 80, destinationPort: 4000 };
        assert.deepEqual(at.run('reply', packet(reply)), { verdict: 'sent', packet: hex(packet(sent)) });
      };
      return { at, bring, comes, portOf, answers, wait: (seconds: number) => (clock.seconds += seconds) };
    };

    for (const protocol of ['TCP', 'UDP'] as const)
      describe(`one client's port, two frontends of a pod, IPv${family}, ${protocol}, ${machine}`, {
        skip: machine === 'kernel' && noKernel,
      }, () => {
        for (const way of WAYS.filter((one) => protocol === 'UDP' || one !== 'dsr-ipopt')) {
          test(`by ${way} the second comes from another port, and each has its own answers`, (t) => {
            const { at, comes, portOf, answers } = podAt(t, way, protocol);
            assert.equal(portOf(comes(frontend)), 4000);
            const port = portOf(comes(other));
            assert.notEqual(port, 4000);
            answers(4000, frontend);
            answers(port, other);
            // also packets that begin nothing, and also when the first begins again
            const more = { flags: FLAGS.ack, payload: 'more' };
            assert.equal(portOf(comes(other, more), more), port);
            assert.equal(portOf(comes(frontend, more), more), 4000);
            assert.equal(portOf(comes(frontend)), 4000);
            assert.equal(portOf(comes(other)), port);
            answers(port, other, FLAGS.ack);
            assert.equal(at.counted()['given_other_port'], 1);
          });

          // errors have no option that names a frontend
          if (way === 'dsr-ipopt') continue;
          test(`by ${way} errors are about the flow that they are of`, (t) => {
            const { at, bring, comes, portOf } = podAt(t, way, protocol);
            comes(frontend);
            const port = portOf(comes(other));
            const [type, code] = family === 4 ? [3, 1] : [1, 3];
            const quote = (shape: Omit<PacketShape, 'protocol'>) =>
              packet({ ...shape, protocol, payload: 'and' }).subarray(14, 14 + header + (protocol === 'UDP' ? 8 : 20));
            // of somebody before the client, about what the pod has sent
            const sent = { source: other, destination: client, sourcePort: 80, destinationPort: 4000 };
            const error = icmpError({ source: router, destination: other, type, code, quote: quote(sent) });
            const within = quote({ ...sent, source: pod, sourcePort: 8080, destinationPort: port });
            const toPod = icmpError({ source: router, destination: pod, type, code, quote: within });
            assert.deepEqual(bring(error), { verdict: 'sent', packet: hex(toPod) });
            // of the pod, about what the client has sent
            const got = { source: client, destination: pod, sourcePort: port, destinationPort: 8080 };
            const told = icmpError({ source: pod, destination: client, type, code, quote: quote(got) });
            const asked = quote({ ...got, destination: other, sourcePort: 4000, destinationPort: 80 });
            const toClient = icmpError({ source: other, destination: client, type, code, quote: asked });
            assert.deepEqual(at.run('reply', told), { verdict: 'sent', packet: hex(toClient) });
          });
        }
      });

    describe(`one client's port that is free again, IPv${family}, ${machine}`, {
      skip: machine === 'kernel' ? noKernel || 'its clock cannot be set' : false,
    }, () => {
      test('by TCP, a while after the first is over', (t) => {
        const { comes, portOf, answers, wait } = podAt(t, 'dsr-ipip', 'TCP');
        comes(frontend);
        comes(frontend, { flags: FLAGS.fin });
        answers(4000, frontend, FLAGS.fin);
        assert.notEqual(portOf(comes(other)), 4000);
        wait(12);
        assert.notEqual(portOf(comes(other)), 4000);
        const third = podAt(t, 'dsr-ipip', 'TCP');
        third.comes(frontend);
        third.comes(frontend, { flags: FLAGS.fin });
        third.answers(4000, frontend, FLAGS.fin);
        third.wait(12);
        assert.equal(third.portOf(third.comes(other)), 4000);
        third.answers(4000, other);
      });

      for (const [what, isAnswered, seconds] of [
        ['not answered', false, 30],
        ['answered', true, 60],
      ] as const)
        test(`by UDP, when the first was ${what} and quiet for ${seconds} seconds`, (t) => {
          const begin = () => {
            const flow = podAt(t, 'dsr-ipip', 'UDP');
            flow.comes(frontend);
            if (isAnswered) flow.answers(4000, frontend);
            return flow;
          };
          const [early, late] = [begin(), begin()];
          early.wait(seconds - 2);
          assert.notEqual(early.portOf(early.comes(other)), 4000);
          late.wait(seconds + 3);
          assert.equal(late.portOf(late.comes(other)), 4000);
          late.answers(4000, other);
        });
    });

    describe(`by dsr-ipopt, where later packets of TCP do not name their frontend, IPv${family}, ${machine}`, {
      skip: machine === 'kernel' && noKernel,
    }, () => {
      test('the second is refused until the first is over', (t) => {
        const { at, comes, portOf, answers } = podAt(t, 'dsr-ipopt', 'TCP');
        comes(frontend);
        assert.equal(comes(other).verdict, 'dropped');
        answers(4000, frontend);
        assert.equal(at.counted()['drop_reply_clash'], 1);
        comes(frontend, { flags: FLAGS.fin });
        answers(4000, frontend, FLAGS.fin);
        assert.equal(portOf(comes(other)), 4000);
        answers(4000, other);
      });
    });
  }
