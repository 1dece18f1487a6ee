import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { closeServer, eventually, listen } from '../testing/world.ts';
import { Http2ServerConnection } from './http2-server.ts';
import { Sweeper } from './sweeper.ts';

/** A server of HTTP/2 whose clock is set by hand. */
async function startServer(t: TestContext) {
  let now = 0;
  const sweeper = new Sweeper(2 ** 30, () => now);
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    new Http2ServerConnection(socket, {
      sweeper,
      maxHeadBytes: 10_000,
      idleTimeoutMs: Number.POSITIVE_INFINITY,
      maxConcurrentStreams: 10,
      streamWindowBytes: 65_535,
      connectionWindowBytes: 65_535,
      onRequest: () => {},
    });
  });
  t.after(() => {
    sweeper.stop();
    for (const socket of sockets) socket.destroy();
    return closeServer(server);
  });
  const pass = (ms: number): void => {
    now += ms;
    sweeper.sweep();
  };
  return { port: await listen(server), sockets, pass };
}

test('a client that broke the protocol and stays is left after a time', async (t) => {
  const { port, sockets, pass } = await startServer(t);
  const client = connect(port, '127.0.0.1');
  t.after(() => client.destroy());
  const received: Buffer[] = [];
  client.on('data', (data: Buffer) => received.push(data));
  // the settings, and a frame that is longer than frames may be
  const frames = [0, 0, 0, 4, 0, 0, 0, 0, 0, 255, 255, 255, 0, 0, 0, 0, 0, 1];
  client.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from(frames)]));
  await eventually(() => Buffer.concat(received).includes('too large frame size'));
  assert.equal(sockets[0]!.destroyed, false);
  pass(60_000);
  assert.equal(sockets[0]!.destroyed, false);
  pass(60_000);
  await eventually(() => sockets[0]!.destroyed);
});

test('a client that is there and asks nothing stays', async (t) => {
  const { port, sockets, pass } = await startServer(t);
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  let pings = 0;
  session.on('ping', () => pings++);
  session.on('error', () => {});
  await eventually(() => sockets.length === 1 && !session.connecting);
  for (let i = 1; i <= 3; i++) {
    pass(60_000);
    await eventually(() => pings === i);
    // the answer comes after the question
    await new Promise((resolve) => session.ping(resolve));
  }
  assert.equal(sockets[0]!.destroyed, false);
});
