import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claim, StorageClass, Volume } from '../volumes/volume.ts';
import { folderOf, isToBeDeleted, isWaiting, PROVISIONER, volumeFor } from './provision.ts';

const claim = (annotations: Record<string, string> = {}): Claim => ({
  metadata: { name: 'data', namespace: 'ns', uid: 'u1', annotations },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'c', resources: { requests: { storage: '1Gi' } } },
});
const asked = { 'volume.kubernetes.io/storage-provisioner': PROVISIONER };
const storageClass = (volumeBindingMode: string, provisioner = PROVISIONER): StorageClass => ({
  metadata: { name: 'c' },
  provisioner,
  volumeBindingMode,
});

test('a volume is made when the binder asks for it, and, if it has to wait, when a node is chosen', () => {
  assert.ok(isWaiting(claim(asked), storageClass('Immediate')));
  assert.ok(!isWaiting(claim(), storageClass('Immediate')));
  assert.ok(!isWaiting(claim(asked), storageClass('Immediate', 'example.com/other')));
  assert.ok(!isWaiting(claim(asked), storageClass('WaitForFirstConsumer')));
  const chosen = { ...asked, 'volume.kubernetes.io/selected-node': 'one' };
  assert.ok(isWaiting(claim(chosen), storageClass('WaitForFirstConsumer')));
});

test('a volume is a folder of its own, on the node that was chosen', () => {
  const volume = volumeFor(claim(), { root: '/volumes', hostName: 'one' });
  assert.equal(volume.spec.hostPath?.path, '/volumes/pvc-u1_ns_data');
  assert.equal(volume.spec.persistentVolumeReclaimPolicy, 'Delete');
  assert.match(JSON.stringify(volume.spec.nodeAffinity), /"values":\["one"\]/);
  assert.equal(volumeFor(claim(), { root: '/volumes', hostName: undefined }).spec.nodeAffinity, undefined);
});

test('nothing but what was made here, and is not used, is removed, and nothing outside of the folder', () => {
  const volume = volumeFor(claim(), { root: '/volumes', hostName: undefined });
  const of = (phase: string, more: Partial<Volume> = {}): Volume => ({ ...volume, ...more, status: { phase } });
  assert.ok(isToBeDeleted(of('Released')));
  assert.ok(!isToBeDeleted(of('Bound')));
  assert.ok(!isToBeDeleted(of('Released', { metadata: { name: 'other' } })));
  assert.equal(folderOf(volume, '/volumes'), '/volumes/pvc-u1_ns_data');
  for (const path of [
    '/volumes/../home',
    '/volumes',
    '/volumes/pvc-u1_ns_data/inner',
    '/volumes/pvc-u2_ns_other',
    '',
  ]) {
    const moved = { ...volume, spec: { ...volume.spec, hostPath: { path } } };
    assert.throws(() => folderOf(moved, '/volumes'), /it must be \/volumes\/pvc-u1_/, path);
  }
});
