// What a real Envoy tells others of requests: spans, and lines of logs; and the keys that it asks for.
import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { Listener } from '../../dist/grpc/index.js';
import { decode } from '../../dist/xds/index.js';
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
  startPlane,
} from './world.mjs';

const nothing = { encode: () => Buffer.alloc(0) };

test('what Envoy tells of requests', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const port = await freePort();
  const echo = await startEcho(t, 'one');
  const collector = 'service/default/collector/4317';

  /** A service of gRPC that takes what it is told. */
  const startCollector = async (t2, methods) => {
    const listener = new Listener(new Map(Object.entries(methods)));
    const url = await listener.listen({ host: '127.0.0.1', port: 0 });
    t2.after(() => listener.close());
    return { protocol: 'GRPC', ports: [Number(new URL(url).port)] };
  };
  const unary = (told) => ({
    request: { decode: (bytes) => Buffer.from(bytes) },
    response: nothing,
    handle: (request) => (told.push(request.toString('latin1')), {}),
  });
  const served = (settings, backend, more = {}) =>
    serve(
      world,
      modelOf({
        listeners: [httpListener(port, [route('/', 'one', more)], { settings })],
        backends: { one: { ports: [echo.port] }, [collector]: backend },
      }),
    );

  await t.test('spans go to a collector of OpenTelemetry, with tags, and the backend is told the trace', async (t2) => {
    const told = [];
    const backend = await startCollector(t2, {
      '/opentelemetry.proto.collector.trace.v1.TraceService/Export': unary(told),
    });
    const tracing = {
      provider: { type: 'OpenTelemetry', backend: collector, serviceName: 'default/shop' },
      samplingPercent: 100,
      tags: { fixed: { literal: 'a-literal' }, named: { header: 'X-Named' } },
    };
    await served({ tracing }, backend);
    const ids = [];
    // what is not taken within a quarter of a second is lost, so that one request would not do
    await eventually(async () => {
      const { json } = await ask(port, '/traced', { headers: { 'x-named': 'a-header' } });
      const [, trace] = json.headers.traceparent.split('-');
      ids.push(Buffer.from(trace, 'hex').toString('latin1'));
      const text = told.join('');
      return (
        ['default/shop', 'a-literal', 'a-header'].every((one) => text.includes(one)) &&
        ids.some((id) => text.includes(id))
      );
    });
    await served({ tracing: { ...tracing, samplingPercent: 0 } }, backend);
    const { json: unsampled } = await ask(port, '/untraced');
    assert.match(unsampled.headers.traceparent, /-00$/);
  });

  await t.test('spans go to Zipkin', async (t2) => {
    const spans = [];
    const zipkin = await startEcho(t2, 'zipkin', (request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        spans.push(...JSON.parse(Buffer.concat(chunks)).map((span) => ({ ...span, path: request.url })));
        response.writeHead(202).end();
      });
      return true;
    });
    const provider = { type: 'Zipkin', backend: collector, serviceName: 'default/shop' };
    await served({ tracing: { provider, samplingPercent: 100 } }, { ports: [zipkin.port] });
    const { json } = await ask(port, '/traced');
    const span = await eventually(() =>
      spans.find(({ traceId, kind }) => traceId === json.headers['x-b3-traceid'] && kind === 'SERVER'),
    );
    assert.equal(span.path, '/api/v2/spans');
    assert.equal(span.tags['http.url'], 'http://it.example/traced', JSON.stringify(spans));
  });

  await t.test('lines go to a collector of OpenTelemetry, for requests that are meant', async (t2) => {
    const told = [];
    const backend = await startCollector(t2, {
      '/opentelemetry.proto.collector.logs.v1.LogsService/Export': unary(told),
    });
    const sink = { type: 'OpenTelemetry', backend: collector, logName: 'shop' };
    const matches = ['request.path.startsWith("/a")'];
    await served({ accessLogs: [{ sink, matches, format: { text: 'line of %REQ(:PATH)%' } }] }, backend);
    await ask(port, '/b');
    await ask(port, '/a');
    await eventually(() => told.join('').includes('line of /a'));
    assert.ok(!told.join('').includes('line of /b'));
  });

  await t.test('entries go to a service of logs of Envoy', async (t2) => {
    const told = [];
    const method = {
      request: { decode: (bytes) => decode('envoy.service.accesslog.v3.StreamAccessLogsMessage', bytes) },
      response: nothing,
      open: (out) => ({ message: (each) => told.push(each), ended: () => out.end?.(), drained() {}, closed() {} }),
    };
    const path = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs';
    const backend = await startCollector(t2, { [path]: method });
    await served({ accessLogs: [{ sink: { type: 'ALS', backend: collector, logName: 'shop' } }] }, backend);
    await ask(port, '/logged');
    const entries = () => told.flatMap(({ http_logs: logs }) => logs?.log_entry ?? []);
    const entry = await eventually(() => entries().find(({ request }) => request?.path === '/logged'));
    assert.equal(entry.response.response_code, 200);
    assert.equal(told[0].identifier.log_name, 'shop');
  });

  await t.test('a token is judged by keys that are asked for', async (t2) => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keys = [{ ...publicKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'k' }];
    const issuer = await startEcho(t2, 'issuer', ({ url }, response) => {
      if (url !== '/jwks') return false;
      response.setHeader('content-type', 'application/json');
      return (response.end(JSON.stringify({ keys })), true);
    });
    const provider = {
      name: 'p',
      issuer: 'it',
      keys: { type: 'Remote', uri: 'http://issuer.example/jwks', backend: collector, cacheMs: 60_000 },
    };
    await served(undefined, { ports: [issuer.port] }, { settings: { jwt: { providers: [provider] } } });
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'RS256', kid: 'k' })}.${part({ iss: 'it', exp: 4_000_000_000 })}`;
    const token = `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey).toString('base64url')}`;
    const by = async (authorization) => (await ask(port, '/', { headers: { authorization } })).status;
    await eventually(async () => (await by(`Bearer ${token}`)) === 200);
    assert.equal(await by(`Bearer ${token.slice(0, -8)}AAAAAAAA`), 401);
    assert.equal(issuer.seen.find(({ url }) => url === '/jwks').headers.host, 'issuer.example');
    assert.ok(issuer.seen.length < 5, 'keys are kept');
  });
});
