import { type KubeObject, namespacedName } from 'nekube/apimachinery';
import type { ObjectKey } from 'nekube/client';
import { type EventHandler, matching } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { POD, type Pod } from '../pods/pod.ts';
import { claimKeysOf, claimNamesOf, PODS_BY_CLAIM } from '../volumes/claims-of-pods.ts';
import { CLAIM, type Claim } from '../volumes/volume.ts';
import { isTerminated, isUsedBy, needsLook, withFinalizer } from './protection.ts';

const FINALIZER = 'kubernetes.io/pvc-protection';

/** Keeps claims that are deleted while pods use them until none does. */
export const persistentVolumeClaimProtectionController: BuiltinController = {
  name: 'persistentvolumeclaim-protection-controller',
  setUp({ manager, client }) {
    const { store: pods } = manager.cache.informer(POD);
    manager.addIndex(POD, PODS_BY_CLAIM, claimKeysOf);
    manager
      .controller(this.name)
      .for(CLAIM, { predicates: [matching((claim: KubeObject) => needsLook(claim, FINALIZER))] })
      .watches(POD, POD_EVENTS)
      .reconcile(async (_key, { object, signal }) => {
        if (object === undefined || !needsLook(object, FINALIZER)) return;
        const isGoing = object.metadata.deletionTimestamp !== undefined;
        if (isGoing && (await isUsed(object))) return;
        await client.update<Claim>({ ...CLAIM, ...withFinalizer(object, FINALIZER, !isGoing) }, { signal });
      });

    /** What the cache has may be behind, and what is let go cannot be got back: the server is asked, too. */
    async function isUsed(claim: Claim): Promise<boolean> {
      const { metadata } = claim;
      if (pods.byIndex(PODS_BY_CLAIM, namespacedName(metadata)).some((pod) => isUsedBy(claim, pod))) return true;
      const { items } = await client.list(POD, { namespace: metadata.namespace });
      return items.some((pod) => isUsedBy(claim, pod));
    }
  },
};

/** Only of pods that end, are gone, or were never anywhere may a claim have waited. */
const POD_EVENTS: EventHandler<Pod> = {
  handle(event, queue) {
    const add = (pod: Pod): void => {
      for (const name of claimNamesOf(pod)) queue.add({ namespace: pod.metadata.namespace, name } as ObjectKey);
    };
    const pod = event.object;
    if (event.type === 'deleted' || isTerminated(pod) || !pod.spec.nodeName) add(pod);
    if (event.type === 'updated' && event.old.metadata.uid !== pod.metadata.uid) add(event.old);
  },
};
