import assert from 'node:assert/strict';
import { createServer as createHttp2 } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { HealthCheck } from '../../model/index.ts';
import { Sweeper } from '../http/sweeper.ts';
import { routeTo } from '../testing/models.ts';
import { ask, eventually, listen, startBackend, startWorld } from '../testing/world.ts';
import { Balancer } from './balancer.ts';
import { probe } from './health-probe.ts';
import { type CheckResult, HealthRecord } from './health-record.ts';
import type { Host } from './host.ts';

test('results are counted as in Envoy', () => {
  const cases: readonly (readonly [string, readonly CheckResult[], boolean])[] = [
    ['nothing is known', [], false],
    ['the first success is enough', ['well'], true],
    ['after a failure it takes as many as the threshold says', ['silent', 'well'], false],
    ['and then it is well', ['silent', 'well', 'well'], true],
    ['silence counts when it lasts', ['well', 'silent', 'silent'], true],
    ['as long as the threshold says', ['well', 'silent', 'silent', 'silent'], false],
    ['a success between them begins anew', ['well', 'silent', 'silent', 'well', 'silent'], true],
    ['a wrong answer counts at once', ['well', 'wrong'], false],
  ];
  for (const [name, results, healthy] of cases) {
    const record = new HealthRecord({ unhealthyThreshold: 3, healthyThreshold: 2 });
    for (const result of results) record.take(result);
    assert.equal(record.healthy, healthy, name);
  }
});

test('a question that cannot be asked is no answer, and ends nothing else', async (t) => {
  const http2 = createHttp2();
  t.after(() => http2.close());
  const port = await listen(http2);
  const path = '/\ud800 ';
  assert.equal(await result(t, port, { type: 'HTTP', path, method: 'CONNECT' }, 5_000, 'HTTP/2'), 'silent');
});

const TIMES = { intervalMs: 5, timeoutMs: 5_000, unhealthyThreshold: 1, healthyThreshold: 1 };

async function result(
  t: TestContext,
  port: number,
  check: HealthCheck['check'],
  timeoutMs = 5_000,
  protocol: 'HTTP/1.1' | 'HTTP/2' = 'HTTP/1.1',
): Promise<CheckResult> {
  const sweeper = new Sweeper(20);
  t.after(() => sweeper.stop());
  const target = { address: '127.0.0.1', port, authority: 'a', options: { timeoutMs }, protocol, sweeper };
  return new Promise((resolve) => probe(target, { ...TIMES, timeoutMs, check }, resolve));
}

test('endpoints are asked by HTTP, TCP and gRPC', async (t) => {
  const http = await startBackend(t, 'a', (request, response) => {
    response.writeHead(request.url === '/well' && request.headers.host === 'me' ? 204 : 500).end();
  });
  const expectedStatuses = [204];
  assert.equal(await result(t, http, { type: 'HTTP', path: '/well', hostname: 'me', expectedStatuses }), 'well');
  assert.equal(await result(t, http, { type: 'HTTP', path: '/other' }), 'wrong');
  const tcp = await tcpServer(t, (socket) => socket.on('data', (chunk) => socket.write(`<${chunk}>`)));
  assert.equal(await result(t, tcp, { type: 'TCP' }), 'well');
  assert.equal(await result(t, tcp, { type: 'TCP', send: 'ping', receive: '<ping>' }), 'well');
  const mute = await tcpServer(t, () => {});
  assert.equal(await result(t, mute, { type: 'TCP', receive: 'x' }, 20), 'silent');
  assert.equal(await result(t, mute, { type: 'HTTP', path: '/' }, 20), 'silent');
  const closing = await tcpServer(t, (socket) => socket.end());
  assert.equal(await result(t, closing, { type: 'HTTP', path: '/' }), 'silent');
  const grpc = await grpcServer(t);
  assert.equal(await result(t, grpc, { type: 'GRPC', service: 'well' }), 'well');
  assert.equal(await result(t, grpc, { type: 'GRPC' }), 'wrong');
});

test('an endpoint that is not well gets no requests, and is used again when it is; with none that is well all are used', async (t) => {
  let well = false;
  const handle = (name: string, isWell: () => boolean) =>
    startBackend(t, name, (request, response) => {
      response.writeHead(request.url === '/health' && !isWell() ? 500 : 200).end(name);
    });
  const ports = [await handle('a', () => true), await handle('b', () => well)];
  const healthCheck: HealthCheck = { ...TIMES, check: { type: 'HTTP', path: '/health' } };
  const { port, update } = await startWorld(t, {
    routes: [routeTo('a')],
    backends: [{ name: 'a', ports, settings: { healthCheck } }],
  });
  const answers = async (): Promise<string> => {
    const all = await Promise.all([1, 2, 3, 4].map(() => ask(port, '/')));
    return [...new Set(all.map(({ body }) => body))].sort().join('');
  };
  await eventually(async () => (await answers()) === 'a');
  well = true;
  await eventually(async () => (await answers()) === 'ab');
  update({ routes: [routeTo('a')], backends: [{ name: 'a', ports: [ports[1]!], settings: { healthCheck } }] });
  well = false;
  assert.equal(await answers(), 'b');
});

test('a new endpoint gets its share little by little', () => {
  const host = (name: string, since: number) => ({ name, since, healthy: true, ejectedUntil: 0, active: 0 }) as Host;
  let seed = 1;
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const balancer = new Balancer(undefined, random, 1000);
  balancer.setHosts([host('old', -10_000), host('new', 0)]);
  const share = (now: number): number =>
    Array.from({ length: 2000 }, () => balancer.choose({}, now)).filter((one) => one?.name === 'new').length / 2000;
  const [first, later, full] = [share(0), share(500), share(1000)] as const;
  assert.ok(first > 0.02 && first < 0.15, `at first ${first}`);
  assert.ok(later > first && later < 0.45, `later ${later}`);
  assert.equal(full, 0.5);
});

test('a session leaves its endpoint when that is not well, as with Envoy', () => {
  const balancer = new Balancer(undefined, () => 0.5);
  const host = (name: string, parts: Partial<Host> = {}): Host =>
    ({ name, healthy: true, ejectedUntil: 0, since: 0, ...parts }) as Host;
  const others = [host('b'), host('c')];
  const chosen = (own: Host): string | undefined => {
    balancer.setHosts([own, ...others]);
    return balancer.choose({ session: 'a' }, 10)?.name;
  };
  assert.equal(chosen(host('a')), 'a');
  assert.notEqual(chosen(host('a', { healthy: false })), 'a');
  assert.notEqual(chosen(host('a', { ejectedUntil: 20 })), 'a');
});

async function tcpServer(t: TestContext, serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return listen(server);
}

/** Says that the service `well` is serving, and no other. */
async function grpcServer(t: TestContext): Promise<number> {
  const server = createHttp2();
  server.on('stream', (stream) => {
    stream.on('data', (chunk: Buffer) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, chunk.includes('well') ? 1 : 2]));
    });
  });
  t.after(() => server.close());
  return listen(server as never);
}
