import { type KubeObject, namespacedName } from 'nekube/apimachinery';
import type { Informer, ObjectKey } from 'nekube/client';
import { CoreEventRecorder, type RequestQueue } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { keyOf } from '../object-key.ts';
import { POD } from '../pods/pod.ts';
import { resyncSource } from '../resync.ts';
import { claimKeysOf, PODS_BY_CLAIM } from '../volumes/claims-of-pods.ts';
import { FreshStore } from '../volumes/fresh-store.ts';
import { type Claim, CLAIM, STORAGE_CLASS, type Volume, VOLUME } from '../volumes/volume.ts';
import { BinderObjects } from './objects.ts';
import { ClaimSync } from './sync-claim.ts';
import { VolumeSync } from './sync-volume.ts';

const NAME = 'persistentvolume-binder-controller';

/** Where claims and volumes are requested, once that is known. */
interface Queues {
  claims?: RequestQueue<ObjectKey>;
  volumes?: RequestQueue<ObjectKey>;
}

/** Binds claims to volumes and volumes to claims, and sees to it that volumes go as they say when their claim is gone. */
export const persistentVolumeBinderController: BuiltinController = {
  name: NAME,
  setUp({ manager, client, clock, settings }) {
    const { cache } = manager;
    const [claims, volumes, pods] = [cache.informer(CLAIM), cache.informer(VOLUME), cache.informer(POD)];
    pods.addIndex(PODS_BY_CLAIM, claimKeysOf);
    const objects = new BinderObjects({
      client,
      events: new CoreEventRecorder(client, 'persistentvolume-controller', clock),
      claims: new FreshStore(claims),
      volumes: new FreshStore(volumes),
    });
    const queues: Queues = {};
    const claimSync = new ClaimSync({
      objects,
      classes: cache.informer(STORAGE_CLASS).store,
      podsOf: ({ metadata }) => pods.store.byIndex(PODS_BY_CLAIM, namespacedName(metadata)),
    });
    const volumeSync = new VolumeSync({ objects, requestClaim: (key) => queues.claims?.add(key) });
    const resync = (all: () => readonly KubeObject[]) =>
      resyncSource({ clock, periodMs: settings.pvclaimbinderSyncPeriodMs, keys: () => all().map(keyOf) });
    tellOtherSide({ claims, volumes }, queues);
    manager
      .controller(NAME, { usePriorityQueue: false })
      .for(CLAIM)
      .watches(STORAGE_CLASS, () => [])
      .watches(POD, () => [])
      .source({ name: 'volumes', start: async (queue) => void (queues.claims = queue) })
      .source(resync(() => claims.store.list()))
      .reconcile(async (key) => {
        const claim = objects.claims.get(key);
        if (claim !== undefined) await claimSync.sync(claim);
      });
    manager
      .controller(`${NAME}-volumes`, { usePriorityQueue: false })
      .for(VOLUME)
      .watches(CLAIM, () => [])
      .source({ name: 'claims', start: async (queue) => void (queues.volumes = queue) })
      .source(resync(() => volumes.store.list()))
      .reconcile(async (key) => {
        const volume = objects.volumes.get(key);
        if (volume !== undefined) await volumeSync.sync(volume);
      });
  },
};

/** Whoever goes, the other side is told: a claim loses what it had, a volume is released. */
function tellOtherSide(
  { claims, volumes }: { readonly claims: Informer<Claim>; readonly volumes: Informer<Volume> },
  queues: Queues,
): void {
  claims.handle({
    deleted: ({ spec }) => spec.volumeName && queues.volumes?.add({ name: spec.volumeName }),
  });
  volumes.handle({
    deleted({ spec: { claimRef } }) {
      if (claimRef?.name) queues.claims?.add({ namespace: claimRef.namespace, name: claimRef.name });
    },
  });
}
