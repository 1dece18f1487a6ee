// Services of gRPC that a real Envoy asks: who may, and how much.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Listener } from '../../dist/grpc/index.js';
import { decode, encode } from '../../dist/xds/index.js';
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

test('services that Envoy asks', { skip, timeout: 180_000 }, async (t) => {
  const world = await startPlane(t);
  const port = await freePort();
  const echo = await startEcho(t, 'one');
  const source = { kind: 'Service', namespace: 'default', name: 'asked' };
  const backend = 'service/default/asked/9000';

  /** Serves a method; gives the backend, and what it was asked. */
  const startService = async (t2, path, [requestName, responseName], answer) => {
    const asked = [];
    const method = {
      request: { decode: (bytes) => decode(requestName, bytes) },
      response: { encode: (message) => encode(responseName, message) },
      handle: (request) => {
        asked.push(request);
        return answer(request);
      },
    };
    const listener = new Listener(new Map([[path, method]]));
    const url = await listener.listen({ host: '127.0.0.1', port: 0 });
    t2.after(() => listener.close());
    return {
      asked,
      backends: { one: { ports: [echo.port] }, [backend]: { protocol: 'GRPC', ports: [Number(new URL(url).port)] } },
    };
  };
  const served = ({ backends }, more) =>
    serve(world, modelOf({ listeners: [httpListener(port, [route('/', 'one', more)])], backends }));

  await t.test('one decides who may, and what the backend is told', async (t2) => {
    const names = ['envoy.service.auth.v3.CheckRequest', 'envoy.service.auth.v3.CheckResponse'];
    const service = await startService(t2, '/envoy.service.auth.v3.Authorization/Check', names, ({ attributes }) => {
      const { headers, body } = attributes.request.http;
      if (headers['x-user'] !== 'ann')
        return { status: { code: 7 }, denied_response: { status: { code: 'Unauthorized' }, body: 'not you' } };
      return { status: {}, ok_response: { headers: [{ header: { key: 'x-seen', value: `${body ?? ''}` } }] } };
    });
    await served(service, { externalAuth: { backend, source, protocol: 'GRPC', forwardBodyBytes: 4 } });
    const ann = await ask(port, '/', { method: 'POST', body: 'hello', headers: { 'x-user': 'ann' } });
    assert.equal(ann.json.headers['x-seen'], 'hell');
    const bob = await ask(port, '/', { headers: { 'x-user': 'bob' } });
    assert.deepEqual([bob.status, bob.body], [401, 'not you']);
    assert.equal(service.asked.length, 2);
  });

  await t.test('one counts for all', async (t2) => {
    const names = ['envoy.service.ratelimit.v3.RateLimitRequest', 'envoy.service.ratelimit.v3.RateLimitResponse'];
    const service = await startService(
      t2,
      '/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit',
      names,
      ({ descriptors }) => {
        const isOver = descriptors.some(({ entries }) => entries.some(({ value }) => value === 'bob'));
        // as one that is busy: Envoy by itself would have given up by then
        return sleep(100, { overall_code: isOver ? 'OVER_LIMIT' : 'OK' });
      },
    );
    const limits = [
      { requests: 1, per: 'Day', headers: [{ type: 'Distinct', name: 'x-user' }] },
      { requests: 1, per: 'Day' },
    ];
    await served(service, { settings: { globalRateLimits: { backend, domain: 'shop', limits } } });
    assert.equal((await ask(port, '/', { headers: { 'x-user': 'ann' } })).status, 200);
    // who is not answered within a second goes on uncounted, and this machine may be busier than that
    await eventually(async () => (await ask(port, '/', { headers: { 'x-user': 'bob' } })).status === 429);
    assert.equal(service.asked[0].domain, 'shop');
    assert.deepEqual(
      service.asked[0].descriptors.map(({ entries }) => entries[0].value),
      ['ann', 'all'],
    );
  });

  await t.test('without the one that counts requests go on, or are refused if that is said', async (t2) => {
    const names = ['envoy.service.ratelimit.v3.RateLimitRequest', 'envoy.service.ratelimit.v3.RateLimitResponse'];
    const gone = await startService(t2, '/none', names, () => ({}));
    const limits = [{ requests: 1, per: 'Day' }];
    const by = async (failClosed) => {
      await served(gone, { settings: { globalRateLimits: { backend, domain: 'shop', limits, failClosed } } });
      return (await ask(port, '/')).status;
    };
    assert.deepEqual([await by(false), await by(true)], [200, 500]);
  });
});
