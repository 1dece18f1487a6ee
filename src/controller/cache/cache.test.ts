import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import type { Client, Kind, WatchEvent, WatchOptions } from 'nekube/client';
import { silentLogger } from '../log/logger.ts';
import { Cache, type CacheOptions } from './cache.ts';

const SECRET: Kind = { apiVersion: 'v1', kind: 'Secret' };
const POD: Kind = { apiVersion: 'v1', kind: 'Pod' };

/** A client that answers lists, and streams one object as often as something watches; `watched` says what did. */
function newClient(watched: string[] = []): Client {
  const object = (data: string): KubeObject => ({
    ...SECRET,
    metadata: { name: 'key', namespace: 'default', resourceVersion: '1' },
    data,
  });
  return {
    defaultNamespace: 'default',
    get: async () => object('of the server'),
    async *pages() {
      yield object('of the server');
    },
    async *watch({ kind }: Kind, { namespace, signal }: WatchOptions = {}): AsyncGenerator<WatchEvent> {
      watched.push(`${kind} in ${namespace}`);
      const annotations = { 'k8s.io/initial-events-end': 'true' };
      yield { type: 'ADDED', object: object(`cached of ${namespace}`) };
      yield { type: 'BOOKMARK', object: { ...SECRET, metadata: { resourceVersion: '1', annotations } } };
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    },
  } as unknown as Client;
}

/** A cache that runs, and has one object in its informer, and a newer one at the server. */
async function newFixture(t: TestContext, options: CacheOptions, watched: string[] = []) {
  const cache = new Cache({ client: newClient(watched), options, logger: silentLogger });
  cache.informer(SECRET);
  const stop = new AbortController();
  const running = cache.start(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
  });
  await cache.ready(stop.signal);
  return cache;
}

test('a kind that is watched is read from its informer', async (t) => {
  const cache = await newFixture(t, {});
  assert.equal((await cache.get(SECRET, { name: 'key' }))?.data, 'cached of undefined');
  assert.equal((await cache.list(SECRET))[0]?.data, 'cached of undefined');
});

test('a kind that is not to be cached is read from the server, also if something watches it', async (t) => {
  const cache = await newFixture(t, { uncached: [SECRET] });
  assert.equal((await cache.get(SECRET, { name: 'key' }))?.data, 'of the server');
  assert.equal((await cache.list(SECRET))[0]?.data, 'of the server');
  await assert.rejects(cache.byIndex(SECRET, 'app', 'web'), RangeError);
});

test('several namespaces have an informer each, of a kind that has namespaces', async (t) => {
  const watched: string[] = [];
  const cache = await newFixture(t, { namespaces: ['a', 'default'] }, watched);
  const secrets = cache.informer(SECRET);
  assert.equal(cache.informer(SECRET), secrets);
  cache.informer({ apiVersion: 'v1', kind: 'Node' });
  cache.informer({ apiVersion: 'example.com/v1', kind: 'Realm', namespaced: false } as Kind);
  await cache.ready(new AbortController().signal);
  assert.deepEqual(watched, ['Secret in a', 'Secret in default', 'Node in a', 'Realm in a']);
  // a key without a namespace is about the client's own, as everywhere
  assert.equal(secrets.store.get({ name: 'key' })?.data, 'cached of default');
});

const limits: readonly { readonly name: string; readonly options: CacheOptions; readonly isAll: boolean }[] = [
  { name: 'nothing', options: {}, isAll: true },
  { name: 'a namespace', options: { namespaces: ['a'] }, isAll: false },
  { name: 'labels', options: { labelSelector: 'app=web' }, isAll: false },
  { name: 'fields of this kind', options: { kinds: [{ kind: SECRET, fieldSelector: 'type=Opaque' }] }, isAll: false },
  {
    name: 'fields of another kind',
    options: { kinds: [{ kind: POD, fieldSelector: 'spec.nodeName=a' }] },
    isAll: true,
  },
];
for (const { name, options, isAll } of limits)
  test(`an informer that is limited to ${name} is ${isAll ? '' : 'not '}shared with who needs all objects`, () => {
    const cache = new Cache({ client: newClient(), options, logger: silentLogger });
    assert.equal(cache.watched(SECRET), undefined);
    const informer = cache.informer(SECRET);
    assert.equal(cache.watched(SECRET), isAll ? informer : undefined);
  });
