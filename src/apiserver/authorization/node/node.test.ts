import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FieldSelector, type KubeObject } from 'nekube/apimachinery';
import type { AuthorizationAttributes } from '../authorizer.ts';
import { nodeAuthorizer } from './index.ts';

/** Objects as an informer would give them. */
function sourceOf(...objects: object[]) {
  const all = objects as KubeObject[];
  return {
    list: () => all,
    inNamespace: (namespace: string) => all.filter(({ metadata }) => metadata.namespace === namespace),
    get: (namespace: string, name: string) =>
      all.find(({ metadata }) => (metadata.namespace ?? '') === namespace && metadata.name === name),
  };
}

const secretRef = (name: string, namespace?: string) => ({ secretRef: { name, ...(namespace && { namespace }) } });

const POD = {
  metadata: { namespace: 'ns', name: 'web' },
  spec: {
    nodeName: 'n1',
    serviceAccountName: 'robot',
    imagePullSecrets: [{ name: 'pull' }],
    initContainers: [{ envFrom: [{ configMapRef: { name: 'init-map' } }, secretRef('init-secret')] }],
    containers: [
      {
        env: [
          { name: 'A', valueFrom: { secretKeyRef: { name: 'env-secret', key: 'k' } } },
          { name: 'B', valueFrom: { configMapKeyRef: { name: 'env-map', key: 'k' } } },
          { name: 'C', value: 'plain' },
        ],
      },
    ],
    ephemeralContainers: [{ envFrom: [secretRef('debug-secret')] }],
    volumes: [
      { name: 'a', secret: { secretName: 'volume-secret' } },
      { name: 'b', configMap: { name: 'volume-map' } },
      {
        name: 'c',
        projected: { sources: [{ secret: { name: 'projected-secret' } }, { configMap: { name: 'projected-map' } }] },
      },
      { name: 'd', persistentVolumeClaim: { claimName: 'claim' } },
      { name: 'e', ephemeral: {} },
      { name: 'f', rbd: secretRef('rbd-secret') },
      { name: 'g', csi: { nodePublishSecretRef: { name: 'csi-secret' } } },
    ],
    resourceClaims: [
      { name: 'x', resourceClaimName: 'device' },
      { name: 'y', resourceClaimTemplateName: 't' },
    ],
  },
  status: { resourceClaimStatuses: [{ name: 'y', resourceClaimName: 'made-device' }] },
};

const authorizer = nodeAuthorizer({
  pods: sourceOf(
    POD,
    {
      metadata: { namespace: 'ns', name: 'other' },
      spec: { nodeName: 'n2', volumes: [{ secret: { secretName: 'far' } }] },
    },
    {
      metadata: { namespace: 'ns', name: 'mirror', annotations: { 'kubernetes.io/config.mirror': 'x' } },
      spec: { nodeName: 'n1', volumes: [{ secret: { secretName: 'stolen' } }] },
    },
    { metadata: { namespace: 'ns', name: 'waiting' }, spec: { volumes: [{ secret: { secretName: 'early' } }] } },
  ),
  persistentVolumes: sourceOf(
    {
      metadata: { name: 'volume' },
      spec: {
        claimRef: { namespace: 'ns', name: 'claim' },
        csi: {
          nodeStageSecretRef: { namespace: 'store', name: 'stage' },
          controllerPublishSecretRef: { namespace: 'store', name: 'control' },
        },
      },
    },
    { metadata: { name: 'free' }, spec: {} },
  ),
  volumeAttachments: sourceOf({ metadata: { name: 'here' }, spec: { nodeName: 'n1' } }),
  resourceSlices: sourceOf({ metadata: { name: 'slice' }, spec: { nodeName: 'n1' } }),
});

/** `VERB [NAMESPACE:]RESOURCE[/SUBRESOURCE][.GROUP][#NAME][?FIELD=VALUE]`, by the node n1. */
function asked(text: string, name = 'system:node:n1', groups = ['system:nodes']): AuthorizationAttributes {
  const [, verb = '', namespace = '', resource = '', subresource = '', apiGroup = '', object = '', field, value = ''] =
    /^(\w+) (?:([^:]*):)?([^/.#?]+)(?:\/([^.#?]+))?(?:\.([^#?]+))?(?:#([^?]+))?(?:\?([^=]+)=(.+))?$/.exec(text)!;
  return {
    user: { name, groups },
    ...{
      verb,
      namespace,
      resource,
      subresource,
      apiGroup,
      name: object,
      apiVersion: 'v1',
      path: '',
      resourceRequest: true,
    },
    ...(field && { fieldSelector: new FieldSelector([{ field, operator: '=', value }]) }),
  };
}

const ALLOWED = [
  ...[
    'pull',
    'init-secret',
    'env-secret',
    'debug-secret',
    'volume-secret',
    'projected-secret',
    'rbd-secret',
    'csi-secret',
  ].map((name) => `get ns:secrets#${name}`),
  ...['init-map', 'env-map', 'volume-map', 'projected-map'].map((name) => `watch ns:configmaps#${name}`),
  'get store:secrets#stage',
  'get ns:persistentvolumeclaims#claim',
  'get ns:persistentvolumeclaims#web-e',
  'patch ns:persistentvolumeclaims/status#claim',
  'get persistentvolumes#volume',
  'get ns:resourceclaims.resource.k8s.io#device',
  'get ns:resourceclaims.resource.k8s.io#made-device',
  'get ns:serviceaccounts#robot',
  'create ns:serviceaccounts/token#robot',
  'get volumeattachments.storage.k8s.io#here',
  'get resourceslices.resource.k8s.io#slice',
  'list resourceslices.resource.k8s.io?spec.nodeName=n1',
  'create kube-node-lease:leases.coordination.k8s.io',
  'update kube-node-lease:leases.coordination.k8s.io#n1',
  'create csinodes.storage.k8s.io',
  'get nodes#n1',
  'patch nodes/status#n2',
  'get ns:pods#web',
  'list pods?spec.nodeName=n1',
  'list ns:pods#web',
  'create ns:pods',
  'create ns:pods/eviction#web',
  'list services',
  'create certificatesigningrequests.certificates.k8s.io',
];

const REFUSED: readonly (readonly [string, string])[] = [
  ['get ns:secrets#far', "no relationship found between node 'n1' and this object"],
  ['get ns:secrets#stolen', "no relationship found between node 'n1' and this object"],
  ['get ns:secrets#early', "no relationship found between node 'n1' and this object"],
  ['get store:secrets#control', "no relationship found between node 'n1' and this object"],
  ['get else:secrets#pull', "no relationship found between node 'n1' and this object"],
  ['list ns:secrets', 'No Object name found'],
  ['list secrets', 'can only read namespaced object of this type'],
  ['update ns:secrets#pull', 'can only read resources of this type'],
  ['get ns:configmaps/x#volume-map', 'cannot read subresource'],
  ['list ns:persistentvolumeclaims', 'can only get individual resources of this type'],
  ['get ns:persistentvolumeclaims/status#claim', 'can only get/update/patch this type'],
  ['get persistentvolumes#free', "no relationship found between node 'n1' and this object"],
  ['create ns:serviceaccounts', 'can only create tokens for individual service accounts'],
  ['create ns:serviceaccounts/x#robot', 'can only create token subresource of serviceaccount'],
  ['create ns:serviceaccounts/token#other', "no relationship found between node 'n1' and this object"],
  ['list kube-node-lease:leases.coordination.k8s.io', 'can only get, create, update, patch, or delete a node lease'],
  ['get ns:leases.coordination.k8s.io#n1', 'can only access leases in the "kube-node-lease" system namespace'],
  [
    'get kube-node-lease:leases.coordination.k8s.io#n2',
    'can only access node lease with the same name as the requesting node',
  ],
  ['get csinodes.storage.k8s.io#n2', 'can only access CSINode with the same name as the requesting node'],
  [
    'list resourceslices.resource.k8s.io',
    'can only list/watch/deletecollection resourceslices with nodeName field selector',
  ],
  ['list nodes', "node 'n1' cannot read all nodes, only its own Node object"],
  ['get nodes#n2', "node 'n1' cannot read 'n2', only its own Node object"],
  ['delete nodes#n1', ''],
  ['get ns:pods#other', "no relationship found between node 'n1' and this object"],
  ['list pods?spec.nodeName=n2', 'can only list/watch pods with spec.nodeName field selector'],
  ['get ns:pods/log#web', ''],
  ['delete services', ''],
];

describe('a node', () => {
  for (const text of ALLOWED)
    test(`may ${text}`, async () => assert.equal((await authorizer.authorize(asked(text))).decision, 'allow'));
  for (const [text, reason] of REFUSED)
    test(`may not ${text}`, async () =>
      assert.deepEqual(await authorizer.authorize(asked(text)), { decision: 'no-opinion', reason }));
});

test('users who are not in the group of nodes, or have another name, are none', async () => {
  const nothing = { decision: 'no-opinion', reason: '' };
  assert.deepEqual(await authorizer.authorize(asked('get nodes#n1', 'system:node:n1', [])), nothing);
  assert.deepEqual(await authorizer.authorize(asked('get nodes#n1', 'n1')), nothing);
  const unknown = { decision: 'no-opinion', reason: 'unknown node for user "system:node:"' };
  assert.deepEqual(await authorizer.authorize(asked('get nodes#n1', 'system:node:')), unknown);
});
