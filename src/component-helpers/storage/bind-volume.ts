import {
  BOUND_BY_CONTROLLER,
  isVolumeFor,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from './persistent-volume.ts';

/** The volume as it is when it is bound to a claim, marked if nobody had said so beforehand; undefined: it is already. */
export function bindVolume<V extends PersistentVolume>(volume: V, claim: PersistentVolumeClaim): V | undefined {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const { claimRef } = volume.spec;
  const isSame = claimRef?.name === name && claimRef?.namespace === namespace && claimRef?.uid === uid;
  const isMarked = isVolumeFor(volume, claim) || volume.metadata.annotations?.[BOUND_BY_CONTROLLER] !== undefined;
  if (isSame && isMarked) return undefined;
  const reference = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion };
  const annotations = { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
  return {
    ...volume,
    metadata: { ...volume.metadata, ...(!isMarked && { annotations }) },
    spec: { ...volume.spec, ...(!isSame && { claimRef: reference }) },
  };
}
