import assert from 'node:assert/strict';
import { connect, createServer, type IncomingHttpHeaders } from 'node:http2';
import { createServer as createTcp, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { routeTo } from '../testing/models.ts';
import { rawClient } from '../testing/raw.ts';
import { closeServer, listen, startWorld } from '../testing/world.ts';

/** A backend of HTTP/2 that tells what headers and trailers it got. */
async function http2Backend(t: TestContext): Promise<number> {
  const server = createServer();
  const open = new Set<{ destroy(): void }>();
  server.on('session', (session) => open.add(session));
  server.on('stream', (stream, headers) => {
    let trailers: IncomingHttpHeaders = {};
    stream.on('trailers', (one) => (trailers = one));
    stream.on('error', () => {});
    stream.on('end', () => {
      stream.respond({ ':status': 200 });
      stream.end(`headers ${Object.keys(headers).join(' ')}, trailers ${Object.keys(trailers).join(' ')}`);
    });
    stream.resume();
  });
  t.after(() => {
    for (const session of open) session.destroy();
    return closeServer(server);
  });
  return listen(server);
}

/** A backend of HTTP/1.1 that answers everything with the same bytes. */
async function answering(t: TestContext, answer: string): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcp((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => socket.write(answer));
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    return closeServer(server);
  });
  return listen(server);
}

/** Asks by HTTP/2; undefined: the stream was reset. */
function askHttp2(t: TestContext, port: number): Promise<{ headers: IncomingHttpHeaders; body: string } | undefined> {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => {});
  t.after(() => session.destroy());
  return new Promise((resolve) => {
    const stream = session.request({ ':path': '/', ':authority': 'a' });
    let headers: IncomingHttpHeaders = {};
    let body = '';
    stream.on('response', (one) => (headers = one));
    stream.on('data', (chunk: Buffer) => (body += chunk));
    stream.on('error', () => {});
    stream.on('close', () => resolve(stream.rstCode === 0 ? { headers, body } : undefined));
  });
}

test('what is about a connection of HTTP/1.1 does not go to a backend of HTTP/2, not in trailers either', async (t) => {
  const backend = await http2Backend(t);
  const { port } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [{ name: 'a', protocol: 'H2C', ports: [backend] }],
  });
  const client = rawClient(t, port);
  client.send(
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n' +
      '2\r\nhi\r\n0\r\nKeep-Alive: x\r\nConnection: close\r\nTE: gzip\r\nX-Last: 1\r\n\r\n',
  );
  const answer = await client.until('trailers x-last');
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.doesNotMatch(answer, /http2-settings/);
});

test('nor does what is about a connection of a backend of HTTP/1.1 go to a client of HTTP/2', async (t) => {
  const backend = await answering(
    t,
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nhttp2-settings: x\r\nx-one: 1\r\n\r\n' +
      '2\r\nhi\r\n0\r\nKeep-Alive: x\r\nUpgrade: y\r\n\r\n',
  );
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend] }] });
  const answer = await askHttp2(t, port);
  assert.deepEqual([answer?.body, answer?.headers['x-one'], answer?.headers['http2-settings']], ['hi', '1', undefined]);
});

test('a status that is none resets a stream of HTTP/2, and nothing else', async (t) => {
  const backend = await answering(t, 'HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n');
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend] }] });
  assert.equal(await askHttp2(t, port), undefined);
  const client = rawClient(t, port);
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until('HTTP/1.1 999');
});
