import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bindVolume } from './bind-volume.ts';
import { findMatchingVolume, type MatchOptions } from './find-matching-volume.ts';
import { BOUND_BY_CONTROLLER, type PersistentVolume, type PersistentVolumeClaim } from './persistent-volume.ts';

const claim = (spec: Partial<PersistentVolumeClaim['spec']> = {}): PersistentVolumeClaim => ({
  metadata: { name: 'data', namespace: 'ns', uid: 'u1', resourceVersion: '7' },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'c', resources: { requests: { storage: '5Gi' } }, ...spec },
});
const volume = (
  name: string,
  storage = '5Gi',
  spec: Partial<PersistentVolume['spec']> = {},
  phase = 'Available',
): PersistentVolume => ({
  metadata: { name, labels: { name } },
  spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], storageClassName: 'c', ...spec },
  status: { phase },
});
const mine = { namespace: 'ns', name: 'data' };
const onNode = (name: string): PersistentVolume['spec']['nodeAffinity'] => ({
  required: {
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'host', operator: 'In', values: [name] }] }],
  },
});
const node = { metadata: { name: 'one', labels: { host: 'one' } } };
const going: PersistentVolume = {
  ...volume('going'),
  metadata: { name: 'going', deletionTimestamp: '2026-01-01T00:00:00Z' },
};

describe('the volume for a claim', () => {
  const cases: readonly {
    readonly name: string;
    readonly volumes: readonly PersistentVolume[];
    readonly claim?: Partial<PersistentVolumeClaim['spec']>;
    readonly options?: MatchOptions;
    readonly found: string | undefined;
  }[] = [
    { name: 'there is none', volumes: [], found: undefined },
    { name: 'the smallest', volumes: [volume('9', '9Gi'), volume('6', '6Gi'), volume('7', '7Gi')], found: '6' },
    { name: 'the first of the smallest', volumes: [volume('a', '6Gi'), volume('b', '6144Mi')], found: 'a' },
    { name: 'one that is just large enough', volumes: [volume('a', '5Gi')], found: 'a' },
    { name: 'none that is too small', volumes: [volume('a', '4Gi')], found: undefined },
    { name: 'none that is bound', volumes: [volume('a', '5Gi', {}, 'Bound')], found: undefined },
    { name: 'none that is going', volumes: [going], found: undefined },
    { name: 'none of another class', volumes: [volume('a', '5Gi', { storageClassName: 'd' })], found: undefined },
    { name: 'no device for a file system', volumes: [volume('a', '5Gi', { volumeMode: 'Block' })], found: undefined },
    {
      name: 'a device for a device',
      volumes: [volume('a', '5Gi', { volumeMode: 'Block' })],
      claim: { volumeMode: 'Block' },
      found: 'a',
    },
    {
      name: 'none of other attributes',
      volumes: [volume('a', '5Gi', { volumeAttributesClassName: 'fast' })],
      found: undefined,
    },
    { name: 'none without a mode', volumes: [volume('a', '5Gi', { accessModes: ['ReadOnlyMany'] })], found: undefined },
    {
      name: 'one that is selected',
      volumes: [volume('a'), volume('b')],
      claim: { selector: { matchLabels: { name: 'b' } } },
      found: 'b',
    },
    {
      name: 'one that is for it already, however large, of whatever class and phase',
      volumes: [volume('a'), volume('own', '9Gi', { claimRef: mine, storageClassName: 'd' }, 'Released')],
      found: 'own',
    },
    {
      name: 'none that is for one of its name of before',
      volumes: [volume('a', '5Gi', { claimRef: { ...mine, uid: 'u0' } })],
      found: undefined,
    },
    {
      name: 'none that is for one of its name elsewhere',
      volumes: [volume('a', '5Gi', { claimRef: { namespace: 'other', name: 'data' } })],
      found: undefined,
    },
    {
      name: 'none yet, if the scheduler is to choose',
      volumes: [volume('a')],
      options: { isDelayed: true },
      found: undefined,
    },
    {
      name: 'its own also before the scheduler chooses',
      volumes: [volume('own', '5Gi', { claimRef: mine })],
      options: { isDelayed: true },
      found: 'own',
    },
    {
      name: 'one on the node',
      volumes: [
        volume('there', '5Gi', { nodeAffinity: onNode('two') }),
        volume('here', '6Gi', { nodeAffinity: onNode('one') }),
      ],
      options: { node },
      found: 'here',
    },
    { name: 'one that is everywhere', volumes: [volume('a')], options: { node }, found: 'a' },
    {
      name: 'nothing else, if its own is elsewhere',
      volumes: [volume('here'), volume('own', '5Gi', { claimRef: mine, nodeAffinity: onNode('two') })],
      options: { node },
      found: undefined,
    },
  ];
  for (const { name, volumes, claim: spec, options, found } of cases)
    test(name, () => assert.equal(findMatchingVolume(claim(spec), volumes, options)?.metadata.name, found));
});

describe('a volume that is bound to a claim', () => {
  test('names it, with its version, and is marked as bound by itself', () => {
    const bound = bindVolume(volume('a'), claim())!;
    const reference = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...mine, uid: 'u1', resourceVersion: '7' };
    assert.deepEqual(bound.spec.claimRef, reference);
    assert.deepEqual(bound.metadata.annotations, { [BOUND_BY_CONTROLLER]: 'yes' });
    assert.equal(bindVolume(bound, claim()), undefined);
  });

  test('is not marked where somebody had said that it is for the claim', () => {
    const bound = bindVolume(volume('a', '5Gi', { claimRef: mine }), claim())!;
    assert.equal(bound.spec.claimRef?.uid, 'u1');
    assert.equal(bound.metadata.annotations, undefined);
  });
});
