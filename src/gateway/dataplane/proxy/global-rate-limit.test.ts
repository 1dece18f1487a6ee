import assert from 'node:assert/strict';
import { createServer } from 'node:http2';
import { test, type TestContext } from 'node:test';
import { decode, encode, type Message } from 'nekube/xds';
import { HeaderList } from '../http/header-list.ts';
import type { RateLimit } from '../../model/index.ts';
import { routeTo } from '../testing/models.ts';
import { ask, listen, startBackend, startWorld } from '../testing/world.ts';
import type { Incoming } from './incoming.ts';
import { descriptorOf } from './global-rate-limit.ts';

type Request = Message<'envoy.service.ratelimit.v3.RateLimitRequest'>;

test('a request counts for what Envoy would say of it', () => {
  const incoming = { headers: new HeaderList(['x-user', 'ann']), client: '10.1.2.3' } as Incoming;
  const limit = (parts: Partial<RateLimit>): RateLimit => ({ requests: 1, per: 'Day', ...parts });
  const cases: readonly (readonly [Partial<RateLimit>, string | undefined])[] = [
    [{}, 'limit-4=all'],
    [{ headers: [{ type: 'Distinct', name: 'X-User' }] }, 'limit-4-header-0=ann'],
    [{ headers: [{ type: 'Exact', name: 'x-user', value: 'ann' }] }, 'limit-4-header-0=match'],
    [{ headers: [{ type: 'Exact', name: 'x-user', value: 'bob' }] }, undefined],
    [{ headers: [{ type: 'Distinct', name: 'x-other' }] }, undefined],
    [{ clientCidr: { cidr: '10.0.0.0/12', distinct: false } }, 'masked_remote_address=10.0.0.0/12'],
    [
      { clientCidr: { cidr: '10.1.0.0/16', distinct: true } },
      'masked_remote_address=10.1.0.0/16 remote_address=10.1.2.3',
    ],
    [{ clientCidr: { cidr: '2001:db8::/32', distinct: false } }, undefined],
  ];
  for (const [parts, expected] of cases) {
    const entries = descriptorOf(limit(parts), 4, incoming);
    assert.equal(entries?.map(({ key, value }) => `${key}=${value}`).join(' '), expected);
  }
});

test('a service counts for all; without it requests go on, or are refused if that is said', async (t) => {
  const backend = await startBackend(t, 'a');
  const asked: Request[] = [];
  const service = await startService(t, asked);
  const limits: readonly RateLimit[] = [
    { requests: 1, per: 'Day', headers: [{ type: 'Distinct', name: 'x-user' }] },
    { requests: 1, per: 'Day' },
  ];
  const by = (name: string, failClosed: boolean) => ({
    settings: { globalRateLimits: { backend: name, domain: 'shop', limits, failClosed } },
  });
  const { port } = await startWorld(t, {
    routes: [
      routeTo('a', { prefix: '/counted', ...by('service', true) }),
      routeTo('a', { prefix: '/open', ...by('gone', false) }),
      routeTo('a', { prefix: '/closed', ...by('gone', true) }),
    ],
    backends: [
      { name: 'a', ports: [backend] },
      { name: 'service', ports: [service], protocol: 'GRPC' },
      { name: 'gone', ports: [], protocol: 'GRPC' },
    ],
  });
  const status = async (path: string, user: string) => (await ask(port, path, { headers: { 'x-user': user } })).status;
  assert.equal(await status('/counted', 'ann'), 200);
  assert.equal(await status('/counted', 'bob'), 429);
  assert.equal(await status('/open', 'bob'), 200);
  assert.equal(await status('/closed', 'ann'), 500);
  assert.equal(asked[0]?.domain, 'shop');
  assert.deepEqual(
    asked[0]?.descriptors?.map(({ entries }) => entries?.[0]?.value),
    ['ann', 'all'],
  );
});

/** A service of the protocol, by frames. */
async function startService(t: TestContext, asked: Request[]): Promise<number> {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    assert.equal(headers[':path'], '/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit');
    stream.on('data', (chunk: Buffer) => {
      const request = decode('envoy.service.ratelimit.v3.RateLimitRequest', chunk.subarray(5));
      asked.push(request);
      const isOver = request.descriptors?.some(({ entries }) => entries?.some(({ value }) => value === 'bob'));
      const answer = encode('envoy.service.ratelimit.v3.RateLimitResponse', {
        overall_code: isOver === true ? 'OVER_LIMIT' : 'OK',
      });
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, answer.length]), answer]));
    });
  });
  t.after(() => server.close());
  return listen(server as never);
}
