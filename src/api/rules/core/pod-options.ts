import type { Loose } from '../rule.ts';

/**
 * What a pod spec may keep although today's rules forbid it, because the stored object has it already.
 *
 * All are off for a create; {@link podCheckOptions} finds them from the stored spec.
 */
export interface PodCheckOptions {
  /** The spec is a pod's own, not a template's. */
  readonly resourceIsPod?: boolean;
  readonly allowInvalidPodDeletionCost?: boolean;
  readonly allowIndivisibleHugePagesValues?: boolean;
  readonly allowInvalidLabelValueInSelector?: boolean;
  readonly allowInvalidLabelValueInRequiredNodeAffinity?: boolean;
  readonly allowInvalidTopologySpreadConstraintLabelSelector?: boolean;
  readonly allowInvalidMatchLabelKeys?: boolean;
  readonly allowNamespacedSysctlsForHostNetAndHostIpc?: boolean;
  readonly allowNonLocalProjectedTokenPath?: boolean;
  readonly allowUserNamespacesWithVolumeDevices?: boolean;
  readonly allowUserNamespacesWithHostNetwork?: boolean;
  readonly allowRestartContainerForInitContainer?: boolean;
  readonly allowAnySeLinuxChangePolicy?: boolean;
  readonly allowTaintTolerationComparisonOperators?: boolean;
}

/** Finds the options for a write of this spec over a stored one (`undefined` on create). */
export function podCheckOptions(_spec: Loose, _oldSpec: Loose, _meta: Loose, _oldMeta: Loose): PodCheckOptions {
  return {};
}
