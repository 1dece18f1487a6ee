import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { KubeObject } from 'nekube/apimachinery';
import { ConfigMap, Event, Service } from 'nekube/client/kinds';
import { start } from './start.ts';

const crds = join(fileURLToPath(new URL('../../src/envtest/testdata', import.meta.url)), 'crds');
const Gadget = { apiVersion: 'test.nekube.dev/v1alpha1', kind: 'Gadget' };
const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});
const key = (name: string) => ({ namespace: 'default', name });

for (const level of ['fake', 'envtest'] as const)
  describe(`a restored snapshot at level ${level}`, () => {
    test('has objects as they were, and watchers see what becomes of them', async () => {
      await using env = await start({ level });
      const stays = await env.client.create(configMap('stays'));
      const goes = await env.client.create(configMap('goes', { old: 'yes' }));
      await env.client.create(configMap('changes', { old: 'yes' }));
      const snapshot = env.snapshot();
      await env.client.delete(ConfigMap, key('goes'));
      await env.client.update(configMap('changes', { old: 'no' }));
      await env.client.create(configMap('new'));
      const events = await env.record(ConfigMap);
      await env.restore(snapshot);
      const back = await env.client.get(ConfigMap, key('goes'));
      assert.equal(back.metadata.uid, goes.metadata.uid);
      assert.equal(back.metadata.creationTimestamp, goes.metadata.creationTimestamp);
      assert.deepEqual(back.data, { old: 'yes' });
      assert.deepEqual((await env.client.get(ConfigMap, key('changes'))).data, { old: 'yes' });
      assert.equal(
        (await env.client.get(ConfigMap, key('stays'))).metadata.resourceVersion,
        stays.metadata.resourceVersion,
      );
      await events.sequence(['DELETED ConfigMap default/new']);
      await events.sequence(['ADDED ConfigMap default/goes']);
      await events.sequence(['MODIFIED ConfigMap default/changes']);
      assert.equal(events.all.length, 3);
    });

    test('has definitions and their objects, and can be restored again', async () => {
      await using env = await start({ level, crds: [crds] });
      await env.client.create({ ...Gadget, metadata: { name: 'g' } } as KubeObject);
      const snapshot = env.snapshot();
      for (let i = 0; i < 2; i++) {
        await env.client.delete(
          { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
          { name: 'gadgets.test.nekube.dev' },
        );
        await env.eventually(async () => {
          const { items } = await env.client.list({
            apiVersion: 'apiextensions.k8s.io/v1',
            kind: 'CustomResourceDefinition',
          });
          return items.length === 1;
        });
        await env.restore(snapshot);
        assert.equal((await env.client.get(Gadget, { name: 'g' })).metadata.name, 'g');
      }
      await env.restore(snapshot);
    });

    test('may be of another environment', async () => {
      await using one = await start({ level, crds: [crds] });
      await one.client.create({ ...Gadget, metadata: { name: 'g' } } as KubeObject);
      await using other = await start({ level });
      await other.restore(one.snapshot());
      assert.equal((await other.client.get(Gadget, { name: 'g' })).metadata.name, 'g');
      await one.client.delete(Gadget, { name: 'g' });
      assert.equal((await other.client.list(Gadget)).items.length, 1);
    });

    test('gives addresses back, and takes those that services have again', async () => {
      await using env = await start({ level });
      const service = (name: string, clusterIP?: string): KubeObject => ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace: 'default' },
        spec: { ports: [{ port: 80 }], ...(clusterIP && { clusterIP }) },
      });
      const before = env.snapshot();
      await env.client.create(service('one', '10.0.0.50'));
      const after = env.snapshot();
      await env.restore(before);
      await env.client.create(service('other', '10.0.0.50'));
      await env.restore(after);
      assert.equal((await env.client.get(Service, key('one'))).spec?.clusterIP, '10.0.0.50');
      await assert.rejects(env.client.create(service('two', '10.0.0.50')), /already allocated/);
    });
  });

test('what expires lives as long as it had to live when the snapshot was taken', async () => {
  await using env = await start({ level: 'fake' });
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'default' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
  } as KubeObject;
  await env.client.create(event);
  await env.clock.advance(30 * 60_000);
  const snapshot = env.snapshot();
  await env.clock.advance(40 * 60_000);
  assert.equal((await env.client.list(Event)).items.length, 0);
  await env.restore(snapshot);
  await env.clock.advance(29 * 60_000);
  assert.equal((await env.client.list(Event)).items.length, 1);
  await env.clock.advance(2 * 60_000);
  assert.equal((await env.client.list(Event)).items.length, 0);
});
