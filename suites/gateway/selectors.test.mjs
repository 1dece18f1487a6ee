// XBackends of pods: a Service that nobody can rely on gives them EndpointSlices, by which their endpoints are found.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EndpointSlice, Service } from 'nekube/client/kinds';
import { Gateway, HTTPRoute } from 'nekube/gateway/kinds';
import { willingGateways } from './willing.mjs';

const world = willingGateways(['Gateway', 'HTTPRoute', 'ReferenceGrant']);
const XBackend = { apiVersion: 'gateway.networking.x-k8s.io/v1alpha1', kind: 'XBackend' };

async function made() {
  const labelSelector = 'gateway.nekube.dev/xbackend=pods';
  const { items } = await world.env.client.list(Service, { namespace: world.namespace, labelSelector });
  return items;
}

/** Waits until there is one Service, as `check` has it. */
function untilMade(check) {
  return world.env.eventually(
    async () => {
      const all = await made();
      assert.equal(all.length, 1);
      check(all[0]);
      return all[0];
    },
    { timeoutMs: 60_000 },
  );
}

test('pods that an XBackend selects are its endpoints as long as a route names it', { timeout: 180_000 }, async () => {
  const { env, namespace, dataPlane } = world;
  const { client } = env;
  const listeners = [{ name: 'http', port: 80, protocol: 'HTTP' }];
  await client.create({
    ...Gateway,
    metadata: { namespace, name: 'it' },
    spec: { gatewayClassName: 'nekube', listeners },
  });
  const spec = { type: 'EndpointSelector', port: { number: 8080 }, endpointSelector: { matchLabels: { app: 'web' } } };
  const backend = await client.create({ ...XBackend, metadata: { namespace, name: 'pods' }, spec });
  assert.deepEqual(await made(), []);

  const ref = { group: 'gateway.networking.x-k8s.io', kind: 'XBackend', name: 'pods' };
  const rules = [{ backendRefs: [ref] }];
  await client.create({
    ...HTTPRoute,
    metadata: { namespace, name: 'r' },
    spec: { parentRefs: [{ name: 'it' }], rules },
  });
  const service = await untilMade((one) => {
    assert.deepEqual(one.spec.selector, { app: 'web' });
    assert.equal(one.spec.clusterIP, 'None');
  });
  assert.equal(service.metadata.ownerReferences[0].uid, backend.metadata.uid);

  // what the controller of slices would make of it
  const labels = { 'kubernetes.io/service-name': service.metadata.name, ...service.metadata.labels };
  await client.create({
    ...EndpointSlice,
    metadata: { namespace, name: 'slice', labels },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.244.0.9'], conditions: { ready: true } }],
  });
  await env.eventually(
    () => {
      const found = dataPlane.models.at(-1)?.endpoints.get(`xbackend/${namespace}/pods/8080`);
      const told = dataPlane.endpoints.get(`xbackend/${namespace}/pods/8080`) ?? found;
      assert.deepEqual(
        told?.endpoints.map(({ address, port }) => `${address}:${port}`),
        ['10.244.0.9:8080'],
      );
    },
    { timeoutMs: 60_000 },
  );

  const merge = { spec: { endpointSelector: { matchLabels: { app: null, tier: 'api' } } } };
  await client.patch(XBackend, { namespace, name: 'pods' }, { merge });
  await untilMade((one) => assert.deepEqual(one.spec.selector, { tier: 'api' }));

  await client.delete(HTTPRoute, { namespace, name: 'r' });
  await env.eventually(async () => assert.deepEqual(await made(), []), { timeoutMs: 60_000 });
});
