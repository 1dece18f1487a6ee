import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindVolume } from 'nekube/component-helpers';
import type { Claim, Volume } from '../volumes/volume.ts';
import { boundClaim, claimStatus, unboundVolume } from './bound.ts';
import { bestMatch, whyUnsuitable } from './match.ts';
import { deletionOf, provisionerOf } from './plugins.ts';

const volume = (name: string, storage: string, more: Partial<Volume['spec']> = {}, phase = 'Available'): Volume => ({
  metadata: { name },
  spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], storageClassName: 'c', ...more },
  status: { phase },
});
const claim = (more: Partial<Claim['spec']> = {}): Claim => ({
  metadata: { name: 'data', namespace: 'ns', uid: 'u1' },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'c', resources: { requests: { storage: '5Gi' } }, ...more },
  status: { phase: 'Pending' },
});
const nameOf = (found: Volume | undefined) => found?.metadata.name;

test('the smallest free volume of the fewest modes is taken', () => {
  const many = volume('many', '5Gi', { accessModes: ['ReadWriteMany', 'ReadWriteOnce'] });
  const all = [many, volume('large', '9Gi'), volume('right', '6Gi'), volume('small', '1Gi')];
  assert.equal(nameOf(bestMatch(claim(), all, false)), 'right');
  assert.equal(nameOf(bestMatch(claim({ accessModes: ['ReadWriteMany'] }), all, false)), 'many');
});

test('what is not free, of another class, or of another mode is not taken', () => {
  const others = [
    volume('bound', '6Gi', {}, 'Bound'),
    volume('class', '6Gi', { storageClassName: 'other' }),
    volume('block', '6Gi', { volumeMode: 'Block' }),
    volume('promised', '6Gi', { claimRef: { namespace: 'ns', name: 'other' } }),
    volume('attributes', '6Gi', { volumeAttributesClassName: 'fast' }),
    { ...volume('going', '6Gi'), metadata: { name: 'going', deletionTimestamp: '2026-01-01T00:00:00Z' } },
  ];
  assert.equal(bestMatch(claim(), others, false), undefined);
});

test('a volume that is for the claim already comes first, and is all that is taken before there is a consumer', () => {
  const own = volume('own', '50Gi', { claimRef: { namespace: 'ns', name: 'data' } });
  assert.equal(nameOf(bestMatch(claim(), [volume('small', '5Gi'), own], true)), 'own');
  assert.equal(bestMatch(claim(), [volume('small', '5Gi')], true), undefined);
  const before = volume('before', '50Gi', { claimRef: { namespace: 'ns', name: 'data', uid: 'u0' } });
  assert.equal(bestMatch(claim(), [before], true), undefined);
});

test('why a volume is not what a claim asks for', () => {
  assert.equal(whyUnsuitable(volume('v', '6Gi'), claim()), undefined);
  assert.equal(whyUnsuitable(volume('v', '1Gi'), claim()), 'requested PV is too small');
  assert.equal(whyUnsuitable(volume('v', '6Gi', { accessModes: [] }), claim()), 'incompatible accessMode');
});

test('both are bound to each other, once', () => {
  const bound = bindVolume(volume('v', '6Gi'), claim())!;
  assert.equal(bound.spec.claimRef?.uid, 'u1');
  assert.equal(bindVolume(bound, claim()), undefined);
  const mine = boundClaim(claim(), bound)!;
  assert.equal(mine.spec.volumeName, 'v');
  assert.equal(boundClaim(mine, bound), undefined);
  assert.deepEqual(claimStatus(mine, 'Bound', bound)?.capacity, { storage: '6Gi' });
  assert.equal(unboundVolume(bound).spec.claimRef, undefined);
  const promised = volume('p', '6Gi', { claimRef: { namespace: 'ns', name: 'data', uid: 'u1' } });
  assert.deepEqual(unboundVolume(promised).spec.claimRef, { namespace: 'ns', name: 'data' });
});

test('who makes and who deletes volumes', () => {
  const by = (provisioner: string) => provisionerOf({ metadata: {}, provisioner });
  assert.deepEqual(by('example.com/mine'), { by: 'example.com/mine' });
  assert.deepEqual(by('kubernetes.io/gce-pd'), { by: 'pd.csi.storage.gke.io' });
  assert.match(by('kubernetes.io/no-provisioner').problem!, /no volume plugin matched name/);
  assert.equal(deletionOf(volume('v', '1Gi', { csi: {} })), 'elsewhere');
  assert.equal(deletionOf(volume('v', '1Gi', { hostPath: { path: '/tmp/x' } })), 'here');
  assert.equal(typeof deletionOf(volume('v', '1Gi')), 'object');
});
