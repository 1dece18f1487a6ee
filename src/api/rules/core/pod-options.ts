import { Path } from 'nekube/apimachinery';
import { checkLabelSelector } from '../label-selector.ts';
import { type Check, type Loose, validateWith } from '../rule.ts';
import { checkMatchLabelKeys, checkPodAffinityTermSelectors } from './affinity.ts';
import { isSidecar } from './containers.ts';
import { hasInvalidLabelValue } from './node-selector.ts';
import { checkFilePath } from './paths.ts';
import { hasInvalidDeletionCost } from './pod-annotations.ts';
import { isHugePageResource, isWholeHugePages } from './resources.ts';
import { hostSysctlProblem } from './security-context.ts';
import { allContainers } from './security-profiles.ts';

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

/** Finds the options for a write over a stored spec with its metadata; both undefined on create. */
export function podCheckOptions(oldSpec: Loose, oldMeta: Loose): PodCheckOptions {
  if (!oldSpec) return {};
  const constraints: Loose[] = oldSpec.topologySpreadConstraints ?? [];
  const required = oldSpec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const ownUsers = oldSpec.hostUsers === false;
  return {
    allowInvalidPodDeletionCost: hasInvalidDeletionCost(oldMeta),
    allowIndivisibleHugePagesValues: hasIndivisibleHugePages(oldSpec),
    allowInvalidLabelValueInSelector: podAffinityTerms(oldSpec).some((t) =>
      fails(checkPodAffinityTermSelectors({}), t),
    ),
    allowInvalidLabelValueInRequiredNodeAffinity: hasInvalidLabelValue(required?.nodeSelectorTerms),
    allowInvalidTopologySpreadConstraintLabelSelector: constraints.some((c) =>
      fails(checkLabelSelector(), c.labelSelector),
    ),
    allowInvalidMatchLabelKeys: constraints.some((c) => fails(checkMatchLabelKeys, { ...c, mismatchLabelKeys: [] })),
    allowNamespacedSysctlsForHostNetAndHostIpc: (oldSpec.securityContext?.sysctls ?? []).some((s: Loose) =>
      hostSysctlProblem(s.name ?? '', oldSpec),
    ),
    allowNonLocalProjectedTokenPath: projectedTokens(oldSpec).some((t) => fails(checkFilePath, t.path)),
    allowUserNamespacesWithVolumeDevices: ownUsers && allContainers(oldSpec).some((c) => c.volumeDevices?.length > 0),
    allowUserNamespacesWithHostNetwork: ownUsers && oldSpec.hostNetwork === true,
    allowRestartContainerForInitContainer: (oldSpec.initContainers ?? []).some(restartsWhenResized),
    allowAnySeLinuxChangePolicy: oldSpec.securityContext?.seLinuxChangePolicy !== undefined,
    allowTaintTolerationComparisonOperators: (oldSpec.tolerations ?? []).some((t: Loose) => /^[LG]t$/.test(t.operator)),
  };
}

function fails(check: Check, value: Loose): boolean {
  const errors = validateWith((_, __, context) => check(value, Path.root, context), value);
  return errors.length > 0;
}

function hasIndivisibleHugePages(spec: Loose): boolean {
  const lists = allContainers(spec).flatMap((c) => [c.resources?.limits, c.resources?.requests]);
  return [...lists, spec.overhead].some((list) =>
    Object.entries(list ?? {}).some(
      ([name, amount]) => isHugePageResource(name) && !isWholeHugePages(name, amount as string),
    ),
  );
}

function podAffinityTerms({ affinity }: Loose): Loose[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((side) => [
    ...(side?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(side?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t: Loose) => t.podAffinityTerm ?? {}),
  ]);
}

function projectedTokens(spec: Loose): Loose[] {
  const sources = (spec.volumes ?? []).flatMap((v: Loose) => v.projected?.sources ?? []);
  return sources.map((s: Loose) => s.serviceAccountToken).filter(Boolean);
}

function restartsWhenResized(container: Loose): boolean {
  if (isSidecar(container)) return false;
  return (container.resizePolicy ?? []).some((p: Loose) => p.restartPolicy === 'RestartContainer');
}
