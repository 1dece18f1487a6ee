import { namespacedName } from 'nekube/apimachinery';
import type { Client, ObjectStore } from 'nekube/client';
import { controllerReferenceTo, CoreEventRecorder, isControlledBy } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { keyOf } from '../object-key.ts';
import { POD, type Pod } from '../pods/pod.ts';
import { messageOf } from '../pods/pod-control.ts';
import {
  claimKeysOf,
  ephemeralClaimName,
  PODS_BY_CLAIM,
  type PodVolume,
  volumesOf,
} from '../volumes/claims-of-pods.ts';
import { CLAIM, type Claim } from '../volumes/volume.ts';

/** Makes the claims of the volumes that live as long as their pod. */
export const ephemeralVolumeController: BuiltinController = {
  name: 'ephemeral-volume-controller',
  setUp({ manager, client, clock }) {
    const { store: claims } = manager.cache.informer(CLAIM);
    const pods = manager.cache.informer(POD);
    pods.addIndex(PODS_BY_CLAIM, claimKeysOf);
    const events = new CoreEventRecorder(client, 'ephemeral_volume', clock);
    manager
      .controller(this.name, { maxConcurrentReconciles: 5 })
      .watches(POD, {
        handle({ type, object }, queue) {
          if (type === 'created' && isMeant(object)) queue.add(keyOf(object));
        },
      })
      .watches(CLAIM, {
        handle({ type, object }, queue) {
          if (type !== 'deleted') return;
          const users = pods.store.byIndex(PODS_BY_CLAIM, namespacedName(object.metadata)).filter(isMeant);
          for (const one of users) queue.add(keyOf(one));
        },
      })
      .reconcile(async (key) => {
        const pod = pods.store.get(key);
        if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
        for (const volume of volumesOf(pod)) {
          if (volume.ephemeral === undefined) continue;
          try {
            await makeClaim(pod, volume, { client, claims });
          } catch (error) {
            const problem = `ephemeral volume ${volume.name}: ${messageOf(error)}`;
            events.record(pod, 'Warning', 'FailedBinding', problem);
            throw new Error(`pod ${namespacedName(pod.metadata)}, ${problem}`, { cause: error });
          }
        }
      });
  },
};

function isMeant(pod: Pod): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined && volumesOf(pod).some(({ ephemeral }) => ephemeral !== undefined)
  );
}

/** Makes the claim of a volume, if there is none. @throws Error if it is somebody else's, or cannot be made */
async function makeClaim(
  pod: Pod,
  volume: PodVolume,
  { client, claims }: { readonly client: Client; readonly claims: ObjectStore<Claim> },
): Promise<void> {
  const { namespace, name: podName } = pod.metadata;
  const name = ephemeralClaimName(pod, volume);
  const found = claims.get({ namespace, name });
  if (found !== undefined) {
    if (isControlledBy(found, pod)) return;
    const who = `was not created for pod ${namespace}/${podName} (pod is not owner)`;
    throw new Error(`PVC ${namespace}/${name} ${who}`);
  }
  try {
    await client.create<Claim>(claimFor(pod, volume));
  } catch (error) {
    throw new Error(`create PVC ${name}: ${messageOf(error)}`, { cause: error });
  }
}

/** The claim that is made for a volume of a pod, and belongs to the pod. */
function claimFor(pod: Pod, volume: PodVolume): Claim {
  const { metadata: { labels, annotations } = {}, spec } = volume.ephemeral!.volumeClaimTemplate;
  return {
    ...CLAIM,
    metadata: {
      namespace: pod.metadata.namespace,
      name: ephemeralClaimName(pod, volume),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ownerReferences: [controllerReferenceTo({ ...POD, ...pod })],
    },
    spec: structuredClone(spec) as Claim['spec'],
  };
}
