// How a real Envoy treats endpoints, and how many connections and requests it lets be.
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import {
  ask,
  eventually,
  freePort,
  httpListener,
  listening,
  modelOf,
  route,
  serve,
  skip,
  startEcho,
  startPlane,
} from './world.mjs';

test('endpoints and limits on a real Envoy', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t, { concurrency: 1 });
  const port = await freePort();
  const held = [];
  const echo = await startEcho(t, 'one', ({ url }, response) => {
    if (url === '/held') return (held.push(response), true);
    if (url === '/one-fails') return (response.writeHead(500).end('one'), true);
    return false;
  });
  const other = await startEcho(t, 'two');
  const served = (settings, { client, ports = [echo.port] } = {}) =>
    serve(
      world,
      modelOf({
        listeners: [httpListener(port, [route('/', 'one')], { settings: client })],
        backends: { one: { ports, settings } },
      }),
    );
  const names = async (count, path = '/') => {
    const told = [];
    for (let i = 0; i < count; i++) told.push((await ask(port, path)).json?.name ?? 'failed');
    return told;
  };
  const both = { ports: [echo.port, other.port] };

  await t.test('what is beyond a circuit breaker is refused at once', async () => {
    await served({ circuitBreaker: { maxRequests: 1, maxConnections: 1, maxPendingRequests: 1 } });
    const first = ask(port, '/held');
    await eventually(() => held.length === 1);
    const others = [ask(port, '/held'), ask(port, '/held'), ask(port, '/held')].map(
      async (asked) => (await asked).status,
    );
    // one waits for the connection, the others are too many
    const refused = await Promise.race(others);
    assert.equal(refused, 503);
    held[0].end('done');
    assert.equal((await first).status, 200);
    await eventually(() => held.length === 2);
    held[1].end('done');
    assert.deepEqual((await Promise.all(others)).sort(), [200, 503, 503]);
  });

  await t.test('an endpoint that fails too often is left out', async () => {
    await served(
      { outlierDetection: { consecutive5xx: 2, intervalMs: 100, baseEjectionMs: 60_000, maxEjectionPercent: 50 } },
      both,
    );
    await eventually(async () => (await names(4, '/one-fails')).every((name) => name === 'two'));
    assert.deepEqual(await names(6), Array(6).fill('two'));
  });

  await t.test('endpoints take turns', async () => {
    await served({ loadBalancing: { type: 'RoundRobin' } }, both);
    await eventually(async () => {
      const told = (await names(6)).join(' ');
      return told === 'one two one two one two' || told === 'two one two one two one';
    });
  });

  await t.test('the endpoint that has least to do gets the next', async () => {
    await served({ loadBalancing: { type: 'LeastRequest' } }, both);
    held.length = 0;
    const waiting = [];
    while (held.length < 3) {
      const before = held.length;
      const asked = ask(port, '/held');
      waiting.push(asked);
      await Promise.race([asked, eventually(() => held.length > before)]);
    }
    const told = await names(100);
    for (const response of held) response.end();
    await Promise.all(waiting);
    // of two that are looked at, which may be the same one twice, the less busy
    assert.ok(told.filter((name) => name === 'two').length > 50, told.join(' '));
  });

  await t.test('endpoints are chosen at random', async () => {
    await served({ loadBalancing: { type: 'Random' } }, both);
    const told = await names(60);
    assert.equal(new Set(told).size, 2);
    assert.ok(
      told.some((name, i) => name === told[i + 1]),
      'they do not take turns',
    );
  });

  await t.test('connections beyond a limit are closed', async () => {
    await served(undefined, { client: { connectionLimit: { connections: 2 } } });
    /** A connection that stays, with its first answer: none, if it is closed instead. */
    const opened = () =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: it.example\r\n\r\n'));
        socket.on('error', () => {});
        socket.once('data', () => resolve(socket)).once('close', () => resolve(undefined));
      });
    const sockets = [await eventually(opened), await eventually(opened)];
    assert.equal(await opened(), undefined);
    sockets[0].destroy();
    sockets.push(await eventually(opened));
    for (const socket of sockets) socket.destroy();
  });

  await t.test('an endpoint that does not answer as a check of TCP wants is left out', async (t2) => {
    const endpoint = (answer) =>
      listening(
        t2,
        createServer((socket) => {
          socket.on('error', () => {});
          socket.on('data', (chunk) => {
            if (chunk.toString() === 'ping') socket.write(answer);
            else socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n${answer}`);
          });
        }),
      );
    const [well, ill] = [await endpoint('pong'), await endpoint('moan')];
    const check = { type: 'TCP', send: 'ping', receive: 'pong' };
    const healthCheck = { intervalMs: 100, timeoutMs: 200, unhealthyThreshold: 1, healthyThreshold: 1, check };
    await served({ healthCheck }, { ports: [well.port, ill.port] });
    const bodies = async () => {
      const told = [];
      for (let i = 0; i < 10; i++) told.push((await ask(port, '/')).body);
      return told;
    };
    await eventually(async () => (await bodies()).every((body) => body === 'pong'));
  });

  await t.test('a line of the second version of the PROXY protocol is sent', async (t2) => {
    const seen = [];
    const raw = await listening(
      t2,
      createServer((socket) =>
        socket.on('data', (chunk) => {
          seen.push(chunk);
          // the line comes before the request, perhaps alone
          if (Buffer.concat(seen).includes('GET /')) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
        }),
      ),
    );
    await served({ proxyProtocol: 'V2' }, { ports: [raw.port], client: { proxyProtocol: 'Optional' } });
    assert.equal((await ask(port, '/')).status, 200);
    const line = Buffer.concat(seen);
    assert.equal(line.subarray(0, 12).toString('latin1'), '\r\n\r\n\0\r\nQUIT\n');
    assert.deepEqual([...line.subarray(12, 14)], [0x21, 0x11]);
    assert.equal(line.subarray(16, 20).join('.'), '127.0.0.1');
  });
});
