// Services, load balancers and names of a cluster whose API server is ours, with addresses that the API alone knows.
import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { after, before, test } from 'node:test';
import { start } from 'nekube/envtest';
import { openPodNetwork, startClusterNetwork } from 'nekube/network';

const SLICE = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' };
const SERVICE = { apiVersion: 'v1', kind: 'Service' };
let environment;
let client;
let network;
let cluster;
let resolver;
const errors = [];
const servers = [];

before(async () => {
  environment = await start({ level: 'envtest' });
  client = environment.client;
  network = await openPodNetwork({ mode: 'virtual' });
  const apiServer = createTcpServer((socket) => socket.end('api')).listen(0, '127.0.0.1');
  servers.push(apiServer);
  await once(apiServer, 'listening');
  cluster = await startClusterNetwork({
    client,
    network,
    apiServer: { host: '127.0.0.1', port: apiServer.address().port },
    onError: (error) => errors.push(error.message),
  });
  resolver = new Resolver({ timeout: 5000, tries: 10 });
  resolver.setServers([`${cluster.dns.host}:${cluster.dns.port}`]);
});

after(async () => {
  await cluster?.close();
  await network?.close();
  for (const server of servers) server.close();
  await environment?.stop();
});

const eventually = (attempt) => environment.eventually(attempt, { timeoutMs: 60_000 });

/** A pod that answers with its name; with its address, its port stands in a slice of the service. */
async function serving(name) {
  const ports = [{ containerPort: 80, variable: 'PORT' }];
  const pod = await network.attach({ namespace: 'default', name, uid: name, node: 'n1', hostNetwork: false, ports });
  const server = createServer({ keepAlive: false }, (_, response) => response.end(name));
  server.listen(Number(pod.environment.PORT), pod.environment.NEKUBE_LISTEN_ADDRESS);
  servers.push(server);
  await once(server, 'listening');
  return pod.ips[0];
}

function slice(service, endpoints) {
  const metadata = { namespace: 'default', name: `${service}-1`, labels: { 'kubernetes.io/service-name': service } };
  return { ...SLICE, metadata, addressType: 'IPv4', ports: [{ name: 'http', port: 80 }], endpoints };
}

function service(name, spec = {}) {
  return {
    ...SERVICE,
    metadata: { namespace: 'default', name },
    spec: { ports: [{ name: 'http', port: 80 }], ...spec },
  };
}

/** What a service answers, or how it is that it does not. */
async function ask(place) {
  if (place === undefined) return 'not routed';
  const answer = fetch(`http://${place.host}:${place.port}`, { headers: { connection: 'close' } });
  return answer.then(
    (response) => response.text(),
    ({ cause }) => cause?.code,
  );
}

test('a service leads to its ready endpoints, and refuses when there is none', async () => {
  const ip = await serving('a');
  const { spec } = await client.create(service('web'));
  const answer = () => ask(cluster.reach(spec.clusterIP, 80));
  await eventually(async () => assert.equal(await answer(), 'ECONNREFUSED'));
  await client.create(slice('web', [{ addresses: [ip], conditions: { ready: true } }]));
  await eventually(async () => assert.equal(await answer(), 'a'));
  await client.update({ ...(await client.get(SLICE, { namespace: 'default', name: 'web-1' })), endpoints: [] });
  await eventually(async () => assert.equal(await answer(), 'ECONNREFUSED'));
  await client.delete(SERVICE, { namespace: 'default', name: 'web' });
  await eventually(async () => assert.equal(await answer(), 'not routed'));
});

test('kubernetes.default leads to the API server', async () => {
  const { spec } = await client.get(SERVICE, { namespace: 'default', name: 'kubernetes' });
  await eventually(async () => assert.ok(cluster.reach(spec.clusterIP, 443)));
});

test('a load balancer gets an address on which it is reached, and its service goes after it', async () => {
  const ip = await serving('b');
  await client.create(service('shop', { type: 'LoadBalancer', ports: [{ name: 'http', port: 18_080 }] }));
  await client.create(slice('shop', [{ addresses: [ip] }]));
  const key = { namespace: 'default', name: 'shop' };
  const shop = await eventually(async () => {
    const found = await client.get(SERVICE, key);
    assert.match(found.status.loadBalancer.ingress?.[0]?.ip ?? '', /^127\./);
    return found;
  });
  assert.deepEqual(shop.metadata.finalizers, ['service.kubernetes.io/load-balancer-cleanup']);
  const [{ ip: address }] = shop.status.loadBalancer.ingress;
  await eventually(async () => assert.equal(await ask({ host: address, port: 18_080 }), 'b'));
  const [{ nodePort }] = shop.spec.ports;
  await eventually(async () => assert.equal(await ask({ host: '127.0.0.1', port: nodePort }), 'b'));
  await client.delete(SERVICE, key);
  await eventually(async () => assert.equal((await client.list(SERVICE, { namespace: 'default' })).items.length, 1));
  await eventually(async () => {
    const { items } = await client.list({ apiVersion: 'v1', kind: 'Event' }, { namespace: 'default' });
    const told = items.filter(({ involvedObject }) => involvedObject.name === 'shop');
    const ensured = told.find(({ reason }) => reason === 'EnsuredLoadBalancer');
    assert.deepEqual(ensured?.source, { component: 'service-controller' }, JSON.stringify(told));
  });
});

test('a service that becomes another type loses its load balancer', async () => {
  await client.create(service('changing', { type: 'LoadBalancer' }));
  const key = { namespace: 'default', name: 'changing' };
  const get = () => client.get(SERVICE, key);
  await eventually(async () => assert.ok((await get()).status.loadBalancer.ingress));
  await client.patch(SERVICE, key, { merge: { spec: { type: 'ClusterIP' } } });
  await eventually(async () => {
    const { metadata, status } = await get();
    assert.deepEqual([metadata.finalizers, status.loadBalancer], [undefined, {}]);
  });
  await client.delete(SERVICE, key);
});

test('a resolver finds services, ports and endpoints by their names', async () => {
  const { spec } = await client.create(service('named'));
  const headless = service('db', { clusterIP: 'None' });
  await client.create(headless);
  await client.create(slice('db', [{ addresses: ['10.244.0.77'], hostname: 'db-0' }]));
  await eventually(async () =>
    assert.deepEqual(await resolver.resolve4('named.default.svc.cluster.local'), [spec.clusterIP]),
  );
  await eventually(async () =>
    assert.deepEqual(await resolver.resolve4('db-0.db.default.svc.cluster.local'), ['10.244.0.77']),
  );
  const srv = await resolver.resolveSrv('_http._tcp.named.default.svc.cluster.local');
  assert.deepEqual(
    srv.map(({ name, port }) => [name, port]),
    [['named.default.svc.cluster.local', 80]],
  );
  assert.deepEqual(await resolver.reverse(spec.clusterIP), ['named.default.svc.cluster.local']);
  assert.deepEqual(await resolver.reverse('10.244.0.77'), ['db-0.db.default.svc.cluster.local']);
  assert.deepEqual(await resolver.resolveTxt('dns-version.cluster.local'), [['1.1.0']]);
  assert.equal((await resolver.resolveSoa('cluster.local')).nsname, 'ns.dns.cluster.local');
  assert.deepEqual(await resolver.resolveNs('cluster.local'), ['ns.dns.cluster.local']);
  const refused = async (name) => resolver.resolve4(name).then(String, ({ code }) => code);
  assert.equal(await refused('absent.default.svc.cluster.local'), 'ENOTFOUND');
  assert.equal(await refused('example.com'), 'ENOTFOUND');
});

test('an answer that is too long for a datagram comes by TCP', async () => {
  await client.create(service('many', { clusterIP: 'None' }));
  const ips = Array.from({ length: 200 }, (_, i) => `10.244.9.${i + 2}`);
  await client.create(
    slice(
      'many',
      ips.map((ip) => ({ addresses: [ip] })),
    ),
  );
  await eventually(async () => {
    const found = await resolver.resolve4('many.default.svc.cluster.local');
    assert.deepEqual(found.toSorted(), ips.toSorted());
  });
});

test('the service kube-dns is there, with the tenth address, and names are asked for there', async () => {
  const { spec } = await client.get(SERVICE, { namespace: 'kube-system', name: 'kube-dns' });
  assert.equal(spec.clusterIP, '10.0.0.10');
  const { host, port } = await eventually(async () => {
    const place = cluster.reach('10.0.0.10', 53, 'UDP');
    assert.ok(place);
    return place;
  });
  const through = new Resolver({ timeout: 5000, tries: 10 });
  through.setServers([`${host}:${port}`]);
  await eventually(async () => assert.deepEqual(await through.resolveTxt('dns-version.cluster.local'), [['1.1.0']]));
});

test('nothing went wrong on the way', () =>
  assert.deepEqual(
    errors.filter((text) => !/EACCES/.test(text)),
    [],
  ));
