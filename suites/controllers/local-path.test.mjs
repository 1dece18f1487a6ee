// Volumes that are folders: made for claims, and removed with them.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isThere, startWorldWith } from './world.mjs';

const CLAIM = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' };
const VOLUME = { apiVersion: 'v1', kind: 'PersistentVolume' };
const STORAGE_CLASS = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' };
const names = [
  'local-path-provisioner',
  'persistentvolume-binder-controller',
  'persistentvolume-protection-controller',
  'persistentvolumeclaim-protection-controller',
];

let world;
let client;
const localPath = mkdtempSync(join(tmpdir(), 'nekube-volumes-'));
before(async () => {
  world = await startWorldWith({ names, localPath });
  client = world.client;
});
after(async () => {
  await world?.stop();
  rmSync(localPath, { recursive: true, force: true });
});

const claimOf = (namespace, spec = {}) =>
  client.create({
    ...CLAIM,
    metadata: { namespace, name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });
const bound = (namespace) =>
  world.env.eventually(async () => {
    const claim = await client.get(CLAIM, { namespace, name: 'data' });
    return claim.status?.phase === 'Bound' && claim;
  });

const told = async (namespace, reason) => {
  const { items } = await client.list({ apiVersion: 'v1', kind: 'Event' }, { namespace });
  return items.find((event) => event.reason === reason) ?? false;
};

test('a claim that names no class gets a folder, which goes with it', async () => {
  const namespace = await world.env.namespace();
  await world.env.eventually(() => isThere(client, STORAGE_CLASS, { name: 'local-path' }));
  await claimOf(namespace);
  const { spec } = await bound(namespace);
  const { spec: volume } = await client.get(VOLUME, { name: spec.volumeName });
  assert.ok(existsSync(volume.hostPath.path));
  writeFileSync(join(volume.hostPath.path, 'file'), 'something');
  await client.delete(CLAIM, { namespace, name: 'data' });
  await world.env.eventually(async () => !(await isThere(client, VOLUME, { name: spec.volumeName })));
  assert.deepEqual(readdirSync(localPath), []);
});

test('a class that retains keeps the folder', async () => {
  const namespace = await world.env.namespace();
  const provisioner = 'nekube.dev/local-path';
  await client.create({ ...STORAGE_CLASS, metadata: { name: 'kept' }, provisioner, reclaimPolicy: 'Retain' });
  await claimOf(namespace, { storageClassName: 'kept' });
  const { spec } = await bound(namespace);
  await client.delete(CLAIM, { namespace, name: 'data' });
  await world.env.eventually(async () => {
    const { status } = await client.get(VOLUME, { name: spec.volumeName });
    return status.phase === 'Released';
  });
  assert.equal(readdirSync(localPath).length, 1);
});

test('a class that waits gets its folder on the node that the scheduler chose', async () => {
  const namespace = await world.env.namespace();
  const provisioner = 'nekube.dev/local-path';
  const waits = { provisioner, volumeBindingMode: 'WaitForFirstConsumer' };
  await client.create({ ...STORAGE_CLASS, metadata: { name: 'late' }, ...waits });
  const labels = { 'kubernetes.io/hostname': 'host-of-one' };
  await client.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'one', labels } });
  await claimOf(namespace, { storageClassName: 'late' });
  await world.env.eventually(() => told(namespace, 'WaitForFirstConsumer'));
  const annotations = { 'volume.kubernetes.io/selected-node': 'one' };
  await client.patch(CLAIM, { namespace, name: 'data' }, { merge: { metadata: { annotations } } });
  const { spec } = await bound(namespace);
  const { spec: volume } = await client.get(VOLUME, { name: spec.volumeName });
  const [{ matchExpressions }] = volume.nodeAffinity.required.nodeSelectorTerms;
  assert.deepEqual(matchExpressions, [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['host-of-one'] }]);
});

test('a device is no folder, which the claim is told', async () => {
  const namespace = await world.env.namespace();
  await claimOf(namespace, { storageClassName: 'local-path', volumeMode: 'Block' });
  const { message } = await world.env.eventually(() => told(namespace, 'ProvisioningFailed'));
  assert.match(
    message,
    /with StorageClass "local-path": nekube.dev\/local-path only supports the volumeMode Filesystem/,
  );
});
