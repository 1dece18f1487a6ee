// `--addresses service`: gateways behind load balancers, which somebody else runs; here a test that writes their addresses.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from 'nekube/client';
import { start } from 'nekube/envtest';
import { installGatewayApi } from 'nekube/gateway';
import { makeTemporaryFolder, removeTemporaryFolder } from '../../dist/files/index.js';
import { realEnvoy } from '../../tools/envoy.mjs';
import { addressOf, ask, backend, gateway, key, metadata, routeTo, runGateway, startBackend } from './running.mjs';

const { envoy, skip } = realEnvoy();
const timeout = 180_000;
const SERVICE = { apiVersion: 'v1', kind: 'Service' };
const SLICE = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' };
let env;

before(async () => {
  env = await start({ level: 'envtest', name: 'service addresses' });
  await installGatewayApi(env.client, { channel: 'experimental', clock: systemClock });
});
after(() => env?.stop());

function flagsOf(t, plane) {
  const flags = ['--addresses', 'service:10.1.2.3', '--load-balancer-class', 'example.com/lb'];
  if (plane === 'embedded') return flags;
  const folder = makeTemporaryFolder('nekube-service-addresses');
  t.after(() => removeTemporaryFolder(folder));
  return ['--data-plane', 'envoy', '--envoy', envoy, '--envoy-folder', folder, ...flags];
}

/** What a Gateway's Service leads to, for port 80. */
async function portOf(name) {
  const { spec } = await env.eventually(() => env.client.get(SERVICE, key(`${name}-nekube`)), { timeoutMs: 60_000 });
  return spec.ports.find(({ port }) => port === 80).targetPort;
}

/** As a load balancer does. */
async function balance(name, ...ingress) {
  const merge = { status: { loadBalancer: { ingress } } };
  await env.client.patch(SERVICE, key(`${name}-nekube`), { merge }, { subresource: 'status' });
}

for (const plane of ['embedded', 'envoy']) {
  const options = { timeout, skip: plane === 'envoy' && skip };
  test(`${plane}: a Gateway has a load balancer, and its addresses`, options, async (t) => {
    const [name, other] = [`${plane}-one`, `${plane}-other`];
    const infrastructure = { labels: { team: 'shop' }, annotations: { 'example.com/size': 'small' } };
    const annotations = { 'gateway.nekube.dev/load-balancer-class': 'example.com/internal' };
    const objects = [
      backend(name, await startBackend(t)),
      routeTo(name, name),
      gateway(name, 80, { infrastructure }),
      gateway(other, 80, { infrastructure: { annotations } }),
    ];
    for (const object of objects) await env.client.create(object);
    const flags = flagsOf(t, plane);
    const first = runGateway(t, env, ...flags);
    await first.ready;
    const port = await portOf(name);
    const service = await env.client.get(SERVICE, key(`${name}-nekube`));
    assert.deepEqual([service.spec.type, service.spec.loadBalancerClass], ['LoadBalancer', 'example.com/lb']);
    assert.equal(service.metadata.labels.team, 'shop');
    assert.equal(service.metadata.annotations['example.com/size'], 'small');
    assert.deepEqual(
      service.metadata.ownerReferences.map(({ kind }) => kind),
      ['Gateway'],
    );
    const slice = await env.eventually(() => env.client.get(SLICE, key(`${name}-nekube`)));
    assert.deepEqual([slice.endpoints[0].addresses, slice.ports[0].port], [['10.1.2.3'], port]);
    assert.notEqual(await portOf(other), port);
    assert.equal(
      (await env.client.get(SERVICE, key(`${other}-nekube`))).spec.loadBalancerClass,
      'example.com/internal',
    );

    const programmed = async () => {
      const { status } = await env.client.get(metadata('Gateway', name), key(name));
      return status?.conditions?.find(({ type }) => type === 'Programmed');
    };
    await env.eventually(async () => assert.equal((await programmed())?.reason, 'AddressNotAssigned'), {
      timeoutMs: 60_000,
    });
    await balance(name, { ip: '203.0.113.7' }, { hostname: 'lb.example' });
    assert.equal(await addressOf(env, name), '203.0.113.7');
    const { status } = await env.client.get(metadata('Gateway', name), key(name));
    assert.deepEqual(
      status.addresses.map(({ type, value }) => [type, value]),
      [
        ['IPAddress', '203.0.113.7'],
        ['Hostname', 'lb.example'],
      ],
    );
    // as the load balancer brings it
    await env.eventually(async () => assert.equal((await ask('127.0.0.1', port)).status, 200), { timeoutMs: 60_000 });
    await balance(name);
    await env.eventually(async () => assert.equal((await programmed())?.reason, 'AddressNotAssigned'), {
      timeoutMs: 60_000,
    });

    first.child.kill('SIGTERM');
    assert.equal((await first.ended).code, 0);
    const second = runGateway(t, env, ...flags);
    await second.ready;
    await env.eventually(async () => assert.equal((await ask('127.0.0.1', port)).status, 200), { timeoutMs: 60_000 });
    assert.equal(await portOf(name), port);
    for (const object of objects) await env.client.delete(object, key(object.metadata.name));
  });
}
