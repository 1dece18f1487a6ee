import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Manifest } from './manifest.ts';
import { compareForRemoval, definedScope, inStages, needsAmong, stageOf } from './order.ts';

function manifest(apiVersion: string, kind: string, name: string, more: object = {}): Manifest {
  return { configuration: { apiVersion, kind, metadata: { name, namespace: 'shop' }, ...more }, place: name };
}

const widgets = manifest('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'widgets.e.com', {
  spec: { group: 'e.com', scope: 'Cluster', names: { kind: 'Widget' }, versions: [{ name: 'v1' }, { name: 'v2' }] },
});

test('each stage has what the ones behind it need, and admission is last', () => {
  const manifests = [
    manifest('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'hook'),
    manifest('e.com/v1', 'Widget', 'widget'),
    manifest('apps/v1', 'Deployment', 'web'),
    manifest('apps/v1', 'Deployment', 'api'),
    manifest('v1', 'Service', 'web'),
    manifest('v1', 'PersistentVolumeClaim', 'data'),
    manifest('rbac.authorization.k8s.io/v1', 'RoleBinding', 'web'),
    manifest('rbac.authorization.k8s.io/v1', 'Role', 'web'),
    manifest('v1', 'Secret', 'web'),
    manifest('v1', 'ServiceAccount', 'web'),
    manifest('gateway.networking.k8s.io/v1', 'GatewayClass', 'class'),
    widgets,
    manifest('v1', 'Namespace', 'shop'),
  ];
  const stages = inStages(manifests).map(({ stage, manifests: ms }) => [
    stage,
    ...ms.map(({ configuration: { kind, metadata } }) => `${kind} ${metadata.name}`),
  ]);
  assert.deepEqual(stages, [
    ['definitions', 'CustomResourceDefinition widgets.e.com', 'Namespace shop'],
    ['limits', 'GatewayClass class'],
    ['identities', 'Role web', 'ServiceAccount web'],
    ['bindings', 'RoleBinding web', 'Secret web'],
    ['storage', 'PersistentVolumeClaim data'],
    ['services', 'Service web'],
    ['workloads', 'Deployment api', 'Deployment web'],
    ['others', 'Widget widget'],
    ['admission', 'ValidatingWebhookConfiguration hook'],
  ]);
});

test('a kind of another group with the name of a built-in one is none', () => {
  assert.equal(stageOf({ group: 'serving.knative.dev', kind: 'Service' }), 'others');
});

test('what is removed goes the other way round', () => {
  const ids = ['Namespace', 'Service', 'ConfigMap'].map((kind) => ({ group: '', kind, namespace: '', name: 'a' }));
  assert.deepEqual(
    ids.sort(compareForRemoval).map(({ kind }) => kind),
    ['Service', 'ConfigMap', 'Namespace'],
  );
});

test('an object needs its namespace and its definition, if they are among the files', () => {
  const namespace = manifest('v1', 'Namespace', 'shop');
  const widget = manifest('e.com/v1', 'Widget', 'w');
  assert.deepEqual(needsAmong([widgets, namespace, widget]).of(widget), [
    '/Namespace/shop/shop',
    'apiextensions.k8s.io/CustomResourceDefinition/shop/widgets.e.com',
  ]);
  assert.deepEqual(needsAmong([widget]).of(widget), []);
});

test('a definition says whether its objects have namespaces, in the versions that it has', () => {
  const scope = definedScope([widgets]);
  assert.deepEqual(
    [scope('e.com', 'v1', 'Widget'), scope('e.com', 'v2', 'Widget'), scope('e.com', 'v3', 'Widget')],
    [false, false, undefined],
  );
});
