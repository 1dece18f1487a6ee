import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { routeTo } from '../testing/models.ts';
import { rawClient } from '../testing/raw.ts';
import { closeServer, eventually, listen, startWorld } from '../testing/world.ts';

const UPGRADE =
  'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n';

/** A backend that changes the protocol and sends back what it hears, in capitals; or that does not. */
async function upgrading(
  t: TestContext,
  willing: boolean,
): Promise<{ port: number; sockets: Socket[]; asked: string[] }> {
  const sockets: Socket[] = [];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(String(request.headers.upgrade));
    response.end('no');
  });
  if (willing) {
    server.on('upgrade', (request, socket: Socket, head: Buffer) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.on('end', () => socket.end());
      const key = request.headers['sec-websocket-key'];
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Key: ${key}\r\n\r\nHELLO`,
      );
      const answer = (chunk: Buffer) => socket.write(chunk.toString().toUpperCase());
      if (head.length > 0) answer(head);
      socket.on('data', answer);
    });
  }
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    return closeServer(server);
  });
  return { port: await listen(server), sockets, asked };
}

test('a connection changes to WebSocket, and goes both ways from then on, also what was said early', async (t) => {
  const backend = await upgrading(t, true);
  const { port } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [{ name: 'a', protocol: 'WebSocket', ports: [backend.port] }],
  });
  const client = rawClient(t, port);
  client.send(`${UPGRADE}early`);
  const head = await client.until('\r\n\r\n');
  assert.match(head, /^HTTP\/1.1 101 Switching Protocols\r\n/);
  assert.match(head, /connection: upgrade\r\nupgrade: websocket\r\n/);
  assert.match(head, /x-key: k\r\n/);
  await client.until('HELLO');
  await client.until('EARLY');
  client.send('more');
  await client.until('MORE');
  backend.sockets[0]!.end('bye');
  assert.equal(await client.end(), 'bye');
});

test('a client that ends a WebSocket ends that of the backend', async (t) => {
  const backend = await upgrading(t, true);
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend.port] }] });
  const client = rawClient(t, port);
  client.send(UPGRADE);
  await client.until('HELLO');
  client.socket.destroy();
  await eventually(() => backend.sockets[0]!.destroyed);
});

test('a backend that does not change the protocol answers, and the connection goes on', async (t) => {
  const backend = await upgrading(t, false);
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend.port] }] });
  const client = rawClient(t, port);
  for (let i = 0; i < 2; i++) {
    client.send(UPGRADE);
    assert.match(await client.until('\r\n\r\n'), /^HTTP\/1.1 200 OK/);
    await client.until('no');
  }
  assert.deepEqual(backend.asked, ['websocket', 'websocket']);
});

test('a change to another protocol is not passed on', async (t) => {
  const backend = await upgrading(t, false);
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend.port] }] });
  const client = rawClient(t, port);
  client.send(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n',
  );
  assert.match(await client.until('no'), /^HTTP\/1.1 200 OK/);
  assert.deepEqual(backend.asked, ['undefined']);
});
