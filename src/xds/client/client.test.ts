import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Resource } from '../resources/resource.ts';
import { CLUSTER_URL } from '../resources/resource-types.ts';
import { Snapshot } from '../resources/snapshot.ts';
import { AdsServer } from '../server/ads-server.ts';
import { cluster, endpoints, listener, routes } from '../testing/resources.ts';
import { collect, follow } from './collect.ts';
import { configDump, readConfigDump } from './config-dump.ts';

const PRIVATE = Buffer.from('a private key').toString('base64');
const SNAPSHOT = Snapshot.of([
  cluster('a'),
  endpoints('a', [1]),
  endpoints('nobody-asks', [2]),
  listener('http', 'routes', 80),
  routes('routes', ['a']),
  Resource.of('envoy.config.cluster.v3.Cluster', {
    name: 'tls',
    transport_socket: {
      name: 'tls',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
        common_tls_context: {
          tls_certificate_sds_secret_configs: [
            { name: 'certificate', sds_config: { ads: {}, resource_api_version: 'V3' } },
          ],
        },
      },
    },
  }),
  Resource.of('envoy.extensions.transport_sockets.tls.v3.Secret', {
    name: 'certificate',
    tls_certificate: { certificate_chain: { inline_string: 'public' }, private_key: { inline_bytes: PRIVATE } },
  }),
]);

async function serving(use: (server: AdsServer, url: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'nekube-ads-'));
  const server = new AdsServer({ keyOf: ({ id }) => (id === 'stranger' ? undefined : 'key'), graceMs: 0 });
  try {
    await use(server, await server.listen({ path: join(dir, 'socket') }));
  } finally {
    await server.close();
    await rm(dir, { recursive: true });
  }
}

const shortOf = (all: ReadonlyMap<string, ReadonlyMap<string, unknown>>): string[] =>
  [...all].flatMap(([url, named]) => [...named.keys()].map((name) => `${url.split('.').at(-1)} ${name}`)).sort();

const never = new AbortController().signal;

for (const protocol of ['delta', 'world'] as const) {
  test(`a client collects all that an Envoy comes to ask for (${protocol})`, async () => {
    await serving(async (server, url) => {
      server.set('key', SNAPSHOT);
      const all = await collect({ url, protocol, node: { id: 'me' }, quietMs: 10_000, signal: never });
      assert.deepEqual(shortOf(all), [
        'Cluster a',
        'Cluster tls',
        'ClusterLoadAssignment a',
        'Listener http',
        'RouteConfiguration routes',
        'Secret certificate',
      ]);
      const dump = configDump(all);
      const text = JSON.stringify(dump);
      assert.equal(text.includes(PRIVATE), false, 'no private key is shown');
      assert.ok(text.includes('public'));
      assert.ok(text.includes(Buffer.from('[redacted]').toString('base64')));
      assert.deepEqual(shortOf(readConfigDump(dump)), shortOf(all));
    });
  });

  test(`a client hears what changes, until it has heard enough (${protocol})`, async () => {
    await serving(async (server, url) => {
      server.set('key', SNAPSHOT);
      const stop = new AbortController();
      await follow({ url, protocol, node: { id: 'me' }, signal: stop.signal }, (received, all) => {
        if (all.get(CLUSTER_URL)?.has('late') === true) stop.abort();
        else if (received.type === CLUSTER_URL) server.set('key', SNAPSHOT.with({ put: [cluster('late')] }));
      });
    });
  });
}

test('who is not known is refused, and told so', async () => {
  await serving(async (server, url) => {
    server.set('key', SNAPSHOT);
    await assert.rejects(collect({ url, node: { id: 'stranger' }, quietMs: 10_000, signal: never }), {
      details: 'node "stranger" is not known',
    });
  });
});
