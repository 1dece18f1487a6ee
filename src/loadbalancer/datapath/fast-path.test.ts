import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { XDP } from 'nekube/bpf';
import type { Backend } from '../model/config.ts';
import { noKernel } from '../testing/machines.ts';
import { outer, packet, type PacketShape } from '../testing/packets.ts';
import { ADDRESSES, TEST_OPTIONS } from '../testing/service-node.ts';
import { GATEWAY_MAC, fastNode, NODE_MAC, type ServiceShape } from '../testing/fast-node.ts';

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const names = new Map<number, string>(Object.entries(XDP).map(([name, number]) => [number, name]));

for (const family of [4, 6] as const)
  for (const protocol of ['TCP', 'UDP'] as const)
    describe(`the fast path, IPv${family}, ${protocol}`, () => {
      const { client, frontend, pod, otherPod, node } = ADDRESSES[family];
      const header = family === 4 ? 20 : 40;
      const request = (more: Partial<PacketShape> = {}): Uint8Array =>
        packet({
          ...{ source: client, destination: frontend, sourcePort: 4000, destinationPort: 80, protocol, payload: 'hi' },
          ...more,
        });
      const filled = (bytes: number) => 'x'.repeat(bytes - header - (protocol === 'TCP' ? 20 : 8));
      const start = (shape: Partial<ServiceShape> = {}, world = {}) => fastNode(family, { protocol, ...shape }, world);

      test('a request leaves by the device that it came by, within a header, to who is next', () => {
        const { fast, counted, traffic } = start();
        const inner = request();
        const { result, data } = fast(inner);
        assert.equal(names.get(result), 'tx');
        const expected = outer({ source: node, destination: pod, id: 8080, inner });
        expected.set(GATEWAY_MAC, 0);
        expected.set(NODE_MAC, 6);
        assert.equal(hex(data), hex(expected));
        assert.deepEqual(counted(), { forwarded_ipip: 1 });
        assert.deepEqual(traffic(), { packets: 1n, bytes: BigInt(inner.length) });
      });

      test('by another device only where that takes such packets', () => {
        for (const [targets, end] of [
          [[], 'pass'],
          [[9], 'redirect'],
        ] as const) {
          const { fast } = start({}, { ifindex: 9, targets });
          assert.equal(names.get(fast(request()).result), end);
        }
      });

      const backends: readonly Backend[] = [pod, otherPod].map((address) => ({
        ...{ address, port: 8080, isLocal: false, isTerminating: false, carriesPort: false },
      }));
      for (const [what, shape] of [
        ['with a table', {}],
        ['by chance', { algorithm: 'random' }],
        ['whose clients keep theirs', { affinitySeconds: 600 }],
      ] as const)
        test(`of several backends ${what} a flow has one, on both paths`, () => {
          const { fast, slow } = start({ backends, ...shape });
          const tos = new Set<string>();
          for (let i = 0; i < 40; i++) {
            const inner = request({ sourcePort: 5000 + i });
            const [first, second] = i % 2 === 0 ? [fast, slow] : [slow, fast];
            const [one, two] = [first(inner), second(inner)].map(({ data }) => hex(data.subarray(14)));
            assert.equal(one, two);
            tos.add(one!.slice(2 * (family === 4 ? 16 : 24), 2 * header));
          }
          assert.equal(tos.size, 'affinitySeconds' in shape ? 1 : 2);
        });

      test('all nodes choose alike, by whichever path', () => {
        const [a, b] = [start({ backends }), start({ backends })];
        for (let sourcePort = 6000; sourcePort < 6020; sourcePort++)
          assert.equal(
            hex(a.fast(request({ sourcePort })).data.subarray(14)),
            hex(b.slow(request({ sourcePort })).data.subarray(14)),
          );
      });

      test('what just fits is sent, and what does not goes on as it came', () => {
        const { fast, slow, counted } = start();
        const mtu = TEST_OPTIONS.mtu - header;
        const fits = request({ dontFragment: true, payload: filled(mtu) });
        assert.equal(hex(fast(fits).data.subarray(14)), hex(slow(fits).data.subarray(14)));
        const big = request({ dontFragment: true, payload: filled(mtu + 1) });
        const { result, data } = fast(big);
        assert.deepEqual([names.get(result), hex(data)], ['pass', hex(big)]);
        assert.deepEqual(counted(), { forwarded_ipip: 2 });
      });

      const loopback = family === 4 ? '127.0.0.1' : '::1';
      const rare: readonly { name: string; shape?: Partial<ServiceShape>; sent?: Uint8Array; world?: object }[] = [
        { name: 'for no frontend', sent: request({ destinationPort: 81 }) },
        { name: 'for a backend on this node', shape: { backend: { isLocal: true } } },
        { name: 'of another mode', shape: { mode: 'snat' } },
        { name: 'to a frontend with source ranges', shape: { sourceRanges: [family === 4 ? '0.0.0.0/0' : '::/0'] } },
        { name: 'to a frontend without backends', shape: { backends: [] } },
        { name: 'from an address of the loopback device', sent: request({ source: loopback }) },
        { name: 'for which there is no route', world: { isRouted: false } },
        { name: 'whose next hop is not known yet', world: { isKnown: false } },
        { name: 'too short to have ports', sent: request().subarray(0, 14 + header + 4) },
        { name: 'of another family', sent: otherType(request()) },
        ...(family === 4 ? [{ name: 'with options', sent: changed(request(), 14, 0x46) }] : []),
        ...(family === 4 ? [{ name: 'that is a fragment', sent: changed(request(), 20, 0x20) }] : []),
        { name: 'of another protocol', sent: changed(request(), 14 + (family === 4 ? 9 : 6), 132) },
      ];
      for (const { name, shape = {}, sent = request(), world = {} } of rare)
        test(`a packet ${name} goes on as it came, and is not counted`, () => {
          const { fast, counted, traffic } = start(shape, world);
          const { result, data } = fast(sent);
          assert.deepEqual([names.get(result), hex(data)], ['pass', hex(sent)]);
          assert.deepEqual(counted(), {});
          assert.equal(traffic().packets, 0n);
        });

      test('the kernel takes the program, and sends on what has no route as it came', { skip: noKernel }, (t) => {
        const { fast, close } = fastNode(family, { protocol }, {}, 'kernel');
        t.after(close);
        const { result, data } = fast(request());
        assert.deepEqual([names.get(result), hex(data)], ['pass', hex(request())]);
      });
    });

test('a node with an address of one family serves that one', () => {
  const options = { nodeAddresses: { 4: ADDRESSES[4].node } };
  const ends = ([4, 6] as const).map((family) => {
    const { client: source, frontend: destination } = ADDRESSES[family];
    const { fast } = fastNode(family, { protocol: 'TCP' }, options);
    return names.get(fast(packet({ source, destination, sourcePort: 4000, destinationPort: 80 })).result);
  });
  assert.deepEqual(ends, ['tx', 'pass']);
});

/** A packet with one byte that is another. */
function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

function otherType(bytes: Uint8Array): Uint8Array {
  return changed(bytes, 12, 0x99);
}
