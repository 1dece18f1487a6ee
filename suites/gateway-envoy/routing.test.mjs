// What becomes of requests on a real Envoy.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { test } from 'node:test';
import {
  ask,
  eventually,
  freePort,
  httpListener,
  modelOf,
  route,
  serve,
  skip,
  startEcho,
  startH2cEcho,
  startPlane,
} from './world.mjs';

const cors = (more) => ({
  allowOrigins: ['https://shop.example', 'https://*.shop.example'],
  allowMethods: ['*'],
  allowHeaders: ['*'],
  exposeHeaders: [],
  maxAgeSeconds: 5,
  ...more,
});

test('requests on a real Envoy', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const port = await freePort();
  let answer;
  const one = await startEcho(t, 'one', (request, response, seen) => answer?.(request, response, seen));
  const two = await startEcho(t, 'two');
  const h2c = await startH2cEcho(t, 'h2c');
  const grpc = await startH2cEcho(t, 'grpc', (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end();
    return true;
  });
  const backends = {
    one: { ports: [one.port] },
    two: { ports: [two.port] },
    empty: { ports: [] },
    gone: { ports: [await freePort()] },
    someGone: { ports: [await freePort(), two.port] },
    draining: { draining: [two.port] },
    someDraining: { ports: [one.port], draining: [two.port] },
    h2c: { ports: [h2c.port], protocol: 'H2C' },
    grpc: { ports: [grpc.port], protocol: 'GRPC' },
    pair: { ports: [one.port, two.port] },
  };
  const served = (routes, settings) =>
    serve(world, modelOf({ listeners: [httpListener(port, routes, { settings })], backends }));
  const names = async (path, count, options) => {
    const answers = await Promise.all(Array.from({ length: count }, () => ask(port, path, options)));
    return answers.map(({ status, json }) => json?.name ?? status);
  };

  await t.test('a prefix matches whole elements, and the more specific route stands first', async () => {
    await served([route('/a', 'one'), route('/', 'two')]);
    assert.equal((await ask(port, '/a/b')).json.name, 'one');
    assert.equal((await ask(port, '/a')).json.name, 'one');
    assert.equal((await ask(port, '/ab')).json.name, 'two');
  });

  await t.test('exact paths, expressions, methods, headers and parameters decide', async () => {
    await served([
      route('/exact', 'one', { match: { path: { type: 'Exact', value: '/exact' } } }),
      route('/r', 'one', { match: { path: { type: 'RegularExpression', value: '/r[0-9]+' } } }),
      route('/m', 'one', { match: { method: 'POST' } }),
      route('/h', 'one', { match: { headers: [{ type: 'Exact', name: 'x-a', value: 'b' }] } }),
      route('/q', 'one', { match: { queryParams: [{ type: 'RegularExpression', name: 'q', value: '[ab]' }] } }),
      route('/', 'two'),
    ]);
    const by = async (path, options) => (await ask(port, path, options)).json.name;
    assert.deepEqual([await by('/exact'), await by('/exact/'), await by('/exact?x')], ['one', 'two', 'one']);
    assert.deepEqual([await by('/r12'), await by('/r12/x'), await by('/r')], ['one', 'two', 'two']);
    assert.deepEqual([await by('/m', { method: 'POST' }), await by('/m')], ['one', 'two']);
    assert.deepEqual([await by('/h', { headers: { 'X-A': 'b' } }), await by('/h')], ['one', 'two']);
    assert.deepEqual([await by('/q?q=a'), await by('/q?q=c')], ['one', 'two']);
  });

  await t.test('paths and hosts are rewritten, also by a slash alone and from one', async () => {
    const rewrite = (path, hostname) => ({
      forward: { rewrite: { ...(path && { path }), ...(hostname && { hostname }) } },
    });
    const prefix = (value) => ({ type: 'ReplacePrefixMatch', value });
    await served([
      route('/one', 'one', rewrite(prefix('/1'))),
      route('/gone', 'one', rewrite(prefix('/'))),
      route('/full', 'one', rewrite({ type: 'ReplaceFullPath', value: '/f\\1' }, 'other.example')),
      route('/', 'one', rewrite(prefix('/all'))),
    ]);
    const url = async (path) => (await ask(port, path)).json.url;
    assert.deepEqual([await url('/one'), await url('/one/x?y'), await url('/one/')], ['/1', '/1/x?y', '/1/']);
    assert.deepEqual(
      [await url('/gone'), await url('/gone/x'), await url('/gone/'), await url('/gone?q')],
      ['/', '/x', '/', '/?q'],
    );
    assert.deepEqual([await url('/full/x?y'), await url('/x'), await url('/')], ['/f\\1?y', '/all/x', '/all/']);
    assert.equal((await ask(port, '/full')).json.headers.host, 'other.example');
  });

  await t.test('headers are set, added and removed on both ways, percent signs included', async () => {
    await served([
      route(
        '/',
        [{ weight: 1, backend: 'one', filters: { requestHeaders: { set: [{ name: 'x-backend', value: '1' }] } } }],
        {
          requestHeaders: {
            set: [{ name: 'x-set', value: '100%' }],
            add: [{ name: 'x-add', value: 'b' }],
            remove: ['x-gone'],
          },
          responseHeaders: { set: [{ name: 'x-answer', value: '%REQ(x-set)%' }] },
        },
      ),
    ]);
    const { json, headers } = await ask(port, '/', { headers: { 'x-set': 'a', 'x-add': 'a', 'x-gone': 'a' } });
    const { 'x-set': set, 'x-add': add, 'x-gone': gone, 'x-backend': backend } = json.headers;
    assert.deepEqual({ set, add, gone, backend }, { set: '100%', add: 'a, b', gone: undefined, backend: '1' });
    assert.equal(headers['x-answer'], '%REQ(x-set)%');
  });

  await t.test('redirects say where to, with the port only where it is told', async () => {
    const to = (more) => ({ type: 'redirect', statusCode: 302, ...more });
    await served([
      route('/s', to({ scheme: 'https' })),
      route('/h', to({ hostname: 'other.example', port: 8443, scheme: 'https', statusCode: 308 })),
      route('/p', to({ path: { type: 'ReplacePrefixMatch', value: '/' } })),
      route('/f', to({ path: { type: 'ReplaceFullPath', value: '/full' }, statusCode: 307 })),
    ]);
    const where = async (path) => {
      const { status, headers } = await ask(port, path);
      return `${status} ${headers.location}`;
    };
    assert.equal(await where('/s/x'), '302 https://it.example/s/x');
    assert.equal(await where('/h/x'), '308 https://other.example:8443/h/x');
    assert.equal(await where('/p/x?y'), '302 http://it.example/x?y');
    assert.equal(await where('/f/x'), '307 http://it.example/full');
  });

  await t.test('who has nobody to go to is told so: 404, 500, 503', async () => {
    await served([
      route('/invalid', { weight: 1, invalid: 'it is gone' }),
      route('/none', []),
      route('/empty', 'empty'),
      route('/weightless', { weight: 0, backend: 'one' }),
      route('/421', { type: 'direct', statusCode: 421 }),
    ]);
    const status = async (path) => (await ask(port, path)).status;
    const told = await Promise.all(['/x', '/invalid', '/none', '/empty', '/weightless', '/421'].map(status));
    assert.deepEqual(told, [404, 500, 500, 503, 500, 421]);
  });

  await t.test('weights share requests, and an invalid backend has its share of errors', async () => {
    await served([
      route('/plain', [
        { weight: 3, backend: 'one' },
        { weight: 1, backend: 'two' },
        { weight: 0, backend: 'h2c' },
      ]),
      route('/invalid', [
        { weight: 1, backend: 'one' },
        { weight: 1, invalid: 'gone' },
      ]),
    ]);
    const share = async (path, name) => (await names(path, 600)).filter((each) => each === name).length / 600;
    const isNear = (value, wanted) => assert.ok(Math.abs(value - wanted) < 0.12, `${value} is not near ${wanted}`);
    isNear(await share('/plain', 'one'), 0.75);
    isNear(await share('/plain', 'two'), 0.25);
    isNear(await share('/invalid', 500), 0.5);
  });

  await t.test('a backend has rewrites, redirects and mirrors of its own', async () => {
    const full = (value) => ({ rewrite: { path: { type: 'ReplaceFullPath', value } } });
    const source = { kind: 'Service', namespace: 'default', name: 'h2c' };
    await served([
      route('/', [
        { weight: 1, backend: 'one', filters: { ...full('/to-one'), mirrors: [{ backend: 'h2c', source }] } },
        { weight: 1, backend: 'two', filters: full('/to-two') },
        {
          weight: 1,
          backend: 'two',
          filters: { redirect: { type: 'redirect', statusCode: 302, hostname: 'away.example' } },
        },
      ]),
    ]);
    h2c.seen.length = 0;
    const answers = await Promise.all(Array.from({ length: 90 }, () => ask(port, '/x')));
    const told = answers.map(({ json, headers }) => headers.location ?? `${json.name} ${json.url}`);
    const counts = Object.fromEntries(
      [...new Set(told)].sort().map((each) => [each, told.filter((one) => one === each).length]),
    );
    assert.deepEqual(Object.keys(counts), ['http://away.example/x', 'one /to-one', 'two /to-two']);
    // of 30 that are expected of each; fewer come once in 300 million runs
    for (const count of Object.values(counts)) assert.ok(count > 5, JSON.stringify(counts));
    await eventually(() => h2c.seen.length === counts['one /to-one']);
  });

  await t.test('a mirror sees all requests or a share, and nobody waits for it', async () => {
    const mirror = (backend, fraction) => ({ backend, source: {}, ...(fraction && { fraction }) });
    await served([
      route('/all', 'one', { mirrors: [mirror('two'), mirror('gone')] }),
      route('/some', 'one', { mirrors: [mirror('two', { numerator: 1, denominator: 2 })] }),
    ]);
    two.seen.length = 0;
    assert.deepEqual(new Set(await names('/all', 20)), new Set(['one']));
    await eventually(() => two.seen.length === 20);
    assert.equal(two.seen[0].headers.host, 'it.example');
    two.seen.length = 0;
    await names('/some', 300);
    await eventually(() => two.seen.length > 90 && two.seen.length < 210);
  });

  await t.test('a request is tried again by its rule, and not without one', async () => {
    const retry = (more) => ({
      forward: { retry: { attempts: 2, codes: [], connectionErrors: false, backendTimeouts: false, ...more } },
    });
    await served([
      route('/codes', 'one', retry({ codes: [503] })),
      route('/reset', 'one', retry({ connectionErrors: true })),
      route('/late', 'one', { forward: { ...retry({ backendTimeouts: true }).forward, backendTimeoutMs: 1000 } }),
      route('/never', 'one'),
    ]);
    const failing = (times, fail) => {
      let failed = 0;
      answer = (request, response) => failed < times && ++failed && (fail(request, response), true);
    };
    const with503 = (_, response) => response.writeHead(503).end();
    failing(2, with503);
    assert.equal((await ask(port, '/codes')).status, 200);
    failing(3, with503);
    assert.equal((await ask(port, '/codes')).status, 503);
    failing(2, (request) => request.socket.destroy());
    assert.equal((await ask(port, '/reset')).status, 200);
    failing(1, () => {});
    assert.equal((await ask(port, '/late')).status, 200);
    failing(1, with503);
    assert.equal((await ask(port, '/never')).status, 503);
    answer = undefined;
  });

  await t.test('an endpoint that is gone costs nobody an answer', async () => {
    await served([route('/', 'someGone')]);
    assert.deepEqual(new Set(await names('/', 50)), new Set(['two']));
  });

  await t.test('time is limited for a request and for an attempt', async () => {
    await served([
      route('/request', 'one', { forward: { requestTimeoutMs: 150 } }),
      route('/attempt', 'one', { forward: { backendTimeoutMs: 150 } }),
    ]);
    answer = () => true;
    assert.deepEqual([(await ask(port, '/request')).status, (await ask(port, '/attempt')).status], [504, 504]);
    answer = undefined;
  });

  await t.test('endpoints that drain get nothing, unless there are no others', async () => {
    await served([route('/some', 'someDraining'), route('/all', 'draining')]);
    assert.deepEqual(new Set(await names('/some', 30)), new Set(['one']));
    assert.deepEqual(new Set(await names('/all', 10)), new Set(['two']));
  });

  await t.test(
    'pages of some origins may, by CORS, with what they ask for echoed to those with credentials',
    async () => {
      await served([
        route('/post', 'one', { cors: cors({ allowCredentials: true }), match: { method: 'POST' } }),
        route('/', 'one', {
          cors: cors({ allowMethods: ['GET', 'PUT'], allowHeaders: ['x-a'], exposeHeaders: ['x-b'] }),
        }),
      ]);
      const preflight = (path, origin, method) =>
        ask(port, path, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'x-a, x-c' },
        });
      const ok = await preflight('/', 'https://a.b.shop.example', 'PUT');
      assert.equal(ok.headers['access-control-allow-origin'], 'https://a.b.shop.example');
      assert.equal(ok.headers['access-control-allow-methods'], 'GET, PUT');
      assert.equal(ok.headers['access-control-expose-headers'], 'x-b');
      assert.equal(ok.headers['access-control-allow-credentials'], undefined);
      const echoed = await preflight('/post', 'https://shop.example', 'POST');
      assert.equal(echoed.headers['access-control-allow-methods'], 'POST');
      assert.equal(echoed.headers['access-control-allow-headers'], 'x-a, x-c');
      assert.equal(echoed.headers['access-control-allow-credentials'], 'true');
      const other = await preflight('/', 'https://other.example', 'PUT');
      assert.equal(other.headers['access-control-allow-origin'], undefined);
    },
  );

  await t.test('another service decides who may, and tells the backend who it is', async () => {
    const auth = {
      backend: 'two',
      source: {},
      protocol: 'HTTP',
      path: '/check',
      allowedHeaders: ['x-user'],
      allowedResponseHeaders: ['x-id'],
    };
    const decide = (request, response) => {
      const { url, headers } = request;
      if (headers['x-user'] !== 'ann') return response.writeHead(403).end('not you');
      return response.setHeader('x-id', `${url}${headers['x-other'] ?? ''}`).end();
    };
    two.server.removeAllListeners('request');
    two.server.on('request', decide);
    await served([route('/', 'one', { externalAuth: auth })]);
    const ann = await ask(port, '/a', { headers: { 'x-user': 'ann', 'x-other': 'o' } });
    assert.equal(ann.json.headers['x-id'], '/check/a');
    const bob = await ask(port, '/a', { headers: { 'x-user': 'bob' } });
    assert.deepEqual([bob.status, bob.body], [403, 'not you']);
  });

  await t.test('a session stays at its endpoint, by a cookie or a header', async () => {
    two.server.removeAllListeners('request');
    two.server.on('request', (_, response) =>
      response.setHeader('content-type', 'application/json').end('{"name":"two"}'),
    );
    await served([
      route('/c', 'pair', { forward: { sessionPersistence: { type: 'Cookie', name: 's' } } }),
      route('/h', 'pair', { forward: { sessionPersistence: { type: 'Header', name: 'x-s' } } }),
    ]);
    const first = await ask(port, '/c');
    const [cookie] = first.headers['set-cookie'][0].split(';');
    assert.deepEqual(new Set(await names('/c', 20, { headers: { cookie } })), new Set([first.json.name]));
    const byHeader = await ask(port, '/h');
    const headers = { 'x-s': byHeader.headers['x-s'] };
    assert.deepEqual(new Set(await names('/h', 20, { headers })), new Set([byHeader.json.name]));
  });

  await t.test('HTTP/2 is spoken with backends and clients that have it', async () => {
    await served([route('/', 'h2c')]);
    assert.equal((await ask(port, '/')).json.protocol, 'h2');
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const stream = session.request({ ':path': '/two' });
    const [headers] = await once(stream, 'response');
    stream.resume();
    await once(stream, 'end');
    session.close();
    assert.equal(headers[':status'], 200);
  });

  await t.test('gRPC goes to its backend with trailers, or is told that it is unavailable', async () => {
    await served([
      route('/svc/ok', 'grpc', { match: { path: { type: 'Exact', value: '/svc/ok' }, grpc: true } }),
      route(
        '/svc/bad',
        { weight: 1, invalid: 'gone' },
        { match: { path: { type: 'Exact', value: '/svc/bad' }, grpc: true } },
      ),
    ]);
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const call = async (path) => {
      const stream = session.request({
        ':path': path,
        ':method': 'POST',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      let status;
      stream.on('response', (headers) => (status ??= headers['grpc-status']));
      stream.on('trailers', (trailers) => (status ??= trailers['grpc-status']));
      stream.resume();
      stream.end(Buffer.alloc(5));
      await once(stream, 'close');
      return status;
    };
    assert.deepEqual([await call('/svc/ok'), await call('/svc/bad')], ['0', '14']);
    session.close();
  });

  await t.test('a WebSocket is a connection in both directions', async () => {
    one.server.on('upgrade', (request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
      socket.pipe(socket);
      socket.on('error', () => {});
    });
    await served([route('/', 'one')]);
    const socket = connectTcp(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nhost: it.example\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    let text = '';
    socket.on('data', (chunk) => (text += chunk));
    await eventually(() => text.includes('101 Switching Protocols'));
    socket.write('hello there');
    await eventually(() => text.endsWith('hello there'));
    socket.destroy();
  });
});
