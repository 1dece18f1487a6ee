import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { Mode } from '../model/config.ts';
import { pieces, withMore } from '../testing/odd-packets.ts';
import { kernelOnly } from '../testing/machines.ts';
import type { Outcome } from '../testing/packet-node.ts';
import { back, icmpError, outer, packet, type PacketShape } from '../testing/packets.ts';
import { ADDRESSES, serviceNode, type ServiceNode, TEST_OPTIONS } from '../testing/service-node.ts';

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const bytes = ({ packet }: Outcome): Uint8Array => Uint8Array.from(Buffer.from(packet, 'hex'));
const MODES: readonly (Mode | 'local')[] = ['snat', 'dsr-ipip', 'dsr-geneve', 'dsr-ipopt', 'local'];

/** What clients may do to a packet that is whole. */
const ODDITIES = {
  'with more headers': (packet: Uint8Array) => [withMore(packet)],
  'with many more headers': (packet: Uint8Array) => [withMore(packet, 3)],
  'in pieces': (packet: Uint8Array) => pieces(packet, 48),
};

for (const machine of ['interpreter', 'kernel'] as const)
  for (const family of [4, 6] as const)
    for (const protocol of ['TCP', 'UDP'] as const)
      describe(`IPv${family}, ${protocol}, ${machine}`, kernelOnly(machine), () => {
        const { client, frontend, pod, node: lb, stranger } = ADDRESSES[family];
        const whole: PacketShape = {
          ...{ source: client, destination: frontend, sourcePort: 4000, destinationPort: 80 },
          ...{ protocol, payload: 'all that is asked, which is more than one piece has room for' },
        };
        const reply = { ...whole, source: pod, destination: client, sourcePort: 8080, destinationPort: 4000 };

        /** The node that takes requests, and what the pod's node does to what comes from it. */
        function path(t: TestContext, mode: Mode | 'local'): { first: ServiceNode; arrive: (sent: Outcome) => string } {
          const hops = { options: { ...TEST_OPTIONS, hops: 'keep' as const } };
          const backend = { nodeAddress: ADDRESSES[family].router, isLocal: mode === 'local' };
          const shape = { protocol, mode: mode === 'local' ? ('snat' as const) : mode };
          const first = serviceNode(machine, family, { ...shape, backend }, hops);
          const second = serviceNode(machine, family, { ...shape, backend: { isLocal: true } });
          t.after(() => [first, second].forEach((node) => node.close()));
          return {
            first:
              mode === 'local'
                ? first
                : { ...first, run: (name, data) => (name === 'reply' ? second : first).run(name, data) },
            arrive: (sent) =>
              ['local', 'snat'].includes(mode) ? sent.packet : second.run('take_out', bytes(sent)).packet,
          };
        }

        for (const mode of MODES)
          for (const [what, odd] of Object.entries(ODDITIES))
            test(`a request ${what} comes to the pod by ${mode}, and so does its reply to the client`, (t) => {
              const { first, arrive } = path(t, mode);
              const from = mode === 'snat' ? { source: lb, sourcePort: 61_234 } : {};
              const arrived = odd(packet(whole)).map((piece) => arrive(first.run('request', piece)));
              assert.deepEqual(
                arrived,
                odd(packet({ ...whole, ...from, destination: pod, destinationPort: 8080 })).map(hex),
              );
              const answered = { ...reply, source: frontend, sourcePort: 80 };
              const back =
                mode === 'snat'
                  ? odd(packet({ ...reply, destination: lb, destinationPort: 61_234 })).map((one) =>
                      first.run('request', one),
                    )
                  : odd(packet(reply)).map((one) => first.run('reply', one));
              assert.deepEqual(
                back.map((one) => one.packet),
                odd(packet(answered)).map(hex),
              );
            });

        test('a piece before the first one is dropped, if it is for a frontend', (t) => {
          const { first } = path(t, 'dsr-ipip');
          const [, late] = pieces(packet(whole), 48);
          assert.equal(first.run('request', late).verdict, 'dropped');
          const [, other] = pieces(packet({ ...whole, destination: stranger }), 48);
          assert.deepEqual(first.run('request', other), { verdict: 'sent', packet: hex(other) });
          const within = (inner: Uint8Array) => outer({ source: lb, destination: pod, inner });
          const pods = serviceNode(machine, family, { protocol, backend: { isLocal: true } });
          t.after(() => pods.close());
          assert.equal(pods.run('take_out', within(late)).verdict, 'dropped');
          assert.deepEqual(pods.run('take_out', within(other)), { verdict: 'sent', packet: hex(within(other)) });
          for (const node of [first, pods]) assert.deepEqual(node.counted(), { drop_late_piece: 1 });
        });

        test('headers without end are not followed', { skip: family === 4 }, (t) => {
          const { first } = path(t, 'snat');
          assert.equal(first.run('request', withMore(packet(whole), 8)).verdict, 'dropped');
          assert.deepEqual(first.counted(), { drop_extensions: 1 });
        });

        test('a client that cuts its packets is told to cut them smaller', (t) => {
          const { first } = path(t, 'dsr-ipip');
          const [piece] = pieces(packet({ ...whole, payload: 'x'.repeat(3000) }), 1480 - (family === 4 ? 0 : 32));
          const header = family === 4 ? 20 : 40;
          const quote = piece.subarray(14, 14 + (family === 4 ? 28 : 104));
          const [type, code] = family === 4 ? [3, 4] : [2, 0];
          const told = { source: frontend, destination: client, type, code, rest: 1500 - header, quote };
          assert.deepEqual(first.run('request', piece), { verdict: 'sent', packet: hex(back(piece, icmpError(told))) });
        });
      });
