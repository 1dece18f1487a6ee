import assert from 'node:assert/strict';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { type TestContext, test } from 'node:test';
import { certificateSecret, TestCa } from '../testing/certificates.ts';
import { plainChain, routeOf, routeTo } from '../testing/models.ts';
import { closeServer, eventually, listen, startBackend, startWorld } from '../testing/world.ts';

/** What a stream was answered. */
interface Answer {
  readonly headers: IncomingHttpHeaders & { readonly ':status'?: number };
  readonly body: string;
  readonly trailers: IncomingHttpHeaders | undefined;
  readonly code: number;
}

/** A connection of HTTP/2 without TLS, or with it. */
function connectTo(t: TestContext, port: number, secure?: { ca: string; servername: string }): ClientHttp2Session {
  const session = connect(`${secure ? 'https' : 'http'}://127.0.0.1:${port}`, { maxSessionMemory: 100, ...secure });
  session.on('error', () => {});
  t.after(() => session.destroy());
  return session;
}

/** Makes a request; `trailers` are sent after the body. */
function request(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string,
  trailers?: OutgoingHttpHeaders,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined, waitForTrailers: trailers !== undefined });
    let answered: Answer['headers'] = {};
    let received: IncomingHttpHeaders | undefined;
    let text = '';
    stream.on('wantTrailers', () => stream.sendTrailers(trailers!));
    stream.on('response', (one) => (answered = one));
    stream.on('trailers', (one) => (received = one));
    stream.on('data', (chunk: Buffer) => (text += chunk));
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ERR_HTTP2_STREAM_ERROR') reject(error);
    });
    stream.on('close', () => resolve({ headers: answered, body: text, trailers: received, code: stream.rstCode }));
    if (body !== undefined) stream.end(body);
  });
}

/** A backend of HTTP/2 without TLS. */
async function http2Backend(
  t: TestContext,
  onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
): Promise<{ port: number; sessions: () => number }> {
  const server: Http2Server = createServer();
  const open = new Set<{ destroy(): void }>();
  let sessions = 0;
  server.on('session', (session) => {
    sessions++;
    open.add(session);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    onStream(stream, headers);
  });
  t.after(() => {
    for (const session of open) session.destroy();
    return closeServer(server);
  });
  return { port: await listen(server), sessions: () => sessions };
}

/** A backend of gRPC that sends its body back, with a status and a trailer of the client. */
function grpcEcho(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  let sent: IncomingHttpHeaders = {};
  stream.on('trailers', (one) => (sent = one));
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => {
    stream.sendTrailers({ 'grpc-status': '0', 'x-sent': String(sent['x-last']), 'x-te': String(headers.te) });
  });
  stream.pipe(stream);
}

test('HTTP/2 by prior knowledge goes to a backend of HTTP/1.1, cookies in one line', async (t) => {
  const a = await startBackend(t, 'a');
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [a] }] });
  const session = connectTo(t, port);
  const headers = { ':path': '/x?y=1', ':method': 'POST', ':authority': 'shop.example', cookie: ['a=1', 'b=2'] };
  const answer = await request(session, headers, 'hello');
  assert.equal(answer.headers[':status'], 200);
  const echo = JSON.parse(answer.body);
  assert.deepEqual(
    [echo.url, echo.body, echo.headers.host, echo.headers.cookie],
    ['/x?y=1', 'hello', 'shop.example', 'a=1; b=2'],
  );
});

test('a path without a slash before it has no route, nor does a backend see it', async (t) => {
  const a = await startBackend(t, 'a');
  const { port } = await startWorld(t, { routes: [routeTo('a')], backends: [{ name: 'a', ports: [a] }] });
  const headers = { ':path': 'admin', ':scheme': 'other', ':authority': 'a' };
  assert.equal((await request(connectTo(t, port), headers)).headers[':status'], 404);
});

test('gRPC goes through with its trailers, both ways, many requests on one connection', async (t) => {
  const backend = await http2Backend(t, grpcEcho);
  const { port } = await startWorld(t, {
    routes: [routeTo('a', { match: { grpc: true, path: { type: 'Exact', value: '/shop.Shop/Buy' } } })],
    backends: [{ name: 'a', protocol: 'GRPC', ports: [backend.port] }],
  });
  const session = connectTo(t, port);
  const headers = { ':path': '/shop.Shop/Buy', ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' };
  const answers = await Promise.all([1, 2, 3].map((i) => request(session, headers, `body ${i}`, { 'x-last': `${i}` })));
  assert.deepEqual(
    answers.map(({ body, trailers }) => [body, trailers?.['grpc-status'], trailers?.['x-sent'], trailers?.['x-te']]),
    [1, 2, 3].map((i) => [`body ${i}`, '0', `${i}`, 'trailers']),
  );
  assert.equal(backend.sessions(), 1);
});

test('what a gateway itself says to gRPC is a status of gRPC', async (t) => {
  const { port } = await startWorld(t, {
    routes: [routeTo('gone', { prefix: '/gone' }), routeTo('empty', { prefix: '/empty' })],
    backends: [{ name: 'empty', protocol: 'GRPC', ports: [] }],
  });
  const session = connectTo(t, port);
  const status = async (path: string): Promise<unknown[]> => {
    const { headers } = await request(
      session,
      { ':path': path, ':method': 'POST', 'content-type': 'application/grpc' },
      'x',
    );
    return [headers[':status'], headers['grpc-status'], headers['grpc-message']];
  };
  assert.deepEqual(await status('/none'), [200, '12', undefined]);
  assert.deepEqual(await status('/gone'), [200, '14', undefined]);
  assert.deepEqual(await status('/empty'), [200, '14', 'no healthy upstream']);
});

test('an answer of headers alone is one, with the status of gRPC in it', async (t) => {
  const backend = await http2Backend(t, (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5' }, { endStream: true });
  });
  const { port } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [{ name: 'a', protocol: 'GRPC', ports: [backend.port] }],
  });
  const { headers } = await request(connectTo(t, port), { ':path': '/', ':method': 'POST' }, 'x');
  assert.equal(headers['grpc-status'], '5');
});

test('within TLS HTTP/2 is agreed on, with certificates, and HTTP/1.1 where a client wants that', async (t) => {
  const ca = new TestCa();
  const { port } = await startWorld(t, {
    chains: [
      {
        ...plainChain([routeOf({}, { type: 'direct', statusCode: 200, body: 'hello' })]),
        tls: { certificates: ['a'] },
      },
    ],
    secrets: [certificateSecret('a', ca.server('a.example'))],
  });
  const session = connectTo(t, port, { ca: ca.cert, servername: 'a.example' });
  assert.equal((await request(session, { ':path': '/' })).body, 'hello');
  assert.equal(session.alpnProtocol, 'h2');
});

test('a backend of HTTP/2 gets requests of HTTP/1.1, also with TLS', async (t) => {
  const backend = await http2Backend(t, (stream, headers) => {
    stream.respond({ ':status': 200, 'set-cookie': ['a=1', 'b=2'] });
    stream.end(`${headers[':method']} ${headers[':authority']} ${headers[':path']}`);
  });
  const { port } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [{ name: 'a', protocol: 'H2C', ports: [backend.port] }],
  });
  const { request: get } = await import('node:http');
  const answer = await new Promise<{ body: string; cookies: unknown }>((resolve) => {
    get({ port, host: '127.0.0.1', path: '/x', headers: { host: 'shop.example', connection: 'close' } }, (incoming) => {
      let body = '';
      incoming.on('data', (chunk) => (body += chunk));
      incoming.on('end', () => resolve({ body, cookies: incoming.headers['set-cookie'] }));
    }).end();
  });
  assert.deepEqual(answer, { body: 'GET shop.example /x', cookies: ['a=1', 'b=2'] });
});

test('a stream that a client resets is reset at the backend', async (t) => {
  let code: number | undefined;
  const backend = await http2Backend(t, (stream) => {
    stream.respond({ ':status': 200 });
    stream.write('first');
    stream.on('close', () => (code = stream.rstCode));
  });
  const { port } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [{ name: 'a', protocol: 'H2C', ports: [backend.port] }],
  });
  const stream = connectTo(t, port).request({ ':path': '/' });
  stream.on('error', () => {});
  stream.on('data', () => stream.close(constants.NGHTTP2_CANCEL));
  await eventually(() => code !== undefined);
  assert.equal(code, constants.NGHTTP2_CANCEL);
});

test('a stream that a backend resets is reset for the client, whose other streams go on', async (t) => {
  const backend = await http2Backend(t, (stream, headers) => {
    // with trailers to come a stream that is reset cannot have ended before
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({}));
    stream.write('first', () => {
      if (headers[':path'] === '/bad') stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      else stream.end();
    });
  });
  const { port } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [{ name: 'a', protocol: 'H2C', ports: [backend.port] }],
  });
  const session = connectTo(t, port);
  const bad = await request(session, { ':path': '/bad' });
  assert.notEqual(bad.code, 0);
  const good = await request(session, { ':path': '/good' });
  assert.deepEqual([good.code, good.body], [0, 'first']);
});

test('what a backend refuses without doing it is asked again', async (t) => {
  const seen: string[] = [];
  const backend = await http2Backend(t, (stream) => {
    seen.push('request');
    if (seen.length === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else {
      stream.respond({ ':status': 200 });
      stream.end('second');
    }
  });
  const { port } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [{ name: 'a', protocol: 'H2C', ports: [backend.port] }],
  });
  assert.equal((await request(connectTo(t, port), { ':path': '/' })).body, 'second');
});

test('a connection of HTTP/2 ends its streams and then itself when its listener goes', async (t) => {
  const held: ServerHttp2Stream[] = [];
  const backend = await http2Backend(t, (stream) => {
    stream.respond({ ':status': 200 });
    held.push(stream);
  });
  const { port, plane } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [{ name: 'a', protocol: 'H2C', ports: [backend.port] }],
  });
  const session = connectTo(t, port);
  const answer = request(session, { ':path': '/' });
  await eventually(() => held.length === 1);
  const closed = plane.close({ drainMs: 60_000 });
  held[0]!.end('last');
  assert.deepEqual([(await answer).body, (await answer).code], ['last', 0]);
  await eventually(() => session.closed);
  await closed;
});

test('a body larger than all windows goes through whole', async (t) => {
  const backend = await http2Backend(t, grpcEcho);
  const { port } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [{ name: 'a', protocol: 'GRPC', ports: [backend.port] }],
  });
  const body = 'x'.repeat(20_000_000);
  const answer = await request(connectTo(t, port), { ':path': '/', ':method': 'POST' }, body);
  assert.equal(answer.body.length, body.length);
});
