import { namespacedName } from 'nekube/apimachinery';
import type { Pod } from '../pods/pod.ts';

/** A volume of a pod, as far as claims go. */
export interface PodVolume {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly ephemeral?: {
    readonly volumeClaimTemplate: {
      readonly metadata?: { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
      readonly spec: object;
    };
  };
}

/** The index of pods by the claims that they use, as `NAMESPACE/NAME`. */
export const PODS_BY_CLAIM = 'claims';

/** The volumes of a pod. */
export function volumesOf({ spec }: Pod): readonly PodVolume[] {
  return (spec as { readonly volumes?: readonly PodVolume[] }).volumes ?? [];
}

/** The name of the claim that is made for a volume of a pod. */
export function ephemeralClaimName({ metadata }: Pod, { name }: PodVolume): string {
  return `${metadata.name}-${name}`;
}

/** The names of the claims that a pod uses. */
export function claimNamesOf(pod: Pod): string[] {
  return volumesOf(pod).flatMap((volume) => {
    if (volume.persistentVolumeClaim !== undefined) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral === undefined ? [] : [ephemeralClaimName(pod, volume)];
  });
}

/** The values of a pod in {@link PODS_BY_CLAIM}; one function, so that all who want the index add the same. */
export function claimKeysOf(pod: Pod): string[] {
  return claimNamesOf(pod).map((name) => namespacedName({ namespace: pod.metadata.namespace, name }));
}
