import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import * as kinds from 'nekube/client/kinds';
import { ConfigMap, Deployment, Pod, StatefulSet } from 'nekube/client/kinds';
import * as autoscalingV1 from 'nekube/client/kinds/autoscaling/v1';
import * as events from 'nekube/client/kinds/events/v1';
import type { Client } from './client.ts';
import type { Kind } from './kinds.ts';
import type { ApplyConfiguration, Patch } from './patches.ts';

/**
 * What the compiler must accept and must refuse: each `@ts-expect-error` without an error fails the build. None of it runs.
 */
export async function compiled(client: Client): Promise<void> {
  const deployment = await client.get(Deployment, { namespace: 'default', name: 'web' });
  const replicas: number | undefined = deployment.spec.replicas;
  const version: string | undefined = deployment.metadata.resourceVersion;
  const apiVersion: 'apps/v1' = deployment.apiVersion;
  const available: number | undefined = deployment.status?.availableReplicas;
  // @ts-expect-error the status may not be there yet
  const certain: number = deployment.status.replicas;
  // @ts-expect-error there is no such field
  deployment.spec.replica = 3;
  deployment.spec.replicas = replicas;
  // @ts-expect-error a number, not a text
  deployment.spec.replicas = '3';
  deployment.spec.strategy = { type: 'Recreate' };
  // @ts-expect-error one of two words
  deployment.spec.strategy = { type: 'Rolling' };
  // a kind of our own is accepted wherever any kind is
  const anyKind: Kind = Deployment;
  const anyObject: KubeObject = deployment;

  await client.create<Deployment>({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [
            {
              name: 'web',
              image: 'nginx:1',
              resources: { limits: { cpu: 1, memory: '64Mi' } },
              ports: [{ containerPort: 80 }],
            },
          ],
        },
      },
      // @ts-expect-error there is no such field
      replica: 3,
    },
  });
  // @ts-expect-error a Deployment without a spec would be refused
  await client.create<Deployment>({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } });
  // of a kind that is imported from anywhere, what is written is checked without naming its type
  const made: ConfigMap = await client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { a: '1' } });
  // @ts-expect-error a text, not a number
  await client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { a: 1 } });
  // @ts-expect-error there is no such field
  await client.update({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, dat: {} });
  // @ts-expect-error there is no such field
  await client.apply({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replica: 1 } });
  // other kinds, types that are named, and what does not say its kind to the compiler stay free
  const web = await client.create({ apiVersion: 'example.com/v1', kind: 'Web', metadata: {}, spec: { size: 3 } });
  const size: number = web.spec.size;
  await client.create<KubeObject>({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, dat: size });
  const same: KubeObject = await client.update(anyObject);
  await client.update(same.metadata.name === '' ? made : deployment);
  // @ts-expect-error another version's name
  await client.create<ConfigMap>({ apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'web' } });
  await client.update(deployment);

  await client.apply<Deployment>({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:2' }] } } },
  });
  const applied: Deployment = await client.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    // @ts-expect-error there is no such field, in whatever depth
    spec: { template: { spec: { containers: [{ nam: 'web' }] } } },
  });
  // @ts-expect-error without a name there is nothing to apply to
  await client.apply<Deployment>({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: {} });
  // @ts-expect-error it must say what it is
  await client.apply<ConfigMap>({ metadata: { name: 'web' }, data: {} });
  // without a type, any kind
  await client.apply({ apiVersion: 'example.com/v1', kind: 'Backup', metadata: { name: 'b' }, spec: { every: '1h' } });

  const key = { namespace: 'default', name: 'web' };
  await client.patch(Deployment, key, { merge: { spec: { replicas: null } } });
  await client.patch(Deployment, key, { merge: { metadata: { labels: { old: null } } } });
  // @ts-expect-error there is no such field
  await client.patch(Deployment, key, { merge: { spec: { replica: 3 } } });
  // @ts-expect-error lists are replaced, so that items must be whole
  const halfAnItem: Patch<Pod> = { merge: { spec: { containers: [{ image: 'nginx:3' }] } } };
  await client.patch(Deployment, key, {
    strategic: {
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'web', image: 'nginx:3' },
              { $patch: 'delete', name: 'old' },
            ],
          },
        },
        strategy: { $retainKeys: ['type'], type: 'Recreate' },
      },
    },
  });
  await client.patch(Pod, key, {
    strategic: { spec: { '$setElementOrder/containers': [{ name: 'a' }], tolerations: [{ $patch: 'replace' }] } },
  });
  // @ts-expect-error there is no such directive
  await client.patch(Pod, key, { strategic: { spec: { $patch: 'remove' } } });
  // @ts-expect-error nor such a field
  await client.patch(Pod, key, { strategic: { spec: { container: [] } } });
  await client.patch(Pod, key, {
    json: [{ op: 'add', path: '/spec/containers/-', value: deployment.spec.template.spec }],
  });
  // @ts-expect-error an addition has a value
  await client.patch(Pod, key, { json: [{ op: 'add', path: '/metadata/labels/a' }] });

  // claims in a StatefulSet need not say what they are
  const claims: StatefulSet['spec']['volumeClaimTemplates'] = [{ metadata: { name: 'data' }, spec: {} }];
  // integers stay numbers, and one that has any 64 bits says so
  const generation: number | undefined = deployment.status?.observedGeneration;
  const attribute: kinds.DeviceAttribute = { int: 2n ** 62n };
  // a list that Go writes as null
  const rules: kinds.PolicyRule[] | null | undefined = (await client.get(kinds.ClusterRole, { name: 'admin' })).rules;
  const scale = await client.get(kinds.Scale, key);
  await client.createSubresource<kinds.Eviction>(Pod, key, 'eviction', {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: 'web' },
  });
  for await (const { object } of client.watch(events.Event)) void object.note;
  for await (const { object } of client.watch(kinds.Event)) void object.message;
  // generic code over any kind
  async function relabel<T extends KubeObject>(kind: Kind<T>): Promise<T> {
    return await client.patch(kind, key, { merge: { metadata: { labels: { a: 'b' } } } } as unknown as Patch<T>);
  }
  const relabelled: Deployment = await relabel(Deployment);
  const configuration: ApplyConfiguration<ConfigMap> = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a' },
    data: { a: 'b' },
    immutable: true,
  };
  void [version, apiVersion, available, certain, anyKind, anyObject, applied, claims, generation, attribute, rules];
  void [scale, relabelled, configuration, halfAnItem];
}

test('a kind is a value that says how it is served', () => {
  const { apiVersion, kind, resource, namespaced } = Deployment;
  assert.deepEqual([apiVersion, kind, resource, namespaced], ['apps/v1', 'Deployment', 'deployments', true]);
  assert.equal(kinds.Node.namespaced, false);
});

test('an object begins with its kind, which does not bring along how it is served', () => {
  assert.deepEqual(
    { ...Deployment, metadata: { name: 'web' } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
    },
  );
});

test('a name that several versions have is the preferred one, and the others are in their modules', () => {
  assert.equal(kinds.HorizontalPodAutoscaler.apiVersion, 'autoscaling/v2');
  assert.equal(autoscalingV1.HorizontalPodAutoscaler.apiVersion, 'autoscaling/v1');
  assert.equal(kinds.Event.apiVersion, 'v1');
  assert.equal(events.Event.apiVersion, 'events.k8s.io/v1');
});

test('a kind that subresources alone take has no resource', () => {
  assert.deepEqual(kinds.Eviction, { apiVersion: 'policy/v1', kind: 'Eviction' });
});

test('nobody changes a kind for others', () => {
  assert.throws(() => Object.assign(Pod, { kind: 'Other' }), TypeError);
});
