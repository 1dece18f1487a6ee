import assert from 'node:assert/strict';
import { createServer } from 'node:http2';
import { type TestContext, test } from 'node:test';
import type { ExternalAuth } from '../../model/index.ts';
import { routeTo, SOURCE, type TestBackend } from '../testing/models.ts';
import { ask, closeServer, listen, startBackend, startWorld } from '../testing/world.ts';

const AUTH: ExternalAuth = { backend: 'auth', source: SOURCE, protocol: 'HTTP' };

/** A data plane whose requests need the consent of a backend. */
async function guarded(
  t: TestContext,
  auth: ExternalAuth,
  authPort: number,
  protocol: 'HTTP' | 'GRPC' = 'HTTP',
): Promise<number> {
  const a = await startBackend(t, 'a');
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { externalAuth: auth })],
    backends: [
      { name: 'a', ports: [a] },
      { name: 'auth', protocol, ports: [authPort] },
    ],
  });
  return port;
}

test('a service asked by HTTP sees method, path and the headers it may, and what it adds goes to the backend', async (t) => {
  let seen: unknown[] = [];
  const authPort = await startBackend(t, 'auth', ({ method, url, headers }, response, body) => {
    seen = [method, url, headers.host, headers.authorization, headers['x-may'], headers['x-may-not'], body];
    response.setHeader('X-User', 'me').setHeader('X-Other', 'not told').end();
  });
  const auth = {
    ...AUTH,
    path: '/check/',
    allowedHeaders: ['X-May'],
    allowedResponseHeaders: ['X-User'],
    forwardBodyBytes: 4,
  };
  const port = await guarded(t, auth, authPort);
  const headers = { host: 'shop.example', authorization: 'Bearer t', 'x-may': '1', 'x-may-not': '2' };
  const { echo } = await ask(port, '/x?y=1', { method: 'POST', body: 'all of the body', headers });
  assert.deepEqual(seen, ['POST', '/check/x?y=1', 'shop.example', 'Bearer t', '1', undefined, 'all ']);
  assert.deepEqual([echo.headers['x-user'], echo.headers['x-other'], echo.body], ['me', undefined, 'all of the body']);
});

test('a service may see more of a body than is kept for another attempt', async (t) => {
  const seen: number[] = [];
  const authPort = await startBackend(t, 'auth', (_request, response, body) => {
    seen.push(body.length);
    response.end();
  });
  const a = await startBackend(t, 'a');
  const { port } = await startWorld(t, {
    settings: { bufferBytes: 1000 },
    routes: [routeTo('a', { externalAuth: { ...AUTH, forwardBodyBytes: 200_000 } })],
    backends: [
      { name: 'a', ports: [a] },
      { name: 'auth', ports: [authPort] },
    ],
  });
  const body = 'x'.repeat(300_000);
  const { echo } = await ask(port, '/', { method: 'POST', body });
  assert.deepEqual([seen, echo.body.length], [[200_000], 300_000]);
});

test('what a service asked by HTTP answers instead is the answer', async (t) => {
  const authPort = await startBackend(t, 'auth', (_request, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic', 'content-type': 'text/x-why' }).end('who are you');
  });
  const { status, headers, body } = await ask(await guarded(t, AUTH, authPort), '/');
  assert.deepEqual(
    [status, headers['www-authenticate'], headers['content-type'], body],
    [401, 'Basic', 'text/x-why', 'who are you'],
  );
});

test('a service that fails, or is not there, lets nobody in', async (t) => {
  const failing = await startBackend(t, 'auth', (_request, response) => response.writeHead(500).end());
  assert.equal((await ask(await guarded(t, AUTH, failing), '/')).status, 403);
  assert.equal((await ask(await guarded(t, AUTH, 1), '/')).status, 403);
  assert.equal((await ask(await guarded(t, { ...AUTH, backend: 'gone' }, 1), '/')).status, 403);
  const silent = await startBackend(t, 'auth', (_request, response) => response.end('not gRPC'));
  assert.equal((await ask(await guarded(t, { ...AUTH, protocol: 'GRPC' }, silent, 'GRPC'), '/')).status, 403);
});

/** A service of Envoy's authorization over gRPC that answers with a message. */
async function grpcAuth(t: TestContext, answer: (asked: Buffer) => Buffer, code = '0'): Promise<number> {
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    assert.equal(headers[':path'], '/envoy.service.auth.v3.Authorization/Check');
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const message = answer(Buffer.concat(chunks));
      const frame = Buffer.concat([Buffer.from([0, 0, 0, message.length >> 8, message.length & 255]), message]);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(code === '' ? {} : { 'grpc-status': code }));
      stream.end(frame);
    });
  });
  t.after(() => {
    for (const session of sessions) session.destroy();
    return closeServer(server);
  });
  return listen(server);
}

const field = (number: number, value: Buffer | string): Buffer =>
  Buffer.concat([Buffer.from([number * 8 + 2, Buffer.from(value).length]), Buffer.from(value)]);
const header = (name: string, value: string): Buffer =>
  field(2, field(1, Buffer.concat([field(1, name), field(2, value)])));

test('a service asked by gRPC sees the request, and may change its headers', async (t) => {
  let seen = '';
  const authPort = await grpcAuth(t, (asked) => {
    seen = asked.toString('latin1');
    return field(3, Buffer.concat([header('X-User', 'me'), field(5, 'x-secret')]));
  });
  const port = await guarded(t, { ...AUTH, protocol: 'GRPC' }, authPort, 'GRPC');
  const { echo } = await ask(port, '/x?y=1', { headers: { 'x-secret': 's' } });
  assert.deepEqual([echo.headers['x-user'], echo.headers['x-secret']], ['me', undefined]);
  for (const text of ['/x?y=1', 'GET', '127.0.0.1', 'x-secret']) assert.ok(seen.includes(text), text);
});

test('what a service asked by gRPC tells the backend is bytes: no character of it ends a line', async (t) => {
  const value = 'caf\u00e9 \u010d\u010aX-Evil: 1';
  const seen: string[] = [];
  const authPort = await grpcAuth(t, (asked) => {
    seen.push(asked.toString('utf8'));
    return field(3, header('x-user', value));
  });
  const port = await guarded(t, { ...AUTH, protocol: 'GRPC' }, authPort, 'GRPC');
  const { echo } = await ask(port, '/', { headers: { 'x-name': Buffer.from('é').toString('latin1') } });
  assert.deepEqual(
    [echo.headers['x-user'], echo.headers['x-evil']],
    [Buffer.from(value).toString('latin1'), undefined],
  );
  assert.ok(seen.join().includes('é') && !seen.join().includes('Ã'), 'what a client says is told as it is');
});

test('what a service says of lengths and connections reaches no backend', async (t) => {
  const authPort = await grpcAuth(t, () =>
    field(
      3,
      Buffer.concat([
        header('Content-Length', '99'),
        header('transfer-encoding', 'chunked'),
        header('connection', 'close'),
        field(5, 'content-length'),
      ]),
    ),
  );
  const port = await guarded(t, { ...AUTH, protocol: 'GRPC' }, authPort, 'GRPC');
  const { status, echo } = await ask(port, '/', { method: 'POST', body: 'body' });
  const { 'content-length': length, 'transfer-encoding': coding } = echo.headers;
  assert.deepEqual([status, echo.body, length, coding], [200, 'body', '4', undefined]);
});

test('a service asked by gRPC may deny, with an answer of its own', async (t) => {
  const status = field(1, Buffer.from([8, 7]));
  const denied = field(
    2,
    Buffer.concat([field(1, Buffer.from([8, 0x92, 0x03])), header('x-why', 'no'), field(3, 'denied')]),
  );
  const port = await guarded(
    t,
    { ...AUTH, protocol: 'GRPC' },
    await grpcAuth(t, () => Buffer.concat([status, denied])),
    'GRPC',
  );
  const answer = await ask(port, '/');
  assert.deepEqual([answer.status, answer.headers['x-why'], answer.body], [402, 'no', 'denied']);
});

const denial = (status: readonly number[]): Buffer =>
  Buffer.concat([field(1, Buffer.from([8, 7])), field(2, field(1, Buffer.from([8, ...status])))]);
for (const [name, message, code, status] of [
  ['a call that succeeded', Buffer.alloc(0), '0', 200],
  ['a call that failed after it was answered', Buffer.alloc(0), '13', 403],
  ['a call that has no status', Buffer.alloc(0), '', 403],
  ['what is no message', Buffer.from('no message'), '0', 403],
  ['a denial with a status of no answer', denial([100]), '0', 403],
  ['a denial with a status that there is not', denial([0xe8, 0x07]), '0', 403],
] as const) {
  test(`a service asked by gRPC: ${name} is ${status}`, async (t) => {
    const port = await guarded(t, { ...AUTH, protocol: 'GRPC' }, await grpcAuth(t, () => message, code), 'GRPC');
    assert.equal((await ask(port, '/')).status, status);
  });
}

/** A data plane whose listener asks before routes are chosen: the route `red` is of a header, `path` of a path. */
async function guardedBefore(
  t: TestContext,
  externalAuths: readonly ExternalAuth[],
  backends: readonly TestBackend[],
): Promise<number> {
  const [red, path, rest] = [
    await startBackend(t, 'red'),
    await startBackend(t, 'path'),
    await startBackend(t, 'rest'),
  ];
  const routes = [
    routeTo('red', { match: { headers: [{ type: 'Exact', name: 'x-team', value: 'red' }] } }),
    routeTo('path', { prefix: '/elsewhere' }),
    routeTo('rest', { prefix: '/rest' }),
  ];
  const virtualHosts = [{ name: 'host', domains: ['*'], source: SOURCE, externalAuths, routes }];
  const { port } = await startWorld(t, {
    chains: [{ name: 'plain', source: SOURCE, http: { name: 'plain', virtualHosts } }],
    backends: [
      { name: 'red', ports: [red] },
      { name: 'path', ports: [path] },
      { name: 'rest', ports: [rest] },
      ...backends,
    ],
  });
  return port;
}

test('what services that are asked before add a route is chosen by, the last one last, and the host stays', async (t) => {
  const first = await startBackend(t, 'auth', (_request, response) => {
    response.setHeader('x-team', 'blue').setHeader('x-first', '1').end();
  });
  const second = await startBackend(t, 'auth', ({ headers }, response) => {
    response.setHeader('x-team', headers['x-first'] === '1' ? 'red' : 'none').end();
  });
  const auths = ['first', 'second'].map((backend) => ({ ...AUTH, backend, allowedHeaders: ['x-first'] }));
  const port = await guardedBefore(t, auths, [
    { name: 'first', ports: [first] },
    { name: 'second', ports: [second] },
  ]);
  const { echo } = await ask(port, '/rest', { headers: { host: 'it.example' } });
  assert.deepEqual([echo.server, echo.headers['x-team'], echo.headers.host], ['red', 'red', 'it.example']);
});

test('who is refused before a route is chosen gets no further, and is asked also where there is no route', async (t) => {
  let asked = 0;
  const first = await startBackend(t, 'auth', (_request, response) => void response.writeHead(401).end('who'));
  const second = await startBackend(t, 'auth', (_request, response) => {
    asked++;
    response.end();
  });
  const auths = ['first', 'second'].map((backend) => ({ ...AUTH, backend }));
  const port = await guardedBefore(t, auths, [
    { name: 'first', ports: [first] },
    { name: 'second', ports: [second] },
  ]);
  assert.equal((await ask(port, '/rest')).status, 401);
  assert.equal((await ask(port, '/no-route')).status, 401);
  assert.equal(asked, 0);
});

test('a service asked by gRPC before a route is chosen may change the path, but neither host nor method', async (t) => {
  const changes = [header(':path', '/elsewhere?a=1'), header(':authority', 'x.example'), header('host', 'x.example')];
  const authPort = await grpcAuth(t, () => field(3, Buffer.concat([...changes, header(':method', 'PUT')])));
  const auth = { ...AUTH, protocol: 'GRPC' as const };
  const port = await guardedBefore(t, [auth], [{ name: 'auth', protocol: 'GRPC', ports: [authPort] }]);
  const { echo } = await ask(port, '/rest', { headers: { host: 'it.example' } });
  assert.deepEqual(
    [echo.server, echo.url, echo.method, echo.headers.host],
    ['path', '/elsewhere?a=1', 'GET', 'it.example'],
  );
});
