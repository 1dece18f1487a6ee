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
