import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { KubeObject } from 'nekube/apimachinery';
import { ConfigMap, Namespace } from 'nekube/client/kinds';
import type { Environment } from './environment.ts';
import { start } from './start.ts';

const crds = join(fileURLToPath(new URL('../../src/envtest/testdata', import.meta.url)), 'crds');
const Definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
const Widget = { apiVersion: 'test.nekube.dev/v1', kind: 'Widget' };

/** Stands for a cluster that others use too. */
let cluster: Environment;
before(async () => void (cluster = await start({ level: 'envtest', name: 'the cluster' })));
after(() => cluster.stop());

const inCluster = (options: Parameters<typeof start>[0] = {}) =>
  start({ level: 'cluster', kubeconfig: cluster.kubeconfig(), ...options });
const definitions = async (): Promise<string[]> =>
  (await cluster.client.list(Definition)).items.map(({ metadata }) => metadata.name ?? '');

test('what a test made in a cluster is gone when it stops, and nothing else', async () => {
  await cluster.client.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'stays', namespace: 'default' },
  });
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'goes', namespace: 'default' },
  } as KubeObject;
  const env = await inCluster({ crds: [crds], objects: [object] });
  const namespace = await env.namespace('mine');
  await env.client.create({ ...Widget, metadata: { name: 'w', namespace }, spec: {} } as KubeObject);
  await env.stop();
  assert.deepEqual(await definitions(), []);
  const kept = (await cluster.client.list(ConfigMap, { namespace: 'default' })).items;
  assert.deepEqual(
    kept.map(({ metadata }) => metadata.name),
    ['stays'],
  );
  const left = (await cluster.client.list(Namespace)).items.find(({ metadata }) => metadata.name === namespace);
  assert.ok(left === undefined || left.metadata.deletionTimestamp !== undefined, 'the namespace goes');
});

test('a definition goes with the last test that uses it', async () => {
  const [one, other] = await Promise.all([inCluster({ crds: [crds] }), inCluster({ crds: [crds] })]);
  await one.stop();
  assert.equal((await definitions()).length, 2);
  const namespace = await other.namespace();
  await other.client.create({ ...Widget, metadata: { name: 'w', namespace }, spec: {} } as KubeObject);
  await other.stop();
  assert.deepEqual(await definitions(), []);
});

test('a definition that was there before the test stays', async () => {
  await using owner = await start({ level: 'envtest', crds: [crds] });
  const env = await start({ level: 'cluster', kubeconfig: owner.kubeconfig(), crds: [crds] });
  await env.stop();
  assert.equal((await owner.client.list(Definition)).items.length, 2);
});

test('users are acted as', async () => {
  await using env = await inCluster();
  const jane = env.user({ name: 'jane', groups: ['devs'] });
  await assert.rejects(jane.list(ConfigMap), /User "jane" cannot list resource "configmaps"/);
});

test('configurations of webhooks have a name of their own, and go', async () => {
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'judge' },
    webhooks: [
      {
        name: 'judge.test.nekube.dev',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        clientConfig: { service: { namespace: 'system', name: 'judge', path: '/judge' } },
        rules: [{ apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothing'] }],
      },
    ],
  } as unknown as KubeObject;
  const kind = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' };
  const env = await inCluster({ webhooks: [configuration] });
  const [live] = (await cluster.client.list(kind)).items;
  assert.match(live?.metadata.name ?? '', /^judge-[0-9a-f]{8}$/);
  assert.match(
    (live as unknown as { webhooks: { clientConfig: { url: string } }[] }).webhooks[0]!.clientConfig.url,
    /^https:\/\/127\.0\.0\.1:\d+\/judge$/,
  );
  await env.stop();
  assert.equal((await cluster.client.list(kind)).items.length, 0);
});

test('what only a server of the test can do is refused, and why', async () => {
  await using env = await inCluster();
  assert.throws(() => env.faults, /Cannot inject faults at level cluster: its server cannot be told to fail/);
  assert.throws(() => env.requests, /Cannot log requests at level cluster/);
  assert.throws(() => env.snapshot(), /Cannot take a snapshot at level cluster: it is shared with others/);
  await assert.rejects(inCluster({ clock: 'fake' }), /Cannot turn the clock at level cluster/);
});
