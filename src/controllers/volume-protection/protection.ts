import { hasFinalizer, isControlledBy } from 'nekube/controller';
import type { KubeObject } from 'nekube/apimachinery';
import type { Pod } from '../pods/pod.ts';
import { ephemeralClaimName, volumesOf } from '../volumes/claims-of-pods.ts';
import type { Claim } from '../volumes/volume.ts';

/** Whether an object lacks the finalizer that protects it, or waits for it to be taken off. */
export function needsLook(object: KubeObject, finalizer: string): boolean {
  return (object.metadata.deletionTimestamp !== undefined) === hasFinalizer(object, finalizer);
}

/** The object with the finalizer, or without it. */
export function withFinalizer<T extends KubeObject>(object: T, finalizer: string, isWanted: boolean): T {
  const others = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  return { ...object, metadata: { ...object.metadata, finalizers: isWanted ? [...others, finalizer] : others } };
}

/** Whether a pod that is on a node holds a claim. */
export function isUsedBy(claim: Claim, pod: Pod): boolean {
  const { name } = claim.metadata;
  if (!pod.spec.nodeName) return false;
  return volumesOf(pod).some((volume) => {
    if (volume.persistentVolumeClaim?.claimName === name) return true;
    const isOwn =
      volume.ephemeral !== undefined && ephemeralClaimName(pod, volume) === name && isControlledBy(claim, pod);
    return isOwn && !isShutDown(pod);
  });
}

/** Whether its node is done with it, or it was deleted by force. */
function isShutDown({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
}

/** Whether a pod holds nothing any more that it held. */
export function isTerminated({ metadata, status }: Pod): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return true;
  const {
    initContainerStatuses = [],
    containerStatuses = [],
    ephemeralContainerStatuses = [],
  } = (status ?? {}) as Record<
    string,
    readonly { readonly state?: { readonly terminated?: object; readonly waiting?: object } }[]
  >;
  const all = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
  return metadata.deletionTimestamp !== undefined && all.every(({ state }) => state?.terminated ?? state?.waiting);
}
