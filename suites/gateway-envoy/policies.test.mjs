// What policies ask for, on a real Envoy.
import assert from 'node:assert/strict';
import { createHash, createSign, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { PrivateText } from '../../dist/gateway/index.js';
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

const base64url = (text) => Buffer.from(text).toString('base64url');

test('policies on a real Envoy', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const port = await freePort();
  const echo = await startEcho(t, 'one', (request, response) => {
    if (request.url === '/large') return (response.end('x'.repeat(5000)), true);
    if (request.url === '/health') return (response.writeHead(world.isWell ? 200 : 500).end(), true);
    return false;
  });
  const other = await startEcho(t, 'two');
  const served = (settings, { backend = {}, client } = {}) =>
    serve(
      world,
      modelOf({
        listeners: [httpListener(port, [route('/', 'one', { settings })], { settings: client })],
        backends: { one: { ports: [echo.port], ...backend } },
      }),
    );
  const statuses = async (count, options) => {
    const told = [];
    for (let i = 0; i < count; i++) told.push((await ask(port, '/', options)).status);
    return told;
  };

  await t.test('so many requests are served in a time, of all and of each kind', async () => {
    await served({ localRateLimits: [{ requests: 3, per: 'Hour' }] });
    assert.deepEqual(await statuses(4), [200, 200, 200, 429]);
    await served({
      localRateLimits: [
        { requests: 1, per: 'Hour', headers: [{ type: 'Exact', name: 'x-user', value: 'ann' }] },
        { requests: 2, per: 'Hour', headers: [{ type: 'Distinct', name: 'x-tenant' }] },
        { requests: 1, per: 'Hour', clientCidr: { cidr: '10.0.0.0/8', distinct: false } },
      ],
    });
    assert.deepEqual(await statuses(3, { headers: { 'x-user': 'ann' } }), [200, 429, 429]);
    assert.deepEqual(await statuses(3, { headers: { 'x-user': 'bob' } }), [200, 200, 200]);
    assert.deepEqual(await statuses(3, { headers: { 'x-tenant': 'a' } }), [200, 200, 429]);
    assert.deepEqual(await statuses(3, { headers: { 'x-tenant': 'b' } }), [200, 200, 429]);
  });

  await t.test('a limit is of a network, and of each address', async () => {
    await served({
      localRateLimits: [{ requests: 2, per: 'Hour', clientCidr: { cidr: '127.0.0.0/8', distinct: true } }],
    });
    assert.deepEqual(await statuses(3), [200, 200, 429]);
  });

  await t.test('some requests fail, or are late', async () => {
    await served({ fault: { abort: { httpStatus: 418, percent: 100 } } });
    assert.deepEqual(await statuses(1), [418]);
    await served({ fault: { delay: { ms: 300, percent: 100 } } });
    const began = performance.now();
    await statuses(1);
    assert.ok(performance.now() - began >= 290);
  });

  await t.test('answers are compressed as the client takes it', async () => {
    await served({ compression: ['Brotli', 'Gzip', 'Zstd'] });
    const by = async (encoding) =>
      (await ask(port, '/large', { headers: { 'accept-encoding': encoding } })).headers['content-encoding'];
    assert.deepEqual(
      [await by('gzip'), await by('br'), await by('zstd'), await by('identity')],
      ['gzip', 'br', 'zstd', undefined],
    );
  });

  await t.test('a name and a password are asked for, and the backend is told the name', async () => {
    const hash = createHash('sha1').update('secret').digest('base64');
    await served({ basicAuth: { users: new PrivateText(`ann:{SHA}${hash}`), forwardUsernameHeader: 'x-user' } });
    const by = (text) =>
      ask(port, '/', { headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` } });
    assert.equal((await by('ann:secret')).json.headers['x-user'], 'ann');
    assert.deepEqual(
      [(await by('ann:wrong')).status, (await by('nobody:x')).status, ...(await statuses(1))],
      [401, 401, 401],
    );
  });

  await t.test('a key is asked for, and not sent on', async () => {
    const keys = { ann: new PrivateText('k1'), bob: new PrivateText('k2') };
    await served({
      apiKeys: {
        keys,
        from: [{ header: 'x-key' }, { param: 'key' }],
        forwardClientIdHeader: 'x-client',
        sanitize: true,
      },
    });
    const { json } = await ask(port, '/', { headers: { 'x-key': 'k2' } });
    assert.deepEqual([json.headers['x-client'], json.headers['x-key']], ['bob', undefined]);
    assert.equal((await ask(port, '/?key=k1')).json.headers['x-client'], 'ann');
    assert.deepEqual(await statuses(1, { headers: { 'x-key': 'k3' } }), [401]);
  });

  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwks = JSON.stringify({
    keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'k' }],
  });
  const token = (claims) => {
    const text = [
      { alg: 'RS256', kid: 'k' },
      { exp: 4_000_000_000, iss: 'it', ...claims },
    ]
      .map((part) => base64url(JSON.stringify(part)))
      .join('.');
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey).toString('base64url')}`;
  };
  const bearer = (claims) => ({ headers: { authorization: `Bearer ${token(claims)}` } });
  const provider = {
    name: 'p',
    issuer: 'it',
    audiences: ['shop'],
    keys: { type: 'Local', jwks },
    claimToHeaders: [{ claim: 'sub', header: 'x-sub' }],
  };

  await t.test('a token is asked for, and its claims are told', async () => {
    await served({ jwt: { providers: [provider] } });
    assert.equal((await ask(port, '/', bearer({ aud: 'shop', sub: 'ann' }))).json.headers['x-sub'], 'ann');
    assert.deepEqual(await statuses(1, bearer({ aud: 'other' })), [403]);
    assert.deepEqual(await statuses(1), [401]);
    await served({ jwt: { providers: [provider], optional: true } });
    assert.deepEqual(await statuses(1), [200]);
  });

  await t.test('rules decide who may: by claims, scopes, headers, methods and addresses', async () => {
    const rules = [
      { name: 'admins', action: 'Allow', jwt: { provider: 'p', claims: [{ name: 'role.name', values: ['admin'] }] } },
      { name: 'readers', action: 'Allow', methods: ['GET'], jwt: { provider: 'p', scopes: ['read'] } },
      { name: 'groups', action: 'Allow', jwt: { provider: 'p', claims: [{ name: 'groups', values: ['a', 'b'] }] } },
      { name: 'header', action: 'Allow', headers: [{ name: 'x-h', values: ['1', '2'] }], clientCidrs: ['127.0.0.0/8'] },
    ];
    await served({ jwt: { providers: [provider], optional: true }, authorization: { rules, defaultAction: 'Deny' } });
    const by = async (claims, more) =>
      (await ask(port, '/', { ...(claims && bearer({ aud: 'shop', ...claims })), ...more })).status;
    assert.equal(await by({ role: { name: 'admin' } }), 200);
    assert.equal(await by({ scope: 'write read' }), 200);
    assert.equal(await by({ scope: 'read' }, { method: 'POST' }), 403);
    assert.equal(await by({ groups: ['x', 'b'] }), 200);
    assert.equal(await by({ groups: ['x'] }), 403);
    assert.equal(await by(undefined, { headers: { 'x-h': '2' } }), 200);
    assert.equal(await by(undefined, { headers: { 'x-h': '3' } }), 403);
    await served({
      authorization: { rules: [{ name: 'no', action: 'Deny', clientCidrs: ['127.0.0.1'] }], defaultAction: 'Allow' },
    });
    assert.deepEqual(await statuses(1), [403]);
  });

  await t.test('a body that is too long is refused', async () => {
    await served({ maxRequestBodyBytes: 100 });
    const post = async (length) => (await ask(port, '/', { method: 'POST', body: 'x'.repeat(length) })).status;
    assert.deepEqual([await post(50), await post(500)], [200, 413]);
  });

  await t.test('unhealthy endpoints get nothing', async () => {
    world.isWell = true;
    const check = { type: 'HTTP', path: '/health' };
    const healthCheck = { intervalMs: 100, timeoutMs: 1000, unhealthyThreshold: 1, healthyThreshold: 1, check };
    await served({}, { backend: { ports: [echo.port, other.port], settings: { healthCheck } } });
    const names = async () =>
      new Set(await Promise.all(Array.from({ length: 20 }, async () => (await ask(port, '/')).json?.name)));
    await eventually(async () => (await names()).size === 2);
    world.isWell = false;
    await eventually(async () => [...(await names())].join() === 'two');
  });

  await t.test('an endpoint is chosen by what is hashed', async () => {
    const loadBalancing = { type: 'ConsistentHash', by: { type: 'Header', name: 'x-user' } };
    await served({}, { backend: { ports: [echo.port, other.port], settings: { loadBalancing } } });
    const of = async (user) => (await ask(port, '/', { headers: { 'x-user': user } })).json.name;
    // where each is depends on the ports: of 20 all would be at one of the two in 500,000 runs
    const users = Array.from({ length: 40 }, (_, i) => `u${i}`);
    const first = await Promise.all(users.map(of));
    assert.deepEqual(await Promise.all(users.map(of)), first);
    assert.equal(new Set(first).size, 2);
  });

  await t.test('listeners tell, change and log requests', async () => {
    const path = `${world.folder}/access.log`;
    await served(undefined, {
      client: {
        requestHeaders: { set: [{ name: 'x-early', value: '1' }], remove: ['x-bad'] },
        debugHeaders: true,
        clientAddress: { trustedHops: 1 },
        accessLogs: [{ sink: { type: 'File', path }, format: { text: 'asked %REQ(:PATH)%' } }],
      },
    });
    const { json, headers } = await ask(port, '/log', { headers: { 'x-bad': '1', 'x-nekube-debug': '1' } });
    assert.deepEqual([json.headers['x-early'], json.headers['x-bad']], ['1', undefined]);
    assert.equal(headers['x-nekube-backend'], 'one');
    assert.equal(headers['x-nekube-route'], 'httproute/default//');
    assert.match(headers['x-nekube-listener'], /^default\/\S+\/\d+/);
    assert.match(headers['x-nekube-endpoint'], /^127\.0\.0\.1:\d+$/);
    const { headers: others } = await ask(port, '/log', { headers: { 'x-forwarded-for': '1.2.3.4' } });
    assert.deepEqual(
      Object.keys(others).filter((name) => name.startsWith('x-nekube-')),
      [],
    );
    await eventually(() => readFileSync(path, 'utf8').includes('asked /log\n'));
  });

  await t.test('a line of the PROXY protocol is read and sent', async (t2) => {
    let seen = '';
    const raw = await listening(
      t2,
      createServer((socket) =>
        socket.on('data', (chunk) => {
          seen += chunk;
          // the line and the request come together or apart, and what was ended cannot be ended once more
          if (seen.endsWith('\r\n\r\n')) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
        }),
      ),
    );
    await served(undefined, {
      client: { proxyProtocol: 'Required' },
      backend: { ports: [raw.port], settings: { proxyProtocol: 'V1' } },
    });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('PROXY TCP4 9.8.7.6 127.0.0.1 1234 80\r\nGET / HTTP/1.1\r\nhost: it.example\r\n\r\n');
    await eventually(() => seen.includes('x-forwarded-for: 9.8.7.6'));
    assert.match(seen, /^PROXY TCP4 9\.8\.7\.6 /);
    socket.destroy();
  });
});
