import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KubeObject, parseYaml } from 'nekube/apimachinery';
import { operatorPod } from './operator-pod.ts';

const account = { namespace: 'operators', name: 'shop' };
const objects = [
  { kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'operators' }, data: { level: 'debug', mode: 'fast' } },
  {
    kind: 'Secret',
    metadata: { name: 'login', namespace: 'operators' },
    data: { user: 'amFuZQ==' },
    stringData: { key: 'k' },
  },
  { kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'elsewhere' }, data: { level: 'wrong' } },
] as unknown as readonly KubeObject[];

interface Case {
  readonly name: string;
  readonly container: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly lacks?: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: 'values as they stand, with others in them',
    container:
      '{env: [{name: HOST, value: shop}, {name: URL, value: "https://$(HOST)/$(NOT)/$$(HOST)"}, {name: EMPTY}]}',
    env: { HOST: 'shop', URL: 'https://shop/$(NOT)/$(HOST)', EMPTY: '' },
  },
  {
    name: 'fields of its pod',
    container:
      '{env: [{name: NS, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}, {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}',
    env: { NS: 'operators', POD: 'shop-0' },
  },
  {
    name: 'keys of ConfigMaps and Secrets of its namespace',
    container:
      '{env: [{name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: level}}}, {name: USER, valueFrom: {secretKeyRef: {name: login, key: user}}}, {name: KEY, valueFrom: {secretKeyRef: {name: login, key: key}}}]}',
    env: { LEVEL: 'debug', USER: 'jane', KEY: 'k' },
  },
  {
    name: 'whole ConfigMaps and Secrets, over which single values go',
    container:
      '{envFrom: [{configMapRef: {name: settings}, prefix: S_}, {secretRef: {name: login}}], env: [{name: key, value: own}]}',
    env: { S_level: 'debug', S_mode: 'fast', user: 'jane', key: 'own' },
  },
  {
    name: 'what the manifests do not have is told',
    container:
      '{envFrom: [{secretRef: {name: gone}}], env: [{name: A, valueFrom: {secretKeyRef: {name: login, key: gone}}}, {name: B, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]}',
    lacks: [
      'its Deployment shop sets its environment from the Secret gone, which the manifests do not have: it is not set here',
      'its Deployment shop sets A from gone of the Secret login: it is not set here',
      'its Deployment shop sets B from its limits.cpu: it is not set here',
    ],
  },
  {
    name: 'files are told',
    container:
      '{volumeMounts: [{name: cert, mountPath: /certs}, {name: tmp, mountPath: /tmp}, {name: gone, mountPath: /gone}]}',
    lacks: [
      'its Deployment shop mounts secret webhook-cert at /certs, emptyDir at /tmp, volume gone at /gone: the local process has no such files',
    ],
  },
];

for (const { name, container, env = {}, lacks = [] } of CASES) {
  test(`what its pod gives an operator: ${name}`, () => {
    assert.deepEqual(operatorPod(deployment(container), account, objects), { env, lacks });
  });
}

test('the container is the one that is named as the main one, or the first that is no proxy', () => {
  const two =
    '{name: kube-rbac-proxy, env: [{name: A, value: proxy}]}, {name: manager, env: [{name: A, value: manager}]}';
  assert.deepEqual(operatorPod(deployment(two), account, []).env, { A: 'manager' });
  const named = deployment(two, '{kubectl.kubernetes.io/default-container: kube-rbac-proxy}');
  assert.deepEqual(operatorPod(named, account, []).env, { A: 'proxy' });
});

test('without a workload there is nothing', () => {
  assert.deepEqual(operatorPod(undefined, account, objects), { env: {}, lacks: [] });
});

function deployment(containers: string, annotations = '{}'): KubeObject {
  const volumes = '[{name: cert, secret: {secretName: webhook-cert}}, {name: tmp, emptyDir: {}}]';
  return parseYaml(
    `{kind: Deployment, metadata: {name: shop}, spec: {template: {metadata: {annotations: ${annotations}}, spec: {containers: [${containers}], volumes: ${volumes}}}}}`,
  ) as unknown as KubeObject;
}
