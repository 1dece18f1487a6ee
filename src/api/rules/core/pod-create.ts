import { jsonEqual } from 'nekube/apimachinery';
import { type Loose, validateWith } from '../rule.ts';
import { allContainers, APPARMOR_PREFIX, appArmorProfileOf, checkAppArmorProfile } from './security-profiles.ts';

/** Adds to the selectors of a new pod the values that its own labels have for the keys it names. */
export function selectByOwnLabels({ metadata, spec }: Loose): void {
  const labels = metadata.labels ?? {};
  for (const side of [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity]) {
    const weighted = (side?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t: Loose) => t.podAffinityTerm);
    for (const term of [...weighted, ...(side?.requiredDuringSchedulingIgnoredDuringExecution ?? [])]) {
      addExpressions(term?.labelSelector, term?.matchLabelKeys, 'In', labels);
      addExpressions(term?.labelSelector, term?.mismatchLabelKeys, 'NotIn', labels);
    }
  }
  for (const { labelSelector, matchLabelKeys } of spec.topologySpreadConstraints ?? []) {
    addExpressions(labelSelector, matchLabelKeys, 'In', labels);
  }
}

function addExpressions(
  selector: Loose,
  keys: string[] | undefined,
  operator: string,
  labels: Record<string, string>,
): void {
  for (const key of selector ? (keys ?? []) : []) {
    if (labels[key] === undefined) continue;
    selector.matchExpressions = [...(selector.matchExpressions ?? []), { key, operator, values: [labels[key]] }];
  }
}

/** Gives containers the AppArmor profiles that the pod's annotations name for them. */
export function takeAppArmorAnnotations({ metadata, spec }: Loose): void {
  if (spec.os?.name === 'windows') return;
  for (const container of allContainers(spec)) {
    const annotation = metadata.annotations?.[APPARMOR_PREFIX + (container.name ?? '')];
    if (annotation === undefined || container.securityContext?.appArmorProfile) continue;
    const profile = appArmorProfileOf(annotation);
    if (!profile || validateWith(checkAppArmorProfile, profile).length > 0) continue;
    if (jsonEqual(profile, spec.securityContext?.appArmorProfile ?? null)) continue;
    container.securityContext = { ...container.securityContext, appArmorProfile: profile };
  }
}
