import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { LISTENER, modelOf, routeTo } from '../testing/models.ts';
import { type RawClient, rawClient } from '../testing/raw.ts';
import { standStill } from '../testing/stand-still.ts';
import { ask, closeServer, eventually, listen, startBackend, startWorld, type World } from '../testing/world.ts';

/** A data plane before a backend that echoes, and a connection to it. */
async function echoing(t: TestContext, settings = {}): Promise<World & { readonly client: RawClient }> {
  const backend = await startBackend(t, 'a');
  const world = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend] }], settings });
  return { ...world, client: rawClient(t, world.port) };
}

/** A backend that is a socket: it hears of each connection. */
async function rawBackend(t: TestContext, onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    return closeServer(server);
  });
  return listen(server);
}

test('requests of one connection use one connection to the backend', async (t) => {
  let connections = 0;
  const backend = await rawBackend(t, (socket) => {
    connections++;
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
  });
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend] }] });
  const client = rawClient(t, port);
  for (let i = 0; i < 5; i++) {
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until('\r\n\r\nok');
  }
  assert.equal(connections, 1);
});

test('requests that are sent ahead are answered in their order', async (t) => {
  const { client } = await echoing(t);
  client.send(
    'POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi' +
      'POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n\r\n' +
      'GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  const all = await client.end();
  const urls = [...all.matchAll(/"url":"(\/\d)".*?"body":"(.*?)"/g)].map(([, url, body]) => `${url} ${body}`);
  assert.deepEqual(urls, ['/1 hi', '/2 x', '/3 ']);
});

test('a request that comes byte by byte is a request', async (t) => {
  const { client } = await echoing(t);
  for (const byte of 'POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc') {
    client.send(byte);
    await new Promise(setImmediate);
  }
  assert.match(await client.until('"body":"abc"'), /"url":"\/slow"/);
});

test('a client that waits to be told is told to send its body', async (t) => {
  const { client } = await echoing(t);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n');
  await client.until('HTTP/1.1 100 Continue\r\n\r\n');
  client.send('abc');
  assert.doesNotMatch(await client.until('"body":"abc"'), /expect/);
});

const refused: readonly (readonly [string, string, number])[] = [
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde', 400],
  ['another coding', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n', 501],
  ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\n\r\n', 426],
  ['no HTTP at all', '\x16\x03\x01\r\n\r\n', 400],
  ['a head that is too large', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(70_000)}`, 431],
  ['chunks that are none', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
];
for (const [name, bytes, status] of refused) {
  test(`a connection with ${name} is answered with ${status}, and ends`, async (t) => {
    const { client } = await echoing(t);
    client.send(`${bytes}`);
    const answer = await client.end();
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
    assert.equal(answer.match(/HTTP\/1.1/g)?.length, 1);
  });
}

test('HTTP/1.0 is taken where it is allowed, and its connection ends with the answer', async (t) => {
  const { client } = await echoing(t, { http1: { http10: { defaultHost: 'shop.example' } } });
  client.send('GET /old HTTP/1.0\r\n\r\n');
  assert.match(await client.end(), /"host":"shop.example"/);
});

test('a head that takes too long is answered with 408', async (t) => {
  const { client } = await echoing(t, { requestHeadersTimeoutMs: 60 });
  client.send('GET / HTTP/1.1\r\nHost: a\r\n');
  assert.match(await client.end(), /^HTTP\/1.1 408 /);
});

test('a body that takes too long is answered with 408', async (t) => {
  const { client } = await echoing(t, { requestTimeoutMs: 60 });
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
  assert.match(await client.end(), /^HTTP\/1.1 408 /);
});

test('a connection that is idle for too long is closed', async (t) => {
  const { client } = await echoing(t, { idleTimeoutMs: 500 });
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.match(await client.end(), /^HTTP\/1.1 200 /);
});

test('what came in time is not late because the process was busy with something else', async (t) => {
  const { client } = await echoing(t, { idleTimeoutMs: 1000 });
  client.send('GET /first HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until('"body":""}');
  client.send('GET /second HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  standStill(1500);
  assert.match(await client.end(), /"url":"\/second"/);
});

test('a client that goes ends its request at the backend', async (t) => {
  const seen = { begun: false, gone: false };
  const backend = await rawBackend(t, (socket) => {
    socket.on('data', () => (seen.begun = true));
    socket.on('close', () => (seen.gone = true));
  });
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend] }] });
  const client = rawClient(t, port);
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => seen.begun);
  client.socket.destroy();
  await eventually(() => seen.gone);
});

test('an answer that breaks off breaks off for the client, too', async (t) => {
  const backend = await rawBackend(t, (socket) => {
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', () => socket.destroy()));
  });
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend] }] });
  await assert.rejects(ask(port, '/'), /aborted|ECONNRESET|socket hang up/);
});

test('an answer without a length ends with its connection, and is sent in chunks', async (t) => {
  const backend = await rawBackend(t, (socket) => {
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'));
  });
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend] }] });
  const { body, headers } = await ask(port, '/');
  assert.deepEqual([body, headers['transfer-encoding']], ['all of it', 'chunked']);
});

const nonsense: readonly (readonly [string, string, number])[] = [
  ['no HTTP', 'hello\r\n\r\n', 502],
  ['a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 502],
  [
    'a protocol that nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
    502,
  ],
  ['nothing, and ends', '', 503],
];
for (const [name, bytes, status] of nonsense) {
  test(`a backend that answers ${name} is answered for with ${status}`, async (t) => {
    const backend = await rawBackend(t, (socket) => socket.on('data', () => socket.end(bytes)));
    const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend] }] });
    assert.equal((await ask(port, '/')).status, status);
  });
}

test('what a backend says after its answer is not taken for the next', async (t) => {
  let connections = 0;
  const one = 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n';
  const backend = await rawBackend(t, (socket) => {
    const number = ++connections;
    socket.on('data', () => socket.write(`${one}${number}${number === 1 ? `${one}!` : ''}`));
  });
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend] }] });
  const client = rawClient(t, port);
  for (const expected of ['1', '2']) {
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal((await client.until(`\r\n\r\n${expected}`)).at(-1), expected);
  }
});

test('what HEAD is answered has a length and no body, and 204 has neither', async (t) => {
  const backend = await startBackend(t, 'a', (request, response) => {
    if (request.url === '/none') response.writeHead(204).end();
    else response.setHeader('content-length', '5').end(request.method === 'HEAD' ? undefined : 'hello');
  });
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend] }] });
  const client = rawClient(t, port);
  client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.match(await client.until('\r\n\r\n'), /content-length: 5\r\n/);
  client.send('GET /none HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.doesNotMatch(await client.until('\r\n\r\n'), /content-length|transfer-encoding/);
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until('\r\n\r\nhello');
});

test('a client that does not read holds its backend back, and gets all when it does', async (t) => {
  const size = 64 * 1024 * 1024;
  let sent = 0;
  const backend = await startBackend(t, 'a', (_request, response) => {
    const block = Buffer.alloc(65_536, 'x');
    const more = (): void => {
      while (sent < size) {
        sent += block.length;
        if (!response.write(block)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  });
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend] }] });
  const client = rawClient(t, port);
  let bytes = 0;
  client.socket.removeAllListeners('data');
  client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  client.socket.pause();
  let before = -1;
  // it stands still: buffers are full, and all of it would not fit into them
  await eventually(async () => {
    const still = sent > 0 && sent === before;
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 30));
    return still;
  });
  assert.ok(sent < size, `${sent} bytes went out to nobody`);
  client.socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  client.socket.resume();
  await client.end();
  assert.ok(bytes > size);
});

test('a backend that does not read holds its client back', async (t) => {
  const backend = await rawBackend(t, (socket) => socket.pause());
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [backend] }] });
  const client = rawClient(t, port);
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${2 ** 30}\r\n\r\n`);
  const block = Buffer.alloc(1_048_576);
  let sent = 0;
  while (client.socket.write(block) || (await drains(client.socket))) sent++;
  assert.ok(sent < 200, `${sent} MiB went out to nobody`);
});

/** Whether a socket goes on, within the time that loopback needs many times over. */
function drains(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 300);
    socket.once('drain', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

test('a connection that stays meets a new model at its next request, and ends when its listener goes', async (t) => {
  const { client, plane, update } = await echoing(t);
  client.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until('"body":""}');
  update({ routes: [routeTo('a', { prefix: '/other' })], backends: [] });
  client.send('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.match(await client.until('\r\n\r\n'), /^HTTP\/1.1 404 /);
  plane.update({ ...modelOf({}), gateways: [] });
  assert.equal(await client.end(), '');
  assert.equal(plane.portOf(LISTENER), undefined);
});

test('what asks for no path has no route: CONNECT, and a star', async (t) => {
  const { port } = await echoing(t);
  for (const line of ['CONNECT a:443 HTTP/1.1', 'OPTIONS * HTTP/1.1']) {
    const client = rawClient(t, port);
    client.send(`${line}\r\nHost: a\r\n\r\n`);
    assert.match(await client.until('\r\n\r\n'), /^HTTP\/1\.1 404 /);
  }
});

test('a timeout of zero is none: who waits before its first byte is served', async (t) => {
  const { client, port } = await echoing(t, { requestHeadersTimeoutMs: 0 });
  for (let i = 0; i < 3; i++) await ask(port, '/');
  client.send('GET /late HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.match(await client.end(), /"url":"\/late"/);
});
