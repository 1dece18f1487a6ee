import { isStatusError, namespacedName } from 'nekube/apimachinery';
import { type Client, type Clock, sleep } from 'nekube/client';
import { classNameOf } from 'nekube/component-helpers';
import { CoreEventRecorder, hasFinalizer, matching } from 'nekube/controller';
import { mkdir, rm } from 'node:fs/promises';
import type { BuiltinController } from '../builtin-controller.ts';
import { NODE } from '../nodes/node.ts';
import { messageOf } from '../pods/pod-control.ts';
import {
  ANNOTATIONS,
  annotationOf,
  CLAIM,
  type Claim,
  STORAGE_CLASS,
  type StorageClass,
  type Volume,
  VOLUME,
} from '../volumes/volume.ts';
import { FINALIZER, folderOf, isToBeDeleted, isWaiting, PROVISIONER, volumeFor, whyImpossible } from './provision.ts';

/** The class that a cluster of ours has by default. It binds at once: all nodes see the same files. */
const DEFAULT_CLASS: StorageClass = {
  ...STORAGE_CLASS,
  metadata: { name: 'local-path', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: PROVISIONER,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
};
const RETRY_MS = 1000;
const HOST_NAME = 'kubernetes.io/hostname';

/** Makes volumes that are folders, and removes them. kube-controller-manager has no such thing: elsewhere it is an add-on. */
export const localPathProvisioner: BuiltinController = {
  name: 'local-path-provisioner',
  setUp({ manager, client: shared, clock, localPath: root }) {
    if (root === undefined) {
      manager.logger.info('No volumes are made: there is no folder for them', { controller: this.name });
      return;
    }
    const client = shared.with({ fieldManager: this.name });
    const events = new CoreEventRecorder(client, PROVISIONER, clock);
    const { store: classes } = manager.cache.informer(STORAGE_CLASS);
    manager.add({ name: `${this.name}-class`, start: (signal) => makeClass(client, clock, signal) });
    manager
      .controller(this.name, { maxConcurrentReconciles: 4 })
      .for(CLAIM)
      .watches(STORAGE_CLASS, () => [])
      .reconcile(async (_key, { object: claim }) => {
        const found = claim && classes.get({ name: classNameOf(claim) });
        if (claim === undefined || !isWaiting(claim, found)) return;
        const what = `External provisioner is provisioning volume for claim "${namespacedName(claim.metadata)}"`;
        events.record(claim, 'Normal', 'Provisioning', what);
        try {
          const name = await provision(client, { claim, found, root });
          events.record(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`);
        } catch (error) {
          const problem = `failed to provision volume with StorageClass "${found.metadata.name}": ${messageOf(error)}`;
          events.record(claim, 'Warning', 'ProvisioningFailed', problem);
          throw error;
        }
      });
    manager
      .controller(`${this.name}-volumes`, { maxConcurrentReconciles: 4 })
      .for(VOLUME, { predicates: [matching<Volume>(isToBeDeleted)] })
      .reconcile(async (_key, { object: volume }) => {
        if (volume === undefined || !isToBeDeleted(volume)) return;
        try {
          await remove(client, volume, root);
        } catch (error) {
          events.record(volume, 'Warning', 'VolumeFailedDelete', messageOf(error));
          throw error;
        }
      });
  },
};

/** Makes the class once at a start; whoever does not want it takes the mark of the default off, or deletes it. */
async function makeClass(client: Client, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await client.create<StorageClass>(DEFAULT_CLASS, { signal });
      return;
    } catch (error) {
      if (isStatusError(error, 'AlreadyExists')) return;
      await sleep(RETRY_MS, clock, signal).catch(() => {});
    }
  }
}

/** Makes the folder, then the volume. @returns the volume's name */
async function provision(
  client: Client,
  { claim, found, root }: { readonly claim: Claim; readonly found: StorageClass; readonly root: string },
): Promise<string> {
  const problem = whyImpossible(claim);
  if (problem !== undefined) throw new Error(problem);
  const chosen = annotationOf(claim, ANNOTATIONS.selectedNode);
  const node = chosen ? await client.get(NODE, { name: chosen }) : undefined;
  const hostName = node && (node.metadata.labels?.[HOST_NAME] ?? chosen);
  const volume = volumeFor(claim, { root, hostName, reclaimPolicy: found.reclaimPolicy });
  await mkdir(folderOf(volume, root), { recursive: true });
  await client.create<Volume>(volume).catch((error: unknown) => {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  });
  return volume.metadata.name!;
}

/** Removes the folder, then the volume, which its finalizer kept so long. */
async function remove(client: Client, volume: Volume, root: string): Promise<void> {
  await rm(folderOf(volume, root), { recursive: true, force: true });
  const name = volume.metadata.name!;
  try {
    if (volume.metadata.deletionTimestamp === undefined) await client.delete(VOLUME, { name });
    if (!hasFinalizer(volume, FINALIZER)) return;
    const live = await client.get(VOLUME, { name });
    const finalizers = (live.metadata.finalizers ?? []).filter((one) => one !== FINALIZER);
    await client.update<Volume>({ ...VOLUME, ...live, metadata: { ...live.metadata, finalizers } });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
