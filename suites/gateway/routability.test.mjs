// Which addresses a Gateway tells of, by where they are reached from: its own, and the ClusterIP of its Service.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Service } from 'nekube/client/kinds';
import { Gateway, GatewayClass } from 'nekube/gateway/kinds';
import { willingGateways } from './willing.mjs';

const FEATURES = ['ClusterTrustBundle', 'Gateway', 'GatewayAddressRoutability', 'GatewayAddressRoutabilityCluster'];
const world = willingGateways([...FEATURES, 'GatewayStaticAddresses', 'HTTPRoute']);

async function make(name, addresses) {
  const { env, namespace } = world;
  const listeners = [{ name: 'http', port: 80, protocol: 'HTTP' }];
  const spec = { gatewayClassName: 'nekube', listeners, ...(addresses && { addresses }) };
  await env.client.create({ ...Gateway, metadata: { namespace, name }, spec });
}

/** Waits until a Gateway has conditions; gives its addresses as `VALUE ROUTABILITY`. */
async function addressesWith(name, ...wanted) {
  const { env, namespace } = world;
  return env.eventually(
    async () => {
      const { status } = await env.client.get(Gateway, { namespace, name });
      const seen = (status?.conditions ?? []).map(({ type, status: is, reason }) => `${type}=${is} ${reason}`);
      for (const one of wanted) assert.ok(seen.includes(one), `${one} is not among ${seen}`);
      return status.addresses.map(({ value, routability }) => `${value} ${routability ?? 'absent'}`);
    },
    { timeoutMs: 60_000 },
  );
}

const ALL = ['Programmed=True Programmed', 'AddressesAssigned=True AddressesAssigned'];
async function clusterIpOf(name) {
  const { env, namespace } = world;
  return (await env.client.get(Service, { namespace, name: `${name}-nekube` })).spec.clusterIP;
}

test('the class tells of what this cluster can ask for', async () => {
  const { env } = world;
  const told = await env.eventually(async () => {
    const { status } = await env.client.get(GatewayClass, { name: 'nekube' });
    assert.ok(status?.supportedFeatures?.length);
    return status.supportedFeatures.map(({ name }) => name);
  });
  assert.ok(told.includes('GatewayAddressRoutability'));
  assert.ok(!told.includes('ClusterTrustBundle'), 'this server has none');
});

test('what nobody asked for promises nothing', async () => {
  await make('plain');
  assert.deepEqual(await addressesWith('plain', ...ALL), ['10.9.8.1 ']);
});

test('a Gateway for the cluster alone has the ClusterIP of its Service', async () => {
  await make('inner', [{ type: 'IPAddress', routability: 'Cluster' }]);
  assert.deepEqual(await addressesWith('inner', ...ALL), [`${await clusterIpOf('inner')} Cluster`]);
});

test('a ClusterIP may be asked for, also later, and one that cannot be had is told', async () => {
  const { env, namespace } = world;
  await make('named', [{}, { routability: 'Cluster' }]);
  const [own] = await addressesWith('named', ...ALL);
  const ask = (value) => {
    const merge = { spec: { addresses: [{}, { routability: 'Cluster', value }] } };
    return env.client.patch(Gateway, { namespace, name: 'named' }, { merge });
  };
  // of the part of the range that no Service gets by chance
  await ask('10.0.0.12');
  await env.eventually(async () => assert.equal(await clusterIpOf('named'), '10.0.0.12'), { timeoutMs: 60_000 });
  assert.deepEqual(await addressesWith('named', ...ALL), [own, '10.0.0.12 Cluster']);
  await ask('192.0.2.7');
  const partly = ['Programmed=True Programmed', 'AddressesAssigned=False PartiallyAssigned'];
  assert.deepEqual(await addressesWith('named', ...partly), [own]);
});

test('a routability that is not known gets no address of another', async () => {
  await make('unknown', [{ routability: 'testing.x-k8s.io/other' }]);
  const none = ['Programmed=False AddressNotAssigned', 'AddressesAssigned=False NotAssigned'];
  assert.deepEqual(await addressesWith('unknown', ...none), []);
  await make('sentinel', [{ routability: 'testing.x-k8s.io/sentinel' }]);
  const [address] = await addressesWith('sentinel', ...ALL);
  assert.match(address, /^10\.9\.8\.\d+ testing\.x-k8s\.io\/sentinel$/);
});
