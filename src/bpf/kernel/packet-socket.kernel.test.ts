import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BpfError, NotSupportedError } from '../errors.ts';
import { PacketSocket } from './packet-socket.ts';

test('a packet of UDP without a connection is heard at the device that it passes', { timeout: 60_000 }, async (t) => {
  let socket: PacketSocket;
  try {
    socket = new PacketSocket('lo');
  } catch (error) {
    if (error instanceof NotSupportedError || (error instanceof BpfError && error.code === 'EPERM'))
      return t.skip(error.message);
    throw error;
  }
  const sender = createSocket('udp4');
  try {
    const text = 'heard by the one that listens to packets';
    await new Promise((resolve) => sender.send(text, 9, '127.0.0.1', resolve));
    const heard = async (): Promise<Uint8Array> => {
      for (;;) {
        const packet = socket.receive();
        if (packet !== undefined && Buffer.from(packet).includes(text)) return packet;
        if (packet === undefined) await sleep(5);
      }
    };
    const packet = await heard();
    assert.equal(packet[0]! >> 4, 4);
    assert.deepEqual([...packet.subarray(16, 20)], [127, 0, 0, 1]);
  } finally {
    sender.close();
    socket.close();
  }
});

test('packets of a device that there is not are not heard', (t) => {
  try {
    new PacketSocket('nosuchdevice');
    assert.fail('it was opened');
  } catch (error) {
    if (error instanceof NotSupportedError) return t.skip(error.message);
    assert.ok(error instanceof BpfError && error.code === 'ENODEV', String(error));
  }
});
