import assert from 'node:assert/strict';
import { test } from 'node:test';
import { referencesOf, selectionsOf, selectorText } from './references.ts';

const refs = (object: object): string[] =>
  referencesOf(object as never).map(
    ({ group, kind, namespace, name, path }) => `${kind}${group && `.${group}`} ${namespace}/${name} at ${path}`,
  );

test('a pod names what it needs', () => {
  const pod = {
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'shop' },
    spec: {
      nodeName: 'n1',
      serviceAccountName: 'sa',
      imagePullSecrets: [{ name: 'pull' }],
      containers: [
        {
          name: 'c',
          envFrom: [{ configMapRef: { name: 'env' } }],
          env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
        },
      ],
      volumes: [
        { name: 'v', secret: { secretName: 'tls' } },
        { name: 'w', persistentVolumeClaim: { claimName: 'data' } },
        { name: 'x', projected: { sources: [{ configMap: { name: 'root' } }] } },
      ],
    },
  };
  assert.deepEqual(refs(pod), [
    'Node /n1 at spec.nodeName',
    'ServiceAccount shop/sa at spec.serviceAccountName',
    'Secret shop/pull at spec.imagePullSecrets[0]',
    'ConfigMap shop/env at spec.containers[0].envFrom[0].configMapRef',
    'Secret shop/s at spec.containers[0].env[0].valueFrom.secretKeyRef',
    'Secret shop/tls at spec.volumes[0].secret.secretName',
    'PersistentVolumeClaim shop/data at spec.volumes[1].persistentVolumeClaim.claimName',
    'ConfigMap shop/root at spec.volumes[2].projected.sources[0].configMap',
  ]);
});

test('others name objects by kind and name, custom kinds too', () => {
  assert.deepEqual(
    refs({
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h', namespace: 'shop' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
    }),
    ['Deployment.apps shop/web at spec.scaleTargetRef'],
  );
  assert.deepEqual(
    refs({
      kind: 'Thing',
      metadata: { name: 't', namespace: 'shop' },
      spec: { poolRefs: [{ kind: 'Pool', group: 'e.test', name: 'a', namespace: 'other' }], name: 'not one' },
    }),
    ['Pool.e.test other/a at spec.poolRefs[0]'],
  );
  assert.deepEqual(
    refs({
      kind: 'RoleBinding',
      metadata: { name: 'b', namespace: 'shop' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'sa', namespace: 'ci' }],
    }),
    ['ClusterRole.rbac.authorization.k8s.io /view at roleRef', 'ServiceAccount ci/sa at subjects[0]'],
  );
  assert.deepEqual(
    refs({
      kind: 'Ingress',
      metadata: { name: 'i', namespace: 'shop' },
      spec: {
        tls: [{ secretName: 'cert' }],
        rules: [{ http: { paths: [{ backend: { service: { name: 'web', port: { number: 80 } } } }] } }],
      },
    }),
    ['Secret shop/cert at spec.tls[0].secretName', 'Service shop/web at spec.rules[0].http.paths[0].backend.service'],
  );
});

test('fields of custom kinds name Secrets, ConfigMaps, Services and ServiceAccounts by what they are called', () => {
  assert.deepEqual(
    refs({
      kind: 'Database',
      metadata: { name: 'd', namespace: 'shop' },
      spec: {
        adminPasswordSecretKeyRef: { name: 'admin', key: 'password' },
        solver: { apiTokenSecretRef: { name: 'token' } },
        configMapRef: { name: 'settings' },
        serviceRef: { name: 'db', namespace: 'data' },
        serviceAccountRef: { name: 'runner' },
        tls: { secretName: 'cert' },
        secretRefresh: { name: 'none' },
        poolRef: { name: 'of a kind that is not said' },
      },
    }),
    [
      'Secret shop/admin at spec.adminPasswordSecretKeyRef',
      'Secret shop/token at spec.solver.apiTokenSecretRef',
      'ConfigMap shop/settings at spec.configMapRef',
      'Service data/db at spec.serviceRef',
      'ServiceAccount shop/runner at spec.serviceAccountRef',
      'Secret shop/cert at spec.tls.secretName',
    ],
  );
});

test('a service selects pods, and has slices; without a selector it selects none', () => {
  const service = (selector?: object) => ({
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { ...(selector && { selector }) },
  });
  const shown = (object: object): string[] =>
    selectionsOf(object as never).map(({ kind, labelSelector }) => `${kind} ${labelSelector}`);
  assert.deepEqual(shown(service({ app: 'web', tier: 'a' })), [
    'Pod app=web,tier=a',
    'EndpointSlice kubernetes.io/service-name=web',
  ]);
  assert.deepEqual(shown(service()), ['EndpointSlice kubernetes.io/service-name=web']);
});

test('a selector is written as requests have it', () => {
  const matchExpressions = [
    { key: 'a', operator: 'In', values: ['1', '2'] },
    { key: 'b', operator: 'NotIn', values: ['3'] },
    { key: 'c', operator: 'Exists' },
    { key: 'd', operator: 'DoesNotExist' },
  ];
  assert.equal(
    selectorText({ matchLabels: { app: 'web' }, matchExpressions } as never),
    'app=web,a in (1,2),b notin (3),c,!d',
  );
  assert.equal(selectorText({}), '');
  assert.equal(selectorText(undefined), undefined);
});
