import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Channel } from 'nekube/grpc';
import { AdsClient } from '../client/ads-client.ts';
import { decode, encode } from '../codec/codec.ts';
import { CLUSTER_URL, ENDPOINT_URL } from '../resources/resource-types.ts';
import { Snapshot } from '../resources/snapshot.ts';
import { cluster, endpoints } from '../testing/resources.ts';
import { AdsServer } from './ads-server.ts';

async function serving(use: (server: AdsServer, url: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'nekube-ads-'));
  const server = new AdsServer({ keyOf: (node) => node.cluster });
  try {
    await use(server, await server.listen({ path: join(dir, 'socket') }));
  } finally {
    await server.close();
    await rm(dir, { recursive: true });
  }
}

/** What comes of a type, once. */
function next(client: AdsClient, type: string): Promise<string[]> {
  return new Promise((resolve) => {
    client.on('response', function take(response) {
      if (response.type !== type) return;
      client.off('response', take);
      resolve(response.resources.map(({ name }) => name).sort());
    });
  });
}

test('Envoys of different keys have different snapshots, and what one of them has is told', async () => {
  await serving(async (server, url) => {
    const snapshots = { one: Snapshot.of([cluster('a')]), two: Snapshot.of([cluster('b')]) };
    for (const [key, snapshot] of Object.entries(snapshots)) server.set(key, snapshot);
    const told: string[] = [];
    server.on('connected', ({ id, key }) => told.push(`${id} of ${key}`));
    const clients = ['one', 'two'].map((key) => new AdsClient({ url, node: { id: `envoy-${key}`, cluster: key } }));
    await Promise.all(clients.map((client) => client.open()));
    const acked = new Promise<void>((resolve) => {
      let count = 0;
      server.on('acked', () => ++count === 2 && resolve());
    });
    for (const client of clients) client.subscribe(CLUSTER_URL, 'all');
    assert.deepEqual(await Promise.all(clients.map((client) => next(client, CLUSTER_URL))), [['a'], ['b']]);
    await acked;
    assert.deepEqual(told.sort(), ['envoy-one of one', 'envoy-two of two']);
    const [node] = server.nodes('one');
    const keys = [{ type: CLUSTER_URL, name: 'a' }];
    assert.deepEqual(node!.progress(snapshots.one, keys), { waiting: [], refused: [] });
    const changed = snapshots.one.with({ put: [cluster('a', 'changed')] });
    assert.deepEqual(node!.progress(changed, keys), { waiting: keys, refused: [] });
    const gone = new Promise((resolve) => server.on('disconnected', resolve));
    clients[0]!.close();
    await gone;
    assert.equal(node!.isConnected, false);
    assert.deepEqual(node!.progress(snapshots.one, keys), { waiting: keys, refused: [] });
    clients[1]!.close();
  });
});

test('a type has streams of its own, whose requests need not name it', async () => {
  await serving(async (server, url) => {
    server.set('key', Snapshot.of([cluster('a'), endpoints('a', [1])]));
    const channel = new Channel(url, {});
    const path = '/envoy.service.endpoint.v3.EndpointDiscoveryService/StreamEndpoints';
    const stream = await channel.stream(
      { path, metadata: {} },
      {
        encode: (names: readonly string[]) =>
          encode('envoy.service.discovery.v3.DiscoveryRequest', {
            node: { id: 'envoy', cluster: 'key' },
            resource_names: names,
          }),
        decode: (bytes) => decode('envoy.service.discovery.v3.DiscoveryResponse', bytes),
      },
    );
    stream.write(['a']);
    const response = await new Promise<{ readonly type_url?: string; readonly resources?: readonly object[] }>(
      (resolve) => stream.once('data', resolve),
    );
    assert.equal(response.type_url, ENDPOINT_URL);
    assert.equal(response.resources?.length, 1);
    stream.cancel();
    channel.close();
  });
});
