// What becomes of resources on a server: statuses, models, and what a Gateway has in the cluster. The data plane is one that takes
// note, and serves when it is told to.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EndpointSlice, Event, Service } from 'nekube/client/kinds';
import { systemClock } from 'nekube/client';
import { Manager } from 'nekube/controller';
import { start } from 'nekube/envtest';
import { addGatewayController, installGatewayApi, OwnAddresses, parseAddressRange } from 'nekube/gateway';
import { Gateway, GatewayClass, HTTPRoute } from 'nekube/gateway/kinds';

class NotingDataPlane {
  name = 'Noting';
  supportedFeatures = ['Gateway', 'GatewayStaticAddresses', 'HTTPRoute', 'ReferenceGrant'];
  models = [];
  endpoints = [];
  #gateways = new Map();
  #listeners = new Set();

  unsupported() {
    return [];
  }
  update(model) {
    this.models.push(model);
  }
  updateEndpoints(changed) {
    this.endpoints.push(...changed);
  }
  state() {
    return { ready: true, gateways: this.#gateways };
  }
  onState(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  async close() {}

  /** Acknowledges gateways, or refuses parts of them. */
  programs(key, refusals = []) {
    this.#gateways = new Map([...this.#gateways, [key, { programmed: true, refusals }]]);
    for (const listener of this.#listeners) listener();
  }
}

const isLocal = async (address) => !address.startsWith('192.0.2.');
let env;
let namespace;
let dataPlane;
let ending;
let running;

before(async () => {
  env = await start({ level: 'envtest' });
  namespace = await env.namespace();
  await installGatewayApi(env.client, { channel: 'experimental', clock: systemClock });
  dataPlane = new NotingDataPlane();
  const manager = new Manager({ client: env.client });
  const addresses = new OwnAddresses(parseAddressRange('10.9.8.0/24'), isLocal);
  await addGatewayController(manager, { dataPlane, addresses });
  ending = new AbortController();
  running = manager.start(ending.signal);
});
after(async () => {
  ending.abort();
  await running;
  await env.stop();
});

const listener = { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'Same' } } };
const gateway = (name, spec = {}) => ({
  ...Gateway,
  metadata: { namespace, name },
  spec: { gatewayClassName: 'nekube', listeners: [listener], ...spec },
});
const route = (name, backend) => ({
  ...HTTPRoute,
  metadata: { namespace, name },
  spec: { parentRefs: [{ name: 'shop' }], rules: [{ backendRefs: [{ name: backend, port: 80 }] }] },
});

/** Waits until an object's conditions are these, as `TYPE=STATUS REASON`, among others; gives the object. */
async function until(kind, name, conditionsOf, ...wanted) {
  let seen;
  return env.eventually(
    async () => {
      const object = await env.client.get(kind, { namespace, name });
      seen = (conditionsOf(object) ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);
      for (const one of wanted) assert.ok(seen.includes(one), `${one} is not among ${seen}`);
      return object;
    },
    { timeoutMs: 60_000 },
  );
}
const own = ({ status }) => status?.conditions;
const parent = ({ status }) =>
  status?.parents?.find(({ controllerName }) => controllerName.startsWith('nekube'))?.conditions;

test('the class says which features there are', async () => {
  const object = await env.eventually(async () => {
    const found = await env.client.get(GatewayClass, { name: 'nekube' });
    assert.equal(own(found)?.[0]?.status, 'True');
    return found;
  });
  assert.deepEqual(
    object.status.supportedFeatures.map(({ name }) => name),
    dataPlane.supportedFeatures,
  );
});

test('a Gateway is programmed when the data plane says so, at an address of its own', async () => {
  await env.client.create(gateway('shop', { infrastructure: { labels: { team: 'a' }, annotations: { note: 'b' } } }));
  const accepted = await until(Gateway, 'shop', own, 'Accepted=True Accepted', 'Programmed=False Pending');
  assert.deepEqual(accepted.status.addresses, [{ type: 'IPAddress', value: '10.9.8.1' }]);
  dataPlane.programs(`${namespace}/shop`);
  const programmed = await until(Gateway, 'shop', own, 'Programmed=True Programmed');
  assert.equal(programmed.status.listeners[0].conditions.find(({ type }) => type === 'Programmed').status, 'True');
  assert.deepEqual(dataPlane.models.at(-1).gateways[0].addresses, ['10.9.8.1']);
});

test('what a Gateway has in the cluster leads to it, and has the labels that it asks for', async () => {
  const service = await env.eventually(() => env.client.get(Service, { namespace, name: 'shop-nekube' }));
  assert.deepEqual(service.metadata.labels, { team: 'a', 'gateway.networking.k8s.io/gateway-name': 'shop' });
  assert.equal(service.metadata.annotations.note, 'b');
  const slice = await env.eventually(() => env.client.get(EndpointSlice, { namespace, name: 'shop-nekube' }));
  assert.deepEqual(slice.endpoints[0].addresses, ['10.9.8.1']);
  assert.equal(slice.metadata.ownerReferences[0].kind, 'Gateway');
});

test('a route tells what is wrong, also as an event, and what others say of it stays', async () => {
  await env.client.create(route('web', 'web'));
  const made = await until(HTTPRoute, 'web', parent, 'Accepted=True Accepted', 'ResolvedRefs=False BackendNotFound');
  const foreign = {
    parentRef: { name: 'other' },
    controllerName: 'example.com/other',
    conditions: made.status.parents[0].conditions,
  };
  const parents = [foreign, ...made.status.parents];
  const patch = { merge: { status: { parents } } };
  const seen = await env.client.patch(HTTPRoute, { namespace, name: 'web' }, patch, { subresource: 'status' });
  await env.client.create({ ...Service, metadata: { namespace, name: 'web' }, spec: { ports: [{ port: 80 }] } });
  const resolved = await until(HTTPRoute, 'web', parent, 'ResolvedRefs=True ResolvedRefs');
  assert.deepEqual(resolved.status.parents[0], seen.status.parents[0]);
  await env.eventually(async () => {
    const { items } = await env.client.list(Event, { namespace });
    assert.ok(
      items.some(({ reason, involvedObject }) => reason === 'BackendNotFound' && involvedObject.name === 'web'),
    );
  });
});

test('a part that the data plane refuses is told at what it was made from', async () => {
  const source = { kind: 'HTTPRoute', namespace, name: 'web', rule: 0 };
  dataPlane.programs(`${namespace}/shop`, [{ source, message: 'missing ]' }]);
  const refused = await until(HTTPRoute, 'web', parent, 'Programmed=False Invalid');
  assert.match(parent(refused).find(({ type }) => type === 'Programmed').message, /missing \]/);
  dataPlane.programs(`${namespace}/shop`);
  await env.eventually(async () => {
    const found = await env.client.get(HTTPRoute, { namespace, name: 'web' });
    assert.ok(!parent(found).some(({ type }) => type === 'Programmed'));
  });
});

test('endpoints go to the data plane by the short way', async () => {
  const models = dataPlane.models.length;
  await env.client.create({
    ...EndpointSlice,
    metadata: { namespace, name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.244.0.7'], conditions: { ready: true } }],
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  });
  await env.eventually(() => assert.equal(dataPlane.endpoints.at(-1)?.endpoints[0]?.address, '10.244.0.7'));
  assert.equal(dataPlane.models.length, models);
});

test('an address that cannot be used is told, and one that can is given', async () => {
  const addresses = [{ value: '192.0.2.1' }, { value: '10.9.8.200' }];
  await env.client.create(gateway('static', { addresses }));
  const refused = await until(Gateway, 'static', own, 'Accepted=True Accepted', 'Programmed=False AddressNotUsable');
  assert.match(
    own(refused).find(({ type }) => type === 'Programmed').message,
    /192\.0\.2\.1 is no address of this machine/,
  );
  await env.client.patch(
    Gateway,
    { namespace, name: 'static' },
    { merge: { spec: { addresses: addresses.slice(1) } } },
  );
  dataPlane.programs(`${namespace}/static`);
  const given = await until(Gateway, 'static', own, 'Programmed=True Programmed');
  assert.deepEqual(given.status.addresses, [{ type: 'IPAddress', value: '10.9.8.200' }]);
});

test('a Gateway that goes takes what it was with it', async () => {
  await env.client.delete(Gateway, { namespace, name: 'static' });
  await env.eventually(() =>
    assert.deepEqual(
      dataPlane.models.at(-1).gateways.map(({ source }) => source.name),
      ['shop'],
    ),
  );
});
