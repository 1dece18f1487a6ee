import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kernelOnly } from '../testing/machines.ts';
import { back, icmpError, packet, type PacketShape, quoteOf } from '../testing/packets.ts';
import { ADDRESSES, serviceNode } from '../testing/service-node.ts';

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

for (const machine of ['interpreter', 'kernel'] as const)
  for (const family of [4, 6] as const)
    describe(`a frontend without backends, IPv${family}, ${machine}`, kernelOnly(machine), () => {
      const { client, frontend } = ADDRESSES[family];
      const ports = { sourcePort: 4000, destinationPort: 80 };
      const request = (more: Partial<PacketShape> = {}): Uint8Array =>
        packet({ source: client, destination: frontend, ...ports, ...more });
      const reset = (more: Partial<PacketShape>) => {
        const addresses = { source: frontend, destination: client, sourcePort: 80, destinationPort: 4000 };
        return packet({ ...addresses, id: 0, window: 0, ...more });
      };

      const RESETS: readonly { name: string; sent: Partial<PacketShape>; answer: Partial<PacketShape> }[] = [
        {
          name: 'a SYN gets a reset that acknowledges it',
          sent: { sequence: 0xffff_ffff },
          answer: { flags: 0x14, sequence: 0, acknowledgment: 0 },
        },
        {
          name: 'a segment that acknowledges gets a reset of the number that it waits for',
          sent: { flags: 0x18, sequence: 7, acknowledgment: 0x12345678, payload: 'hello' },
          answer: { flags: 4, sequence: 0x12345678, acknowledgment: 0 },
        },
        {
          name: 'a segment that acknowledges nothing gets a reset that acknowledges all of it',
          sent: { flags: 0x09, sequence: 100, payload: 'hello' },
          answer: { flags: 0x14, sequence: 0, acknowledgment: 106 },
        },
      ];
      for (const { name, sent, answer } of RESETS)
        test(name, (t) => {
          const node = serviceNode(machine, family, { protocol: 'TCP', backends: [] });
          t.after(() => node.close());
          const asked = request(sent);
          assert.deepEqual(node.run('request', asked), { verdict: 'sent', packet: hex(back(asked, reset(answer))) });
          assert.deepEqual(node.counted(), { rejected: 1 });
        });

      test('a datagram is told that its port is unreachable', (t) => {
        const node = serviceNode(machine, family, { protocol: 'UDP', backends: [] });
        t.after(() => node.close());
        const asked = request({ protocol: 'UDP', payload: 'hi' });
        const [type, code] = family === 4 ? [3, 3] : [1, 4];
        const answer = icmpError({ source: frontend, destination: client, type, code, quote: quoteOf(asked) });
        assert.deepEqual(node.run('request', asked), { verdict: 'sent', packet: hex(back(asked, answer)) });
        assert.deepEqual(node.counted(), { rejected: 1 });
      });

      test('a reset is not answered', (t) => {
        const node = serviceNode(machine, family, { protocol: 'TCP', backends: [] });
        t.after(() => node.close());
        assert.equal(node.run('request', request({ flags: 4 })).verdict, 'dropped');
        assert.deepEqual(node.counted(), { drop_no_backend: 1 });
      });

      test('where other nodes have backends, nothing is told', (t) => {
        for (const protocol of ['TCP', 'UDP'] as const) {
          const node = serviceNode(machine, family, { protocol, backends: [], whenEmpty: 'drop' });
          t.after(() => node.close());
          assert.equal(node.run('request', request({ protocol })).verdict, 'dropped');
          assert.deepEqual(node.counted(), { drop_no_backend: 1 });
        }
      });

      test('the way back is open once there is a backend', (t) => {
        const node = serviceNode(machine, family, { protocol: 'TCP', backends: [] });
        t.after(() => node.close());
        node.run('request', request());
        node.set({ protocol: 'TCP' });
        node.run('request', request());
        assert.deepEqual(node.counted(), { forwarded_ipip: 1, rejected: 1 });
      });
    });
