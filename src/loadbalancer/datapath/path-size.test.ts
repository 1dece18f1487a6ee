import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { Family } from '../maps/address.ts';
import { fastNode } from '../testing/fast-node.ts';
import { noKernel } from '../testing/machines.ts';
import { icmpError, packet, tooBig } from '../testing/packets.ts';
import { ADDRESSES, serviceNode, TEST_OPTIONS } from '../testing/service-node.ts';

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const PASS = 2;

/** What a router tells the node of a tunnel, and how much of it is quoted, which may be as little as has eight bytes behind the header. */
function told(family: Family, tunnel: Uint8Array, mtu: number, more: { destination?: string; code?: number } = {}) {
  const { router, node } = ADDRESSES[family];
  const [type, code] = family === 4 ? [3, more.code ?? 4] : [more.code === undefined ? 2 : 1, 0];
  const quote = tunnel.subarray(14, 14 + (family === 4 ? 28 : 48));
  return icmpError({ source: router, destination: more.destination ?? node, type, code, rest: mtu, quote });
}

for (const machine of ['interpreter', 'kernel'] as const)
  for (const family of [4, 6] as const)
    for (const [mode, outer] of [
      ['dsr-ipip', family],
      ['dsr-geneve', 4],
      ['dsr-geneve', 6],
    ] as const)
      describe(`a path for ${mode} by IPv${outer}, IPv${family}, ${machine}`, {
        skip: machine === 'kernel' && (noKernel || (outer !== family && 'one family is enough there')),
      }, () => {
        const { client, frontend, stranger } = ADDRESSES[family];
        const header = family === 4 ? 20 : 40;
        const size = outer === 6 || family === 6 ? 1400 : 1300;
        const overhead = mode === 'dsr-ipip' ? header : (outer === 4 ? 20 : 40) + (family === 4 ? 42 : 54);
        const request = (length: number, sourcePort = 4000) =>
          packet({
            ...{ source: client, destination: frontend, sourcePort, destinationPort: 80, flags: 0x10 },
            ...{ dontFragment: true, payload: 'x'.repeat(length - header - 20) },
          });
        const begin = (t: TestContext) => {
          const clock = { seconds: 1000 };
          const backend = mode === 'dsr-geneve' ? { nodeAddress: ADDRESSES[outer].router } : {};
          const node = serviceNode(machine, family, { protocol: 'TCP', mode, backend }, { clock, outer });
          t.after(() => node.close());
          const tunnel = () => bytes(node.run('request', request(size - overhead + 1)).packet);
          return { node, tunnel, tell: (error: Uint8Array) => node.runOuter(error), clock };
        };

        test('that is smaller than the device’s is told to clients from then on', (t) => {
          const { node, tunnel, tell } = begin(t);
          const error = told(outer, tunnel(), size);
          assert.deepEqual(tell(error), { verdict: 'sent', packet: hex(error) });
          const big = request(size - overhead + 1);
          const answer = tooBig({ from: frontend, to: client, mtu: size - overhead, packet: big });
          assert.deepEqual(node.run('request', big), { verdict: 'sent', packet: hex(answer) });
          assert.notEqual(node.run('request', request(size - overhead)).packet, hex(answer));
          const { path_size_learned, told_too_big } = node.counted();
          assert.deepEqual({ path_size_learned, told_too_big }, { path_size_learned: 1, told_too_big: 1 });
        });

        test('is not what others say', (t) => {
          const { node, tunnel, tell } = begin(t);
          // for another address, with an error of another kind, and with a size that the device's is smaller than
          tell(told(outer, tunnel(), size, { destination: stranger }));
          tell(told(outer, tunnel(), size, { code: 1 }));
          tell(told(outer, tunnel(), TEST_OPTIONS.mtu));
          node.run('request', request(size - overhead + 1));
          assert.equal(node.counted()['told_too_big'], undefined);
          assert.equal(node.counted()['path_size_learned'], undefined);
        });

        test('is not smaller than paths are', (t) => {
          const { node, tunnel, tell } = begin(t);
          const least = outer === 4 ? 552 : 1280;
          tell(told(outer, tunnel(), 68));
          node.run('request', request(least - overhead));
          assert.equal(node.counted()['told_too_big'], undefined);
          node.run('request', request(least - overhead + 1));
          assert.equal(node.counted()['told_too_big'], 1);
        });

        test('is tried again after ten minutes', { skip: machine === 'kernel' && 'its clock cannot be set' }, (t) => {
          const { node, tunnel, tell, clock } = begin(t);
          tell(told(outer, tunnel(), size));
          clock.seconds += 599;
          node.run('request', request(size - overhead + 1));
          assert.equal(node.counted()['told_too_big'], 1);
          clock.seconds += 3;
          node.run('request', request(size - overhead + 1));
          assert.equal(node.counted()['told_too_big'], 1);
        });
      });

for (const family of [4, 6] as const)
  test(`by XDP large packets are left to traffic control once a path is smaller, IPv${family}`, () => {
    const { client, frontend } = ADDRESSES[family];
    const node = fastNode(family, { protocol: 'TCP' });
    const request = (length: number) =>
      packet({
        ...{ source: client, destination: frontend, sourcePort: 4000, destinationPort: 80, flags: 0x10 },
        payload: 'x'.repeat(length),
      });
    const { data } = node.fast(request(1300));
    node.slow(told(family, data, 1300));
    assert.equal(node.fast(request(1300)).result, PASS);
    assert.notEqual(node.fast(request(200)).result, PASS);
    node.close();
  });
