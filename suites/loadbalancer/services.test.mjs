// Services of an API server become what a node's maps hold, as they come, change and go.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { InformerSet } from 'nekube/client';
import { start } from 'nekube/envtest';
import { addressText, layoutsOf, ServiceMaps, startServiceBalancing } from 'nekube/loadbalancer';

const { service: Service, serviceKey, backend: Backend } = layoutsOf(4);
const hex = (bytes) => Buffer.from(bytes).toString('hex');

let env;
let informers;
let running;
const stop = new AbortController();
const problems = [];
const entries = new Map();
const table = [];

before(async () => {
  env = await start({ level: 'fake' });
  informers = new InformerSet(env.client);
  startServiceBalancing({
    informers,
    node: 'n1',
    settings: { mode: 'dsr-ipip', algorithm: 'maglev' },
    maps: new ServiceMaps(),
    apply({ added, tables, services, removed }) {
      for (const { map, key, value } of [...added, ...services, ...removed])
        if (value === undefined) entries.delete(`${map} ${hex(key)}`);
        else entries.set(`${map} ${hex(key)}`, { map, key, value });
      for (const { offset, values } of tables) values.forEach((value, i) => (table[offset + i] = value));
    },
    onProblems: ({ metadata }, told) => problems.push(`${metadata.name}: ${told.join('; ')}`),
  });
  running = informers.run(stop.signal);
});

after(async () => {
  stop.abort();
  await running;
  await env.stop();
});

/** The backends of each frontend in the maps, by their addresses. */
function frontends() {
  const found = {};
  for (const { map, key, value } of entries.values()) {
    if (map !== 'services4') continue;
    const { address, port } = serviceKey.decode(key);
    const { tableOffset, tableSize } = Service.decode(value);
    const ids = new Set(table.slice(tableOffset, tableOffset + tableSize));
    const backends = [...ids].map((id) =>
      Backend.decode(
        entries.get(`backends4 ${hex(new Uint8Array(Uint32Array.of(id).buffer))}`)?.value ?? new Uint8Array(12),
      ),
    );
    found[`${addressText(address)}:${port}`] = backends.map((one) => `${addressText(one.address)}:${one.port}`).sort();
  }
  return found;
}

const SERVICE = { apiVersion: 'v1', kind: 'Service' };
const SLICE = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' };
const KEY = { namespace: 'default', name: 'web' };
const eventually = (check) => env.eventually(check, { timeoutMs: 60_000 });
const shows = (expected) =>
  eventually(() => {
    const { '10.0.0.7:80': web, ...others } = frontends();
    assert.deepEqual({ web, ...others }, { web: undefined, ...others, ...expected });
  });

const slice = (name, endpoints) => ({
  ...SLICE,
  metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  endpoints,
});

test('a Service is in the maps with its endpoints, as they come and go', async () => {
  const ports = [{ name: 'http', port: 80 }];
  await env.client.create({ ...SERVICE, metadata: KEY, spec: { clusterIP: '10.0.0.7', ports } });
  await shows({ web: [] });
  await env.client.create(slice('web-1', [{ addresses: ['10.244.1.2'] }]));
  await env.client.create(slice('web-2', [{ addresses: ['10.244.2.2'] }]));
  await shows({ web: ['10.244.1.2:8080', '10.244.2.2:8080'] });
  await env.client.delete(SLICE, { namespace: 'default', name: 'web-1' });
  await shows({ web: ['10.244.2.2:8080'] });
});

test('a node port is served at the addresses of the Node, which come later', async () => {
  const service = await env.client.get(SERVICE, KEY);
  service.spec.type = 'NodePort';
  service.spec.ports[0].nodePort = 30080;
  await env.client.update(service);
  const node = await env.client.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } });
  node.status = { addresses: [{ type: 'InternalIP', address: '10.239.0.1' }] };
  await env.client.update(node, { subresource: 'status' });
  await shows({ web: ['10.244.2.2:8080'], '10.239.0.1:30080': ['10.244.2.2:8080'] });
});

test('what cannot be served is told once, and when it is over', async () => {
  const annotate = async (value) => {
    const service = await env.client.get(SERVICE, KEY);
    service.metadata.annotations = { 'loadbalancer.nekube.dev/mode': value };
    await env.client.update(service);
  };
  await annotate('dsr');
  await eventually(() => assert.equal(problems.length, 1));
  assert.match(
    problems[0],
    /^web: annotation loadbalancer\.nekube\.dev\/mode must be one of snat, .*; dsr-ipip is used$/,
  );
  await annotate('snat');
  await eventually(() => assert.deepEqual(problems.slice(1), ['web: ']));
});

test('a Service that is deleted leaves nothing behind', async () => {
  const before = Object.keys(frontends()).filter((place) => /^10\.(0\.0\.7|239)/.test(place));
  assert.equal(before.length, 2);
  await env.client.delete(SERVICE, KEY);
  await eventually(() => {
    const left = Object.keys(frontends()).filter((place) => before.includes(place));
    assert.deepEqual(left, []);
  });
});
