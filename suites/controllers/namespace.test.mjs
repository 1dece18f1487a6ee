// A namespace that is deleted goes with all that is in it, and says what it waits for.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setInterval as every } from 'node:timers/promises';
import { WIDGET, WIDGETS } from './widgets.mjs';
import { isThere, startWorld, startWorldWith } from './world.mjs';

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' };
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const POD = { apiVersion: 'v1', kind: 'Pod' };
const WAIT = { timeoutMs: 300_000 };

let world;
let client;
before(async () => {
  world = await startWorld('namespace-controller');
  client = world.client;
});
after(() => world?.stop());

test('a namespace goes with its content, of built-in kinds and of custom ones', async () => {
  await world.env.install(WIDGETS);
  const namespace = await world.env.namespace();
  await client.create({ ...CONFIG_MAP, metadata: { namespace, name: 'a' } });
  await client.create({ ...WIDGET, metadata: { namespace, name: 'a' } });
  await client.delete(NAMESPACE, { name: namespace });
  await world.env.eventually(async () => !(await isThere(client, NAMESPACE, { name: namespace })), WAIT);
  assert.deepEqual((await client.list(CONFIG_MAP, { namespace })).items, []);
  assert.deepEqual((await client.list(WIDGET, { namespace })).items, []);
});

test('what waits for a finalizer keeps its namespace, whose conditions say so', async () => {
  const namespace = await world.env.namespace();
  const key = { namespace, name: 'held' };
  await client.create({ ...CONFIG_MAP, metadata: { ...key, finalizers: ['example.com/hold'] } });
  await client.delete(NAMESPACE, { name: namespace });
  const found = await world.env.eventually(async () => {
    const one = await client.get(NAMESPACE, { name: namespace });
    return one.status.conditions !== undefined && one;
  }, WAIT);
  assert.equal(found.status.phase, 'Terminating');
  assert.deepEqual(
    found.status.conditions.map(({ type, status, reason, message }) => [type, status, reason, message]),
    [
      ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'],
      [
        'NamespaceDeletionGroupVersionParsingFailure',
        'False',
        'ParsedGroupVersions',
        'All legacy kube types successfully parsed',
      ],
      [
        'NamespaceDeletionContentFailure',
        'False',
        'ContentDeleted',
        'All content successfully deleted, may be waiting on finalization',
      ],
      [
        'NamespaceContentRemaining',
        'True',
        'SomeResourcesRemain',
        'Some resources are remaining: configmaps. has 1 resource instances',
      ],
      [
        'NamespaceFinalizersRemaining',
        'True',
        'SomeFinalizersRemain',
        'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
      ],
    ],
  );
  await client.patch(CONFIG_MAP, key, { merge: { metadata: { finalizers: null } } });
  await world.env.eventually(async () => !(await isThere(client, NAMESPACE, { name: namespace })), WAIT);
});

test('what pods may still need stays until they are gone', async () => {
  const namespace = await world.env.namespace();
  await client.create({ ...CONFIG_MAP, metadata: { namespace, name: 'needed' } });
  const pod = { namespace, name: 'runs' };
  const spec = { containers: [{ name: 'a', image: 'a' }], nodeName: 'node', terminationGracePeriodSeconds: 5 };
  await client.create({ ...POD, metadata: { ...pod, finalizers: ['example.com/hold'] }, spec });
  await client.delete(NAMESPACE, { name: namespace });
  await world.env.eventually(async () => (await client.get(POD, pod)).metadata.deletionTimestamp !== undefined, WAIT);
  await world.env.eventually(async () => (await client.get(NAMESPACE, { name: namespace })).status.conditions, WAIT);
  assert.ok(await isThere(client, CONFIG_MAP, { namespace, name: 'needed' }));
  await client.patch(POD, pod, { merge: { metadata: { finalizers: null } } });
  await client.delete(POD, pod, { gracePeriodSeconds: 0 }).catch(() => {});
  await world.env.eventually(async () => !(await isThere(client, NAMESPACE, { name: namespace })), WAIT);
});

test('where there is nothing to wait for a namespace goes though no time passes', async () => {
  const settings = { namespaceDeletionGraceMs: 0 };
  const other = await startWorldWith({ names: ['namespace-controller'], settings });
  try {
    const name = await other.env.namespace();
    const began = other.env.clock.elapsed();
    await other.client.delete(NAMESPACE, { name });
    for await (const _ of every(5)) if (!(await isThere(other.client, NAMESPACE, { name }))) break;
    assert.equal(other.env.clock.elapsed(), began);
  } finally {
    await other.stop();
  }
});
