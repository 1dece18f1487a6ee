// Our server of xDS and a real Envoy: what it is given it has, what it refuses holds nobody up, and no request fails meanwhile.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { loadOrCreatePki } from 'nekube/pki';
import { AdsServer, anyOf, Resource, Snapshot } from 'nekube/xds';
import { eventually, skip, startEnvoy } from './envoy.mjs';
import { ask, freePort, startBackend, startTraffic } from './traffic.mjs';

const ROUTES = 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration';
const CLUSTERS = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
const ENDPOINTS = 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment';

const eds_config = { ads: {}, resource_api_version: 'V3' };

const cluster = (name, more = {}) =>
  Resource.of('envoy.config.cluster.v3.Cluster', {
    name,
    type: 'EDS',
    connect_timeout: '1s',
    eds_cluster_config: { eds_config },
    ...more,
  });

const endpoints = (cluster_name, ports) =>
  Resource.of('envoy.config.endpoint.v3.ClusterLoadAssignment', {
    cluster_name,
    endpoints: [
      {
        lb_endpoints: ports.map((port_value) => ({
          endpoint: { address: { socket_address: { address: '127.0.0.1', port_value } } },
        })),
      },
    ],
  });

const routes = (name, list) =>
  Resource.of('envoy.config.route.v3.RouteConfiguration', {
    name,
    virtual_hosts: [{ name: 'all', domains: ['*'], routes: list }],
  });

const to = (name) => [
  { match: { prefix: '/' }, route: { cluster: name, retry_policy: { retry_on: 'connect-failure', num_retries: 1 } } },
];

const listener = (name, port_value, route_config_name, more = {}) =>
  Resource.of('envoy.config.listener.v3.Listener', {
    name,
    address: { socket_address: { address: '127.0.0.1', port_value } },
    filter_chains: [
      {
        filters: [
          {
            name: 'http',
            typed_config: anyOf('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
              stat_prefix: name,
              rds: { route_config_name, config_source: { ...eds_config, initial_fetch_timeout: '0s' } },
              http_filters: [
                { name: 'router', typed_config: anyOf('envoy.extensions.filters.http.router.v3.Router', {}) },
              ],
              ...more,
            }),
          },
        ],
      },
    ],
  });

/** The keys of all resources of a snapshot. */
const keys = (snapshot) => snapshot.all().map(({ type, name }) => ({ type: type.url, name }));

/** Waits until the Envoy has accepted all of its snapshot. */
async function accepted(server, id) {
  await eventually('all is accepted', () => {
    const node = server.nodes().find((one) => one.id === id);
    const snapshot = server.get('suite');
    const { waiting, refused } = node?.progress(snapshot, keys(snapshot)) ?? { waiting: [1], refused: [] };
    if (refused.length > 0) throw new Error(JSON.stringify(refused));
    return waiting.length === 0 && node.isConnected;
  });
}

/** How often it took something, by type; the sum is what a reconnect must not change. */
async function updates(envoy) {
  const names = ['cluster_manager.cds', 'listener_manager.lds', 'cluster.one', 'http.first.rds.routes'];
  return Promise.all(names.map((name) => envoy.stat(`${name.replaceAll('.', '\\.')}\\.update_success`)));
}

const options = { keyOf: ({ cluster: key }) => key, graceMs: 200 };

for (const protocol of ['delta', 'world']) {
  describe(`a real Envoy, ${protocol}`, { skip: skip ?? false }, () => {
    const dir = mkdtempSync(join(tmpdir(), 'nekube-xds-'));
    const path = join(dir, 'ads.sock');
    const id = `envoy-${protocol}`;
    let server;
    let envoy;
    let backends;
    let port;

    before(async () => {
      backends = await Promise.all(['one', 'two', 'three'].map(startBackend));
      port = await freePort();
      server = new AdsServer(options);
      await server.listen({ path });
      server.set('suite', base());
      envoy = await startEnvoy({ id, server: { path }, protocol });
      await accepted(server, id);
    });

    after(async () => {
      await envoy?.stop();
      await server?.close();
      for (const backend of backends ?? []) backend.close();
      rmSync(dir, { recursive: true, force: true });
    });

    const base = () =>
      Snapshot.of([
        cluster('one'),
        endpoints('one', [backends[0].port]),
        routes('routes', to('one')),
        listener('first', port, 'routes'),
      ]);
    const change = (put, remove = []) => server.set('suite', server.get('suite').with({ put, remove }));

    test('has what it is given', async () => {
      assert.deepEqual(await ask(port, '/'), { status: 200, text: 'one' });
      const dump = JSON.parse(await envoy.get('/config_dump'));
      assert.match(JSON.stringify(dump), /"version_info":"[0-9a-f]{16}"/);
    });

    test('loses no request while endpoints, clusters and routes change', async () => {
      const traffic = startTraffic(port, '/');
      for (let i = 0; i < 30; i++) {
        change([endpoints('one', i % 2 === 0 ? [backends[0].port, backends[1].port] : [backends[2].port])]);
        if (i % 3 === 0) await accepted(server, id);
      }
      for (let i = 0; i < 6; i++) {
        // the cluster warms again, with endpoints that do not change
        change([cluster('one', { connect_timeout: `${i + 2}s` })]);
        await accepted(server, id);
      }
      for (let i = 0; i < 12; i++) {
        // a cluster comes with its routes, and the one before goes
        const gone =
          i === 0
            ? []
            : [
                { type: CLUSTERS, name: `new-${i - 1}` },
                { type: ENDPOINTS, name: `new-${i - 1}` },
              ];
        change(
          [cluster(`new-${i}`), endpoints(`new-${i}`, [backends[i % 3].port]), routes('routes', to(`new-${i}`))],
          gone,
        );
        if (i % 2 === 0) await accepted(server, id);
      }
      await accepted(server, id);
      await eventually(
        'the clusters before are gone',
        async () => !(await envoy.get('/clusters')).includes('new-10::'),
      );
      server.set('suite', base());
      await accepted(server, id);
      const { count, failures } = await traffic.stop();
      assert.deepEqual(failures, []);
      assert.ok(count > 0, `${count} requests`);
    });

    test('loses no request while a listener comes to have other routes, and one beside it comes and goes', async () => {
      const traffic = startTraffic(port, '/');
      const second = await freePort();
      change([
        cluster('two'),
        endpoints('two', [backends[1].port]),
        routes('others', to('two')),
        listener('first', port, 'others'),
        listener('second', second, 'others'),
      ]);
      await accepted(server, id);
      assert.equal((await ask(second, '/')).text, 'two');
      await eventually('requests go to the other routes', async () => (await ask(port, '/')).text === 'two');
      server.set('suite', base());
      await accepted(server, id);
      await eventually('the second is gone', () =>
        ask(second, '/').then(
          () => false,
          () => true,
        ),
      );
      await eventually('requests come back', async () => (await ask(port, '/')).text === 'one');
      const { failures } = await traffic.stop();
      assert.deepEqual(failures, []);
    });

    test('refuses what is bad, alone, and says why; it is over when that is repaired', async () => {
      const nacks = [];
      server.on('nacked', (_node, type, names, error) => nacks.push({ type, names, error }));
      const bad = [{ match: { safe_regex: { regex: ']: [invalid(' } }, route: { cluster: 'one' } }];
      const second = await freePort();
      change([
        routes('routes', bad),
        cluster('bad', { type: 'STATIC', lb_policy: 'CLUSTER_PROVIDED' }),
        cluster('good'),
        endpoints('good', [backends[2].port]),
        routes('more', to('good')),
        listener('more', second, 'more'),
      ]);
      await eventually('what is good is served', async () => (await ask(second, '/')).text === 'three');
      const node = server.nodes('suite')[0];
      const refused = () => node.refusals().map(({ type, name }) => `${type.split('.').at(-1)} ${name}`);
      await eventually('both are refused', () => refused().length === 2);
      assert.deepEqual(refused().sort(), ['Cluster bad', 'RouteConfiguration routes']);
      assert.match(node.resource({ type: ROUTES, name: 'routes' }).refused.error, /invalid/);
      assert.equal((await ask(port, '/')).text, 'one', 'the routes before are served on');
      assert.ok(nacks.length >= 2);
      server.set('suite', base());
      await accepted(server, id);
      assert.deepEqual(node.refusals(), []);
    });

    test('is sent nothing that it has when the server comes back, and serves meanwhile', async () => {
      await eventually('what was removed is gone', async () => !(await envoy.get('/clusters')).includes('good::'));
      const before = await updates(envoy);
      const snapshot = server.get('suite');
      const traffic = startTraffic(port, '/');
      await server.close();
      server = new AdsServer(options);
      server.set('suite', snapshot);
      await server.listen({ path });
      await accepted(server, id);
      assert.deepEqual(await updates(envoy), before);
      // what has changed meanwhile is sent, and that alone
      change([endpoints('one', [backends[1].port])]);
      await accepted(server, id);
      const changed = await updates(envoy);
      assert.deepEqual([...changed.slice(0, 2), ...changed.slice(3)], [...before.slice(0, 2), ...before.slice(3)]);
      assert.equal((await ask(port, '/')).text, 'two');
      assert.deepEqual((await traffic.stop()).failures, []);
    });
  });
}

test('certificates on both sides', { skip: skip ?? false }, async () => {
  const pki = loadOrCreatePki(undefined, { hosts: ['localhost'], ips: ['127.0.0.1'], now: () => new Date() });
  const tls = { cert: pki.servingCert, key: pki.servingKey, clientCa: pki.caCert };
  const seen = [];
  const server = new AdsServer({
    tls,
    keyOf(node, { certificate }) {
      seen.push(certificate?.subject.CN);
      return node.cluster;
    },
  });
  const url = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
  const { cert, key } = pki.issueClient({ user: 'envoy', groups: [] });
  const address = { host: '127.0.0.1', port: Number(url.port) };
  const client = { ca: pki.caCert, cert, key };
  const envoys = [];
  try {
    server.set('suite', Snapshot.of([cluster('one'), endpoints('one', [1])]));
    envoys.push(await startEnvoy({ id: 'with', server: address, protocol: 'delta', tls: client }));
    await accepted(server, 'with');
    assert.deepEqual(seen, ['envoy']);
    const other = loadOrCreatePki(undefined, { hosts: [], ips: [], now: () => new Date() });
    const stranger = { ca: pki.caCert, ...other.issueClient({ user: 'stranger', groups: [] }) };
    envoys.push(await startEnvoy({ id: 'without', server: address, protocol: 'delta', tls: stranger }));
    await eventually(
      'the stranger has tried',
      async () => (await envoys[1].stat('cluster\\.xds\\.upstream_cx_total')) > 1,
    );
    assert.deepEqual(seen, ['envoy']);
  } finally {
    await Promise.all(envoys.map((one) => one.stop()));
    await server.close();
  }
});
