import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EndpointSlice, Service } from 'nekube/network';
import { freePort } from '../../../tools/free-ports.mjs';
import { healthAnswer } from './answer.ts';
import { healthCheckOf } from './health-check.ts';
import { HealthServers } from './health-servers.ts';

const CHECK = { namespace: 'default', name: 'web', port: 32_000, localEndpoints: 2 };

describe('a health check', () => {
  test('is answered as kube-proxy answers it', () => {
    assert.deepEqual(healthAnswer(CHECK, true), {
      status: 200,
      headers: {
        'Content-Type': 'application/json',
        'X-Content-Type-Options': 'nosniff',
        'X-Load-Balancing-Endpoint-Weight': '2',
      },
      body: `{
\t"service": {
\t\t"namespace": "default",
\t\t"name": "web"
\t},
\t"localEndpoints": 2,
\t"serviceProxyHealthy": true
}`,
    });
  });

  test('fails without endpoints, and where packets are not served', () => {
    assert.equal(healthAnswer({ ...CHECK, localEndpoints: 0 }, true).status, 503);
    const { status, body } = healthAnswer(CHECK, false);
    assert.equal(status, 503);
    assert.match(body, /"serviceProxyHealthy": false/);
  });
});

describe('which Services are checked', () => {
  const service = (spec: object): Service =>
    ({
      metadata: { namespace: 'default', name: 'web' },
      spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 32_000, ...spec },
    }) as unknown as Service;
  const slice = (...endpoints: readonly object[]): EndpointSlice => ({ endpoints }) as unknown as EndpointSlice;

  const CASES: readonly { name: string; slices: readonly EndpointSlice[]; local: number }[] = [
    { name: 'endpoints of the node count', slices: [slice(at('a', 'n1'), at('b', 'n1'), at('c', 'n2'))], local: 2 },
    { name: 'an address counts once', slices: [slice(at('a', 'n1')), slice(at('a', 'n1'))], local: 1 },
    { name: 'those that are not ready do not', slices: [slice(at('a', 'n1', false), at('b', 'n1', true))], local: 1 },
    { name: 'none', slices: [], local: 0 },
  ];
  for (const { name, slices, local } of CASES)
    test(name, () => {
      assert.deepEqual(healthCheckOf(service({}), slices, 'n1'), { ...CHECK, localEndpoints: local });
    });

  for (const other of [{ type: 'NodePort' }, { externalTrafficPolicy: 'Cluster' }, { healthCheckNodePort: undefined }])
    test(`none with ${JSON.stringify(other)}`, () => {
      assert.equal(healthCheckOf(service(other), [], 'n1'), undefined);
    });

  function at(address: string, nodeName: string, ready?: boolean) {
    return { addresses: [address], nodeName, conditions: { ready } };
  }
});

test('servers answer, follow what is, and are gone with the Service', async (t) => {
  const problems: string[] = [];
  let isHealthy = true;
  const servers = new HealthServers({
    addresses: ['127.0.0.1'],
    isHealthy: () => isHealthy,
    onProblem: (problem) => problems.push(problem),
  });
  t.after(() => servers.close());
  const port = await freePort();
  const ask = async () => (await fetch(`http://127.0.0.1:${port}/any`)).status;
  servers.set('default/web', { ...CHECK, port });
  await servers.ready();
  assert.equal(await ask(), 200);
  servers.set('default/web', { ...CHECK, port, localEndpoints: 0 });
  assert.equal(await ask(), 503);
  servers.set('default/web', { ...CHECK, port });
  isHealthy = false;
  assert.equal(await ask(), 503);
  servers.set('default/other', { ...CHECK, name: 'other', port });
  await servers.ready();
  assert.equal(problems.length, 1);
  assert.match(
    problems[0] as string,
    /^the health check of default\/other is not answered at 127\.0\.0\.1: .*EADDRINUSE/,
  );
  servers.listenAt([]);
  await assert.rejects(ask());
  isHealthy = true;
  servers.listenAt(['127.0.0.1']);
  await servers.ready();
  assert.equal(await ask(), 200);
  servers.set('default/web', undefined);
  await assert.rejects(ask());
});
