import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { listen } from '../testing/world.ts';
import { readClientHello } from './client-hello.ts';

/** The first flight of Node's own client. */
async function helloOf(options: {
  servername?: string;
  ALPNProtocols?: string[];
  maxVersion?: 'TLSv1.2';
}): Promise<Buffer> {
  const server = createServer();
  const port = await listen(server);
  const received = new Promise<Buffer>((resolve) => {
    server.once('connection', (socket: Socket) => {
      socket.on('error', () => {});
      socket.once('data', (chunk: Buffer) => {
        resolve(chunk);
        socket.destroy();
      });
    });
  });
  const client = connect({ port, host: '127.0.0.1', ...options });
  client.on('error', () => {});
  const hello = await received;
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
  return hello;
}

/** The same handshake in records of a size. */
function cut(hello: Buffer, size: number): Buffer {
  const payload = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const part = payload.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
}

test('a ClientHello says the server name and protocols, in TLS 1.2 and 1.3', async () => {
  const hello = await helloOf({ servername: 'Shop.Example', ALPNProtocols: ['h2', 'http/1.1'] });
  assert.deepEqual(readClientHello(hello), { type: 'tls', serverName: 'shop.example', alpn: ['h2', 'http/1.1'] });
  const old = await helloOf({ servername: 'a.example', maxVersion: 'TLSv1.2' });
  assert.deepEqual(readClientHello(old), { type: 'tls', serverName: 'a.example', alpn: [] });
  const nameless = await helloOf({});
  assert.deepEqual(readClientHello(nameless), { type: 'tls', serverName: undefined, alpn: [] });
});

test('a ClientHello is read in records of any size, and is asked to go on wherever it stops', async () => {
  const hello = await helloOf({ servername: 'shop.example' });
  for (const size of [1, 3, 7, 100, 400]) {
    const records = cut(hello, size);
    const read = readClientHello(records);
    assert.equal(read.type === 'tls' && read.serverName, 'shop.example', `records of ${size}`);
    assert.equal(readClientHello(records.subarray(0, -1)).type, 'more', `records of ${size}, without the last byte`);
  }
  for (let end = 0; end < hello.length; end++) assert.equal(readClientHello(hello.subarray(0, end)).type, 'more');
});

const noTls: readonly (readonly [string, Buffer])[] = [
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
  ['a record of application data', Buffer.from([23, 3, 1, 0, 1, 0])],
  ['a handshake that is no ClientHello', Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])],
  ['a record of another version', Buffer.from([22, 9, 1, 0, 4, 1, 0, 0, 0])],
  ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
  ['a record that is too large', Buffer.from([22, 3, 1, 255, 255])],
  ['a hello that is too large', Buffer.from([22, 3, 1, 0, 4, 1, 255, 255, 255])],
  ['an empty hello', Buffer.from([22, 3, 1, 0, 4, 1, 0, 0, 0])],
];
for (const [name, bytes] of noTls) {
  test(`${name} is no ClientHello`, () => assert.equal(readClientHello(bytes).type, 'not-tls'));
}

test('a ClientHello with any byte changed, or cut anywhere, is read without a fault', async () => {
  const hello = await helloOf({ servername: 'shop.example', ALPNProtocols: ['h2'] });
  const changes = fc.array(fc.tuple(fc.nat({ max: hello.length - 1 }), fc.nat({ max: 255 })), { maxLength: 6 });
  const property = fc.property(changes, fc.nat({ max: hello.length }), (list, end) => {
    const bytes = Buffer.from(hello);
    for (const [at, value] of list) bytes[at] = value;
    assert.ok(['more', 'tls', 'not-tls'].includes(readClientHello(bytes.subarray(0, end)).type));
  });
  fc.assert(property, { numRuns: 2000 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readClientHello(Buffer.from(bytes))));
});
