import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import { test } from 'node:test';
import { EmbeddedDataPlane } from './embedded-data-plane.ts';
import { endpointsOf, type ModelParts, modelOf, routeOf, routeTo } from './testing/models.ts';
import { unsupportedOf } from './unsupported.ts';
import { ask, startBackend, startWorld } from './testing/world.ts';

test('a request goes to the backend of its route, and is told where it came from', async (t) => {
  const a = await startBackend(t, 'a');
  const b = await startBackend(t, 'b');
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { prefix: '/a' }), routeTo('b')],
    backends: [
      { name: 'a', ports: [a] },
      { name: 'b', ports: [b] },
    ],
  });
  const { status, echo } = await ask(port, '/a/x?y=1', { headers: { host: 'shop.example:81' } });
  assert.deepEqual([status, echo.server, echo.url, echo.method], [200, 'a', '/a/x?y=1', 'GET']);
  assert.equal(echo.headers.host, 'shop.example:81');
  assert.equal(echo.headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(echo.headers['x-forwarded-proto'], 'http');
  assert.match(String(echo.headers['x-request-id']), /^[0-9a-f-]{36}$/);
  assert.equal((await ask(port, '/', { method: 'POST', body: 'hello' })).echo.body, 'hello');
});

test('what no route has is answered with 404, and what has no backend with 500', async (t) => {
  const { port } = await startWorld(t, {
    routes: [
      routeTo('none', { prefix: '/gone' }),
      routeOf({ prefix: '/direct' }, { type: 'direct', statusCode: 418, body: 'tea' }),
    ],
  });
  assert.equal((await ask(port, '/')).status, 404);
  assert.equal((await ask(port, '/gone')).status, 500);
  const { status, body } = await ask(port, '/direct');
  assert.deepEqual([status, body], [418, 'tea']);
});

test('no request fails while endpoints, routes and policies change under it', async (t) => {
  const ports = [await startBackend(t, 'a'), await startBackend(t, 'a'), await startBackend(t, 'a')];
  const forward = { retry: { attempts: 1, codes: [503], connectionErrors: true, backendTimeouts: false } };
  const parts = (i: number): ModelParts => ({
    routes: [
      ...(i % 3 === 0 ? [routeTo('a', { prefix: `/new-${i}` })] : []),
      routeTo('a', i % 2 === 0 ? {} : { forward }),
    ],
    backends: [{ name: 'a', ports: [ports[i % 3]!, ports[(i + 1) % 3]!], ...(i % 5 === 0 && { settings: {} }) }],
  });
  const { port, update, plane } = await startWorld(t, parts(0));
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  t.after(() => agent.destroy());
  const statuses = new Set<number>();
  let done = 0;
  const client = async (): Promise<void> => {
    for (let i = 0; i < 100; i++, done++) statuses.add(await statusOf(agent, port));
  };
  const clients = Promise.all([client(), client(), client(), client()]);
  let over = false;
  const ended = clients.finally(() => (over = true));
  for (let i = 1; !over; i++) {
    if (i % 2 === 0) update(parts(i));
    else plane.updateEndpoints([endpointsOf({ name: 'a', ports: [ports[i % 3]!] })]);
    await new Promise(setImmediate);
  }
  await ended;
  assert.deepEqual([...statuses], [200]);
});

/** The status of a request on a connection that is kept, with all of its answer. */
function statusOf(agent: Agent, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ agent, port, host: '127.0.0.1' }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode!));
    }).on('error', reject);
  });
}

test('what it cannot do is named, with where that is asked for', () => {
  const plane = new EmbeddedDataPlane();
  const model = modelOf({
    settings: { http3: true, proxyProtocol: 'Required' },
    routes: [routeTo('a', { settings: { jwt: { providers: [] }, compression: ['Gzip', 'Zstd'] } })],
    backends: [{ name: 'a', ports: [], settings: { http2: {}, bufferBytes: 1, proxyProtocol: 'V1' } }],
  });
  const messages = plane.unsupported(model).map(({ source, message }) => `${source.kind}: ${message}`);
  const without = 'is not supported by the embedded data plane, which serves it without; use Envoy for it';
  assert.deepEqual(messages, [
    `Gateway: HTTP/3 ${without}`,
    `HTTPRoute: Compression by Zstandard ${without}`,
    `HTTPRoute: A setting of HTTP/2 to backends ${without}`,
    `HTTPRoute: A size of buffers to backends ${without}`,
    `HTTPRoute: The PROXY protocol to backends of HTTP ${without}`,
  ]);
  assert.deepEqual(plane.unsupported(modelOf({ routes: [routeTo('a')], backends: [{ name: 'a', ports: [] }] })), []);
  assert.deepEqual([...plane.supportedFeatures], [...plane.supportedFeatures].sort());
  return plane.close();
});

test('limits that each process has for itself are named where there are several', () => {
  const model = modelOf({
    settings: { connectionLimit: { connections: 5 } },
    routes: [routeTo('a', { settings: { localRateLimits: [{ requests: 1, per: 'Second' }] } })],
    backends: [{ name: 'a', ports: [], settings: { circuitBreaker: { maxConnections: 1 } } }],
  });
  const told = 'holds for each of 3 processes; use --concurrency 1, or Envoy, for one of all';
  assert.deepEqual(
    unsupportedOf(model, 3).map(({ source, message }) => `${source.kind}: ${message}`),
    [
      `Gateway: A limit of connections ${told}`,
      `HTTPRoute: A local rate limit ${told}`,
      `HTTPRoute: A circuit breaker ${told}`,
    ],
  );
  assert.deepEqual(unsupportedOf(model), []);
});

test('no number of processes but a whole one is taken', () => {
  for (const concurrency of [0, -1, 1.5, Number.NaN])
    assert.throws(() => new EmbeddedDataPlane({ concurrency }), RangeError);
});
