import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { resolveBySystem } from './resolve-name.ts';

/** A name server that knows the address of fast.example, says of missing.example that it is not there, and is silent otherwise. */
async function nameServer() {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const isFast = query.includes('\x04fast');
    if (!isFast && !query.includes('\x07missing')) return;
    const end = query.indexOf(0, 12) + 5;
    const isIpv4 = query[end - 3] === 1;
    const answer = isFast && isIpv4 ? Buffer.from('c00c000100010000003c0004cb007109', 'hex') : Buffer.alloc(0);
    const reply = Buffer.concat([query.subarray(0, end), answer]);
    reply.writeUInt16BE(isFast ? 0x8180 : 0x8183, 2);
    reply.writeUInt16BE(answer.length > 0 ? 1 : 0, 6);
    reply.writeUInt32BE(0, 8);
    socket.send(reply, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

test('a name is resolved while the servers of many others are silent', async () => {
  const server = await nameServer();
  try {
    const resolve = resolveBySystem([`127.0.0.1:${server.address().port}`]);
    let silent = 0;
    const others = Array.from({ length: 20 }, (_, at) => resolve(`slow-${at}.example`).catch(() => silent++));
    assert.deepEqual(await resolve('fast.example'), [{ address: '203.0.113.9', family: 4 }]);
    assert.equal(silent, 0);
    await Promise.all(others);
    assert.equal(silent, 20);
  } finally {
    server.close();
  }
});

test('names that no server knows are looked for by the system', async () => {
  const server = await nameServer();
  try {
    const resolve = resolveBySystem([`127.0.0.1:${server.address().port}`]);
    assert.ok((await resolve('localhost')).some(({ address }) => address === '127.0.0.1'));
  } finally {
    server.close();
  }
});
