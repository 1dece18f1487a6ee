import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { freePort } from '../../../../tools/free-ports.mjs';
import type { BackendSettings, Retry } from '../../model/index.ts';
import { endpointsOf, forwardTo, routeOf, routeTo, SOURCE } from '../testing/models.ts';
import { rawClient } from '../testing/raw.ts';
import { ask, eventually, startBackend, startWorld } from '../testing/world.ts';

const RETRY: Retry = { attempts: 2, backoffMs: 1, codes: [], connectionErrors: false, backendTimeouts: false };

/** A backend that answers the statuses one after the other, the last one for ever; 0 is no answer, -1 a broken connection. */
async function failing(t: TestContext, statuses: readonly number[]): Promise<{ port: number; requests: string[] }> {
  const requests: string[] = [];
  const port = await startBackend(t, 'a', (_request, response, body) => {
    const status = statuses[Math.min(requests.length, statuses.length - 1)]!;
    requests.push(body);
    if (status === -1) response.socket?.destroy();
    else if (status !== 0) response.writeHead(status).end(`attempt ${requests.length}`);
  });
  return { port, requests };
}

test('headers are changed on the way to the backend, by the route and then by the backendRef, and on the way back', async (t) => {
  const a = await startBackend(t, 'a', (request, response) => {
    response.setHeader('x-secret', 'from the backend');
    response.end(JSON.stringify(request.headers));
  });
  const filters = {
    requestHeaders: { set: [{ name: 'x-who', value: 'ref' }] },
    responseHeaders: { add: [{ name: 'X-Ref', value: '1' }] },
  };
  const { port } = await startWorld(t, {
    routes: [
      routeTo('a', {
        requestHeaders: { set: [{ name: 'X-Who', value: 'route' }], remove: ['X-Gone'] },
        responseHeaders: { remove: ['X-Secret'], set: [{ name: 'x-route', value: '2' }] },
        forward: { backends: [{ weight: 1, backend: 'a', source: SOURCE, filters }] },
      }),
    ],
    backends: [{ name: 'a', ports: [a] }],
  });
  const { body, headers } = await ask(port, '/', { headers: { 'x-gone': '1', 'x-stays': '2' } });
  const seen = JSON.parse(body);
  assert.deepEqual([seen['x-who'], seen['x-gone'], seen['x-stays']], ['ref', undefined, '2']);
  assert.deepEqual([headers['x-ref'], headers['x-route'], headers['x-secret']], ['1', '2', undefined]);
});

test('characters of the model end no line, in a header or a location', async (t) => {
  const value = '/\u010d\u010aX-Evil: 1\u010d\u010a';
  const path = { type: 'ReplaceFullPath', value } as const;
  const a = await startBackend(t, 'a');
  const { port } = await startWorld(t, {
    routes: [
      routeTo('a', { prefix: '/a', requestHeaders: { set: [{ name: 'x-one', value }] } }),
      routeOf({ prefix: '/b' }, { type: 'redirect', statusCode: 302, path }),
    ],
    backends: [{ name: 'a', ports: [a] }],
  });
  const bytes = Buffer.from(value).toString('latin1');
  const { echo } = await ask(port, '/a');
  assert.deepEqual([echo.headers['x-one'], echo.headers['x-evil']], [bytes, undefined]);
  const { headers } = await ask(port, '/b');
  assert.deepEqual([headers.location, headers['x-evil']], [`http://127.0.0.1${bytes}`, undefined]);
});

test('a path and a host are rewritten, and the query stays', async (t) => {
  const a = await startBackend(t, 'a');
  const prefix = { type: 'ReplacePrefixMatch', value: '/new' } as const;
  const { port } = await startWorld(t, {
    routes: [
      routeTo('a', { prefix: '/old', forward: { rewrite: { hostname: 'inside.example', path: prefix } } }),
      routeTo('a', { forward: { rewrite: { path: { type: 'ReplaceFullPath', value: '/all' } } } }),
    ],
    backends: [{ name: 'a', ports: [a] }],
  });
  const { echo } = await ask(port, '/old/x?y=1');
  assert.deepEqual([echo.url, echo.headers.host], ['/new/x?y=1', 'inside.example']);
  assert.equal((await ask(port, '/other')).echo.url, '/all');
});

test('a client is redirected, by the route or by the backendRef', async (t) => {
  const redirect = { type: 'redirect', statusCode: 302, scheme: 'https', hostname: 'b.example' } as const;
  const filters = { redirect: { ...redirect, statusCode: 307, port: 8443 } };
  const { port } = await startWorld(t, {
    routes: [
      routeOf({ prefix: '/r' }, redirect),
      routeTo('a', { forward: { backends: [{ weight: 1, backend: 'a', source: SOURCE, filters }] } }),
    ],
  });
  const byRoute = await ask(port, '/r/x?y=1');
  assert.deepEqual([byRoute.status, byRoute.headers.location], [302, 'https://b.example/r/x?y=1']);
  const byRef = await ask(port, '/x');
  assert.deepEqual([byRef.status, byRef.headers.location], [307, 'https://b.example:8443/x']);
});

test('weights are kept, and the share of what is invalid is answered with 500', async (t) => {
  const a = await startBackend(t, 'a');
  const b = await startBackend(t, 'b');
  const backends = [
    { weight: 3, backend: 'a', source: SOURCE },
    { weight: 1, backend: 'b', source: SOURCE },
    { weight: 1, invalid: 'there is no such Service', source: SOURCE },
  ];
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { forward: { backends } })],
    backends: [
      { name: 'a', ports: [a] },
      { name: 'b', ports: [b] },
    ],
  });
  const count: Record<string, number> = {};
  for (let i = 0; i < 20; i++) {
    const answer = await ask(port, '/');
    const who = answer.status === 500 ? '500' : answer.echo.server;
    count[who] = (count[who] ?? 0) + 1;
  }
  assert.deepEqual(count, { a: 12, b: 4, 500: 4 });
});

test('a mirror gets all of the requests that its fraction says, with their bodies, and nobody hears of its answer', async (t) => {
  const seen: string[] = [];
  const a = await startBackend(t, 'a');
  const m = await startBackend(t, 'm', (request, response, body) => {
    seen.push(`${request.method} ${request.url} ${body}`);
    response.writeHead(500).end();
  });
  const mirror = (backend: string, parts = {}) => ({ backend, source: SOURCE, ...parts });
  const mirrors = [mirror('m', { fraction: { numerator: 1, denominator: 2 } }), mirror('gone'), mirror('dead')];
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { mirrors })],
    backends: [
      { name: 'a', ports: [a] },
      { name: 'm', ports: [m] },
      { name: 'dead', ports: [await freePort()] },
    ],
  });
  for (let i = 0; i < 4; i++) {
    assert.equal((await ask(port, `/${i}`, { method: 'POST', body: `body ${i}` })).echo.body, `body ${i}`);
  }
  await eventually(() => seen.length === 2);
  assert.deepEqual(seen.sort(), ['POST /1 body 1', 'POST /3 body 3']);
});

test('a mirror that nobody waits for any more leaves the connection to the next', async (t) => {
  const seen: string[] = [];
  const connections = new Set<unknown>();
  let answerFirst = (): void => {};
  const a = await startBackend(t, 'a');
  const m = await startBackend(t, 'm', (request, response) => {
    seen.push(request.url!);
    connections.add(request.socket);
    if (request.url === '/first') answerFirst = () => void response.end();
    else response.end();
  });
  const settings = { circuitBreaker: { maxConnections: 1 } };
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { mirrors: [{ backend: 'm', source: SOURCE }] })],
    backends: [
      { name: 'a', ports: [a] },
      { name: 'm', ports: [m], settings },
    ],
  });
  await ask(port, '/first');
  await eventually(() => seen.length === 1);
  const leaving = rawClient(t, port);
  leaving.send('POST /second HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n');
  await leaving.until('100 Continue');
  leaving.send('no chunk\r\n');
  await leaving.until(' 400 ');
  await ask(port, '/third');
  answerFirst();
  await eventually(() => seen.includes('/third'));
  assert.equal(connections.size, 1);
});

test('a mirror that does not answer has as long as the request has, and leaves no connection behind', async (t) => {
  let asked = 0;
  let closed = 0;
  const a = await startBackend(t, 'a');
  const m = await startBackend(t, 'm', (request) => {
    asked++;
    request.socket.once('close', () => closed++);
  });
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { forward: { requestTimeoutMs: 20 }, mirrors: [{ backend: 'm', source: SOURCE }] })],
    backends: [
      { name: 'a', ports: [a] },
      { name: 'm', ports: [m] },
    ],
  });
  // where this machine has something else to do the time is over before a mirror, or the backend, was asked at all
  await eventually(async () => {
    const { status } = await ask(port, '/', { method: 'POST', body: 'all of it' });
    assert.ok(status === 200 || status === 504);
    return asked > 0;
  });
  await eventually(() => closed === asked);
});

const retries: readonly (readonly [string, readonly number[], Partial<Retry>, number, number])[] = [
  ['a status that is to be tried again is, until it is good', [503, 503, 200], { codes: [503] }, 200, 3],
  ['attempts end, and the last answer counts', [503], { codes: [503] }, 503, 3],
  ['a status that is not named is not tried again', [500, 200], { codes: [503] }, 500, 1],
  ['a broken connection is tried again where that is asked for', [-1, 200], { connectionErrors: true }, 200, 2],
  ['a broken connection is not tried again where it is not', [-1, 200], { codes: [503] }, 503, 1],
  [
    'an attempt that takes too long is tried again where that is asked for',
    [0, 200],
    { backendTimeouts: true },
    200,
    2,
  ],
  ['an attempt that takes too long is answered with 504 where it is not', [0, 200], {}, 504, 1],
];
test('where a policy allows no more retries the answer is 503', async (t) => {
  let asked = 0;
  const a = await startBackend(t, 'a', (_request, response) => {
    asked++;
    response.writeHead(502).end();
  });
  const source = { kind: 'XBackendTrafficPolicy', namespace: 'default', name: 'p' };
  const minimum = { count: 2, intervalMs: 3_600_000 };
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { forward: { retry: { ...RETRY, codes: [502], attempts: 5, backoffMs: 1 } } })],
    backends: [
      { name: 'a', ports: [a], settings: { retryBudget: { source, percent: 0, intervalMs: 10_000, minimum } } },
    ],
  });
  assert.deepEqual([(await ask(port, '/')).status, asked], [503, 3]);
  assert.deepEqual([(await ask(port, '/')).status, asked], [503, 4]);
});

for (const [name, statuses, retry, status, attempts] of retries) {
  test(name, async (t) => {
    const { port: backend, requests } = await failing(t, statuses);
    // the attempt after it needs less than that on a machine that is not very busy
    const backendTimeoutMs = statuses.includes(0) ? 800 : 0;
    const { port } = await startWorld(t, {
      routes: [routeTo('a', { forward: { backendTimeoutMs, retry: { ...RETRY, ...retry } } })],
      backends: [{ name: 'a', ports: [backend] }],
    });
    const answer = await ask(port, '/', { method: 'POST', body: 'twice' });
    const mayBeMore = retry.backendTimeouts === true && requests.length > attempts;
    const expected = Array(mayBeMore ? attempts + 1 : attempts).fill('twice');
    assert.deepEqual([answer.status, requests], [status, expected]);
  });
}

test('a request that takes too long in all is answered with 504, whatever is left of attempts', async (t) => {
  const { port: backend } = await failing(t, [0]);
  const forward = {
    requestTimeoutMs: 60,
    backendTimeoutMs: 20,
    retry: { ...RETRY, attempts: 1000, backendTimeouts: true },
  };
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { forward })],
    backends: [{ name: 'a', ports: [backend] }],
  });
  const { status, body } = await ask(port, '/');
  assert.deepEqual([status, body], [504, 'upstream request timeout']);
});

test('a body that is too large to be kept is sent once', async (t) => {
  const { port: backend, requests } = await failing(t, [503, 200]);
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { forward: { retry: { ...RETRY, codes: [503] } } })],
    backends: [{ name: 'a', ports: [backend] }],
    settings: { bufferBytes: 1000 },
  });
  const body = 'x'.repeat(5000);
  assert.equal((await ask(port, '/', { method: 'POST', body })).status, 503);
  assert.deepEqual(requests, [body]);
});

test('an endpoint that takes no connection is left for another, also with a body', async (t) => {
  const a = await startBackend(t, 'a');
  const { port } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [{ name: 'a', ports: [await freePort(), a, await freePort()] }],
  });
  for (let i = 0; i < 6; i++) {
    assert.equal((await ask(port, '/', { method: 'POST', body: `${i}` })).echo.body, `${i}`);
  }
});

test('without an endpoint, or with none that takes a connection, the answer is 503', async (t) => {
  const { port } = await startWorld(t, {
    routes: [routeTo('none', { prefix: '/none' }), routeTo('dead')],
    backends: [
      { name: 'none', ports: [] },
      { name: 'dead', ports: [await freePort()] },
    ],
  });
  const none = await ask(port, '/none');
  assert.deepEqual([none.status, none.body], [503, 'no healthy upstream']);
  assert.equal((await ask(port, '/')).status, 503);
});

test('an endpoint that ends gets nothing while another is ready, and all when none is', async (t) => {
  const a = await startBackend(t, 'a');
  const b = await startBackend(t, 'b');
  const backend = { name: 'a', ports: [a], draining: [b] };
  const { port, plane } = await startWorld(t, { routes: [routeTo('a')], backends: [backend] });
  const servers = new Set<string>();
  for (let i = 0; i < 4; i++) servers.add((await ask(port, '/')).echo.server);
  assert.deepEqual([...servers], ['a']);
  plane.updateEndpoints([endpointsOf({ ...backend, ports: [] })]);
  assert.equal((await ask(port, '/')).echo.server, 'b');
});

test('an endpoint that is gone is asked no more, and what it was asked is answered', async (t) => {
  const held: (() => void)[] = [];
  const a = await startBackend(t, 'a', (_request, response) => held.push(() => response.end('late')));
  const b = await startBackend(t, 'b');
  const { port, plane } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [a] }] });
  const late = ask(port, '/');
  await eventually(() => held.length === 1);
  plane.updateEndpoints([endpointsOf({ name: 'a', ports: [b] })]);
  assert.equal((await ask(port, '/')).echo.server, 'b');
  held[0]!();
  assert.equal((await late).body, 'late');
});

/** Which of two backends each of some requests gets, by settings. */
async function spread(
  t: TestContext,
  settings: BackendSettings,
  headers: readonly Record<string, string>[],
): Promise<string[]> {
  const ports = [await startBackend(t, 'a'), await startBackend(t, 'b'), await startBackend(t, 'c')];
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports, settings }] });
  const servers: string[] = [];
  for (const one of headers) servers.push((await ask(port, '/', { headers: one })).echo.server);
  return servers;
}

test('endpoints have their turns', async (t) => {
  const servers = await spread(t, {}, Array(6).fill({}));
  assert.deepEqual([...servers].sort(), ['a', 'a', 'b', 'b', 'c', 'c']);
  assert.deepEqual(servers.slice(0, 3), servers.slice(3));
});

test('the same key goes to the same endpoint', async (t) => {
  const by = { type: 'Header', name: 'x-user' } as const;
  // where each is depends on the ports: of eight users all would be at one of the three in 2,187 runs
  const users = Array.from({ length: 32 }, (_, i) => `u${i}`);
  const twice = [...users, ...users].map((user) => ({ 'x-user': user }));
  const servers = await spread(t, { loadBalancing: { type: 'ConsistentHash', by } }, twice);
  assert.deepEqual(servers.slice(0, 32), servers.slice(32));
  assert.ok(new Set(servers).size > 1);
});

test('a session goes to its endpoint', async (t) => {
  const ports = [await startBackend(t, 'a'), await startBackend(t, 'b'), await startBackend(t, 'c')];
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { forward: { sessionPersistence: { type: 'Cookie', name: 'sid' } } })],
    backends: [{ name: 'a', ports }],
  });
  const first = await ask(port, '/');
  const cookie = first.headers['set-cookie']![0]!.split(';')[0]!;
  for (let i = 0; i < 4; i++) {
    const next = await ask(port, '/', { headers: { cookie } });
    assert.deepEqual([next.echo.server, next.headers['set-cookie']], [first.echo.server, undefined]);
  }
});

test('an endpoint that fails often in a row is left out for a while', async (t) => {
  const { port: bad, requests } = await failing(t, [500]);
  const good = await startBackend(t, 'good');
  const settings = { outlierDetection: { consecutive5xx: 2, maxEjectionPercent: 50 } };
  const { port } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [{ name: 'a', ports: [bad, good], settings }],
  });
  for (let i = 0; i < 12; i++) await ask(port, '/');
  assert.equal(requests.length, 2);
});

test('more requests than a backend may have are answered with 503', async (t) => {
  const { port: backend, requests } = await failing(t, [0]);
  const settings = { circuitBreaker: { maxRequests: 1 } };
  const { port } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [{ name: 'a', ports: [backend], settings }],
  });
  const held = ask(port, '/').catch(() => undefined);
  await eventually(() => requests.length === 1);
  const { status, headers } = await ask(port, '/');
  assert.deepEqual([status, headers['x-envoy-overloaded']], [503, 'true']);
  void held;
});

test('more requests than there may be connections wait for one', async (t) => {
  let open = 0;
  let most = 0;
  const backend = await startBackend(t, 'a', (_request, response) => {
    most = Math.max(most, ++open);
    setImmediate(() => {
      open--;
      response.end('ok');
    });
  });
  const settings = { circuitBreaker: { maxConnections: 2 } };
  const { port } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [{ name: 'a', ports: [backend], settings }],
  });
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port, '/')));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.ok(most <= 2, `there were ${most} at once`);
});

test('policies of a route refuse before a backend is asked', async (t) => {
  const a = await startBackend(t, 'a');
  const settings = (name: string, route: object) => routeTo('a', { prefix: `/${name}`, settings: route });
  const { port } = await startWorld(t, {
    routes: [
      settings('rate', { localRateLimits: [{ requests: 1, per: 'Day' }] }),
      settings('fault', { fault: { abort: { httpStatus: 418, percent: 100 } } }),
      settings('closed', { authorization: { rules: [], defaultAction: 'Deny' } }),
      settings('small', { maxRequestBodyBytes: 3 }),
      settings('jwt', { jwt: { providers: [] } }),
    ],
    backends: [{ name: 'a', ports: [a] }],
  });
  const status = async (path: string, options = {}): Promise<number> => (await ask(port, path, options)).status;
  assert.deepEqual([await status('/rate'), await status('/rate')], [200, 429]);
  assert.deepEqual([await status('/fault'), await status('/closed'), await status('/jwt')], [418, 403, 401]);
  assert.equal(await status('/small', { method: 'POST', body: 'abc' }), 200);
  assert.equal(await status('/small', { method: 'POST', body: 'abcd' }), 413);
  const chunked = { method: 'POST', body: 'abcd', headers: { 'transfer-encoding': 'chunked' } };
  assert.equal(await status('/small', chunked), 413);
});

test('a preflight is answered, and other answers tell what pages may do', async (t) => {
  const a = await startBackend(t, 'a');
  const cors = {
    allowOrigins: ['http://o'],
    allowMethods: ['PUT'],
    allowHeaders: [],
    exposeHeaders: [],
    maxAgeSeconds: 1,
  };
  const { port } = await startWorld(t, { routes: [routeTo('a', { cors })], backends: [{ name: 'a', ports: [a] }] });
  const origin = { origin: 'http://o', 'access-control-request-method': 'PUT' };
  const preflight = await ask(port, '/', { method: 'OPTIONS', headers: origin });
  assert.deepEqual([preflight.status, preflight.body], [200, '']);
  assert.equal(preflight.headers['access-control-allow-methods'], 'PUT');
  const simple = await ask(port, '/', { headers: { origin: 'http://o' } });
  assert.deepEqual([simple.echo.server, simple.headers['access-control-allow-origin']], ['a', 'http://o']);
  const other = await ask(port, '/', { method: 'OPTIONS', headers: { ...origin, origin: 'http://x' } });
  assert.deepEqual([other.status, other.headers['access-control-allow-origin']], [200, undefined]);
});

test('answers tell which route and backend they came by, where that is asked for', async (t) => {
  const a = await startBackend(t, 'a');
  const { port } = await startWorld(t, {
    routes: [{ ...routeTo('a'), name: 'httproute/default/shop/rule/0', action: forwardTo('a') }],
    backends: [{ name: 'a', ports: [a] }],
    settings: { debugHeaders: true },
  });
  const told = async (asked: Record<string, string>): Promise<unknown[]> => {
    const { headers } = await ask(port, '/', { headers: asked });
    return ['listener', 'route', 'backend', 'endpoint'].map((each) => headers[`x-nekube-${each}`]);
  };
  const all = ['plain', 'httproute/default/shop/rule/0', 'a', `127.0.0.1:${a}`];
  assert.deepEqual(await told({ 'x-nekube-debug': '1' }), all);
  const none = [undefined, undefined, undefined, undefined];
  assert.deepEqual(await told({}), none);
  assert.deepEqual(await told({ 'x-nekube-debug': '0' }), none);
});
