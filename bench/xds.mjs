// Envoy's configuration: encoding it, changing a part of it, and giving it to Envoys. CPU milliseconds, medians.
//
//   npm run bench -- xds [--quick] [--record]
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AdsClient, AdsServer, decode, encode, Resource, Snapshot } from 'nekube/xds';
import { cluster, endpoints } from '../dist/xds/testing/resources.js';
import { median, printTable, recorded, recordFigures, short } from './table.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, record: { type: 'boolean', default: false } },
});
const rounds = options.quick ? 5 : 15;
const COUNT = 10_000;
const ROUTES = 'envoy.config.route.v3.RouteConfiguration';
const CLUSTERS = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
const ENDPOINTS = 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment';
const CLIENTS = 50;

const route = (i, note = '') => ({
  name: `httproute/default/route-${i}/rule/0/match/0${note}`,
  match: { path_separated_prefix: `/path-${i}`, headers: [{ name: ':method', string_match: { exact: 'GET' } }] },
  route: { cluster: `cluster-${i}`, timeout: '15s', retry_policy: { retry_on: 'connect-failure', num_retries: 2 } },
  metadata: { filter_metadata: { nekube: { kind: 'HTTPRoute', name: `route-${i}`, namespace: 'default' } } },
});

/** Ten virtual hosts of a thousand routes each. */
const configuration = () => ({
  name: 'routes',
  virtual_hosts: Array.from({ length: 10 }, (_, host) => ({
    name: `host-${host}`,
    domains: [`host-${host}.example.com`],
    routes: Array.from({ length: COUNT / 10 }, (_, i) => route(host * 1000 + i)),
  })),
});

const withOneChanged = (whole, note) => {
  const [first, ...others] = whole.virtual_hosts;
  return { ...whole, virtual_hosts: [{ ...first, routes: first.routes.with(5, route(5, note)) }, ...others] };
};

const figures = {};

/** CPU milliseconds of `work`, which gets what `prepare` gives. */
function measure(name, work, prepare = () => undefined) {
  const times = Array.from({ length: rounds }, (_, i) => {
    const prepared = prepare(i);
    const before = process.cpuUsage();
    work(prepared);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  figures[name] = median(times);
}

measure('10,000 routes encoded', (whole) => encode(ROUTES, whole), configuration);
const bytes = encode(ROUTES, configuration());
measure('10,000 routes decoded', () => decode(ROUTES, bytes));
const whole = configuration();
Resource.of(ROUTES, whole);
measure(
  'one of 10,000 routes changed, encoded',
  (changed) => Resource.of(ROUTES, changed),
  (i) => withOneChanged(whole, i),
);

const names = Array.from({ length: COUNT }, (_, i) => `cluster-${i}`);
measure('10,000 clusters encoded', () => names.map((name) => cluster(name)));
const base = Snapshot.of(names.flatMap((name) => [cluster(name), endpoints(name, [8080])]));
measure(
  'one of 20,000 resources changed: snapshot and difference',
  (resource) => base.with({ put: [resource] }).since(base),
  (i) => endpoints('cluster-5', [9000 + i]),
);
await pushes();

/** What it costs to give Envoys all of a snapshot, and then one changed resource; server and clients are in this process. */
async function pushes() {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-bench-xds-'));
  const server = new AdsServer({ keyOf: () => 'key' });
  const url = await server.listen({ path: join(dir, 'socket') });
  server.set('key', base);
  const clients = [];
  const connect = async () => {
    const client = new AdsClient({ url, node: { id: `envoy-${clients.length}` } });
    clients.push(client);
    await client.open();
    await received(client, CLUSTERS, () => client.subscribe(CLUSTERS, 'all'));
    await received(client, ENDPOINTS, () => client.subscribe(ENDPOINTS, names));
  };
  await timed('a client gets 20,000 resources', connect, 1);
  const change = (i) => () =>
    server.set('key', server.get('key').with({ put: [endpoints('cluster-5', [10_000 + i])] }));
  let port = 0;
  await timed('one endpoint changed, until 1 client has it (wall)', () =>
    received(clients[0], ENDPOINTS, change(port++)),
  );
  while (clients.length < CLIENTS) await connect();
  await timed(`one endpoint changed, until ${CLIENTS} clients have it (wall)`, () => {
    const all = Promise.all(clients.map((client) => received(client, ENDPOINTS, () => {})));
    change(port++)();
    return all;
  });
  for (const client of clients) client.close();
  await server.close();
  rmSync(dir, { recursive: true });
}

function received(client, type, act) {
  return new Promise((resolve) => {
    const take = (response) => {
      if (response.type !== type) return;
      client.off('response', take);
      resolve();
    };
    client.on('response', take);
    act();
  });
}

async function timed(name, work, count = rounds) {
  const times = [];
  for (let i = 0; i < count; i++) {
    const before = performance.now();
    await work();
    times.push(performance.now() - before);
  }
  figures[name] = median(times);
}

const before = recorded('xds');
printTable([
  ['', 'ms', 'recorded'],
  ...Object.entries(figures).map(([name, figure]) => [name, short(figure), name in before ? short(before[name]) : '–']),
]);
if (options.record)
  recordFigures('xds', { cpu: cpus()[0].model, cores: availableParallelism(), node: process.version }, figures);
