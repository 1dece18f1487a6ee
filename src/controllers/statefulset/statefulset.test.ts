import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../pods/pod.ts';
import { claimOwners, isStale } from './claim-owners.ts';
import { newPod } from './stateful-pod.ts';
import { type Claim, identityOf, type StatefulSet } from './stateful-set.ts';
import { planPods } from './stateful-set-sync.ts';
import { completed } from './status.ts';

function set(spec: Partial<StatefulSet['spec']> = {}): StatefulSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', namespace: 'here', uid: 'the set' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: {}, ...spec },
  };
}

function pod(name: string, uid = name): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, uid }, spec: {}, status: { phase: 'Running' } };
}

const identities: readonly (readonly [name: string, parent: string, ordinal: number])[] = [
  ['web-0', 'web', 0],
  ['web-1-12', 'web-1', 12],
  ['web', '', -1],
  ['web-x', '', -1],
  ['web-2147483648', 'web', -1],
];
for (const [name, parent, ordinal] of identities)
  test(`the pod ${name} is number ${ordinal} of "${parent}"`, () => {
    assert.deepEqual(identityOf(pod(name)), { parent, ordinal });
  });

test('pods that are missing are planned, and those out of range are too many, the last first', () => {
  const pods = ['web-0', 'web-6', 'web-9', 'web-7'].map((name) => pod(name));
  const { replicas, condemned } = planPods(set({ ordinals: { start: 5 } }), pods, (ordinal) => pod(`new-${ordinal}`));
  assert.deepEqual(
    replicas.map(({ metadata }) => metadata.name),
    ['new-5', 'web-6'],
  );
  assert.deepEqual(
    condemned.map(({ metadata }) => metadata.name),
    ['web-9', 'web-7', 'web-0'],
  );
});

test('a claim takes the place of a volume of its name', () => {
  const owner = set({ serviceName: 'names', volumeClaimTemplates: [{ metadata: { name: 'data' } }] });
  const template = {
    spec: {
      volumes: [
        { name: 'data', emptyDir: {} },
        { name: 'tmp', emptyDir: {} },
      ],
    },
  };
  const { metadata, spec } = newPod(owner, template, 'web-abc', 3);
  assert.deepEqual(spec, {
    hostname: 'web-3',
    subdomain: 'names',
    volumes: [
      { name: 'data', persistentVolumeClaim: { claimName: 'data-web-3' } },
      { name: 'tmp', emptyDir: {} },
    ],
  });
  assert.deepEqual(metadata.labels, {
    'statefulset.kubernetes.io/pod-name': 'web-3',
    'apps.kubernetes.io/pod-index': '3',
    'controller-revision-hash': 'web-abc',
  });
});

const owner = (kind: string, name: string, uid: string) => ({
  apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});
const [ofSet, ofPod, ofOther] = [
  owner('StatefulSet', 'web', 'the set'),
  owner('Pod', 'web-5', 'web-5'),
  owner('X', 'x', 'x'),
];
const policies: readonly (readonly [
  name: string,
  scaled: string,
  deleted: string,
  of: string,
  has: object[],
  expected: object[] | undefined,
])[] = [
  ['nobody, when it is kept', 'Retain', 'Retain', 'web-0', [ofSet], []],
  ['nobody, as it has nobody', 'Retain', 'Retain', 'web-0', [], undefined],
  ['the set, when it goes with that', 'Retain', 'Delete', 'web-5', [], [ofSet]],
  ['the set, as it is', 'Delete', 'Delete', 'web-0', [ofSet], undefined],
  ['the pod that is too many', 'Delete', 'Delete', 'web-5', [ofSet], [ofPod]],
  ['nobody, when the pod is not too many', 'Delete', 'Retain', 'web-0', [], undefined],
  [
    'whom it has beside',
    'Retain',
    'Delete',
    'web-0',
    [{ ...ofOther, controller: false }],
    [{ ...ofOther, controller: false }, ofSet],
  ],
  ['another controller, whatever the policy', 'Delete', 'Delete', 'web-5', [ofOther, ofPod], [ofOther]],
];
for (const [name, whenScaled, whenDeleted, of, has, expected] of policies)
  test(`a claim belongs to ${name}`, () => {
    const policy = { persistentVolumeClaimRetentionPolicy: { whenScaled, whenDeleted } };
    const claim = { metadata: { name: 'data', ownerReferences: has } } as Claim;
    assert.deepEqual(claimOwners(claim, { set: set(policy), pod: pod(of) }), expected);
  });

test('a claim of a pod that is gone is stale for the next one of its name', () => {
  const claim = { metadata: { name: 'data', ownerReferences: [ofPod] } } as Claim;
  assert.equal(isStale(claim, pod('web-5', 'another')), true);
  assert.equal(isStale(claim, pod('web-5')), false);
});

test('an update is complete when all pods are of it and ready', () => {
  const status = {
    replicas: 2,
    readyReplicas: 2,
    updatedReplicas: 2,
    currentReplicas: 0,
    updateRevision: 'b',
    currentRevision: 'a',
  };
  const rolling = set({ updateStrategy: { type: 'RollingUpdate' } });
  assert.equal(completed(rolling, status).currentRevision, 'b');
  assert.equal(completed(rolling, { ...status, readyReplicas: 1 }).currentRevision, 'a');
  assert.equal(completed(set({ updateStrategy: { type: 'OnDelete' } }), status).currentRevision, 'a');
});
