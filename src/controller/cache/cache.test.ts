import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import type { Client, Informer, Kind } from 'nekube/client';
import { silentLogger } from '../log/logger.ts';
import { Cache, type CacheOptions } from './cache.ts';

const SECRET: Kind = { apiVersion: 'v1', kind: 'Secret' };

/** A cache with one object in its informer, and a newer one at the server. */
function newFixture(options: CacheOptions) {
  const object = (data: string): KubeObject => ({ ...SECRET, metadata: { name: 'key', namespace: 'default' }, data });
  const client = {
    get: async () => object('of the server'),
    async *pages() {
      yield object('of the server');
    },
  } as unknown as Client;
  const store = { get: () => object('cached'), list: () => [object('cached')], byIndex: () => [object('cached')] };
  const informer = { kind: SECRET, store, isSynced: true, synced: async () => {}, run: async () => {} };
  const createInformer = (() => informer as unknown as Informer) as never;
  const cache = new Cache({ client, createInformer, options, logger: silentLogger });
  cache.informer(SECRET);
  return cache;
}

test('a kind that is watched is read from its informer', async () => {
  const cache = newFixture({});
  assert.equal((await cache.get(SECRET, { name: 'key' }))?.data, 'cached');
  assert.equal((await cache.list(SECRET))[0]?.data, 'cached');
});

test('a kind that is not to be cached is read from the server, also if something watches it', async () => {
  const cache = newFixture({ uncached: [SECRET] });
  assert.equal((await cache.get(SECRET, { name: 'key' }))?.data, 'of the server');
  assert.equal((await cache.list(SECRET))[0]?.data, 'of the server');
  await assert.rejects(cache.byIndex(SECRET, 'app', 'web'), RangeError);
});

test('several namespaces have an informer each, of a kind that has namespaces', () => {
  const made: string[] = [];
  const createInformer = ((_client: Client, { kind }: Kind, { namespace }: { namespace?: string }) => {
    made.push(`${kind} in ${namespace}`);
    const store = { get: () => ({ namespace }), list: () => [], byIndex: () => [] };
    return { store, isSynced: true, run: async () => {}, synced: async () => {} } as unknown as Informer;
  }) as never;
  const client = { defaultNamespace: 'b' } as Client;
  const cache = new Cache({ client, createInformer, options: { namespaces: ['a', 'b'] }, logger: silentLogger });
  const secrets = cache.informer(SECRET);
  cache.informer({ apiVersion: 'v1', kind: 'Node' });
  cache.informer({ apiVersion: 'example.com/v1', kind: 'Realm', namespaced: false } as Kind);
  assert.deepEqual(made, ['Secret in a', 'Secret in b', 'Node in a', 'Realm in a']);
  // a key without a namespace is about the client's own, as everywhere
  assert.deepEqual(secrets.store.get({ name: 'key' }), { namespace: 'b' });
});
