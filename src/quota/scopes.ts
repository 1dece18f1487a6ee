import type { KubeObject } from 'nekube/apimachinery';
import { isBestEffort } from './pod-resources.ts';

/** One scope of a quota: `spec.scopes`, which ask for presence, or a requirement of `spec.scopeSelector`. */
export interface ScopeSelector {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** The scopes of a quota. */
export function scopesOf({ spec }: KubeObject): ScopeSelector[] {
  const named = (spec.scopes ?? []).map((scopeName: string) => ({ scopeName, operator: 'Exists' }));
  return [...named, ...(spec.scopeSelector?.matchExpressions ?? [])];
}

/** Whether a pod is in the scope. */
export function podMatches(selector: ScopeSelector, pod: KubeObject): boolean {
  const { spec } = pod;
  switch (selector.scopeName) {
    case 'Terminating':
      return endsByItself(spec);
    case 'NotTerminating':
      return !endsByItself(spec);
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass':
      return matchesOne(selector, spec.priorityClassName ? [spec.priorityClassName] : []);
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec.affinity?.podAffinity) || crossesNamespaces(spec.affinity?.podAntiAffinity);
    default:
      return false;
  }
}

/** Whether a pod has a deadline: the scope Terminating. */
export function endsByItself({ activeDeadlineSeconds }: { readonly activeDeadlineSeconds?: number }): boolean {
  return activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0;
}

/** Whether a claim for a volume is in the scope: it may have several attributes classes while it changes. */
export function claimMatches(selector: ScopeSelector, { spec, status }: KubeObject): boolean {
  if (selector.scopeName !== 'VolumeAttributesClass') return false;
  const names = [
    spec.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return matchesOne(
    selector,
    names.filter((name) => name),
  );
}

/** Whether the requirement holds for one of the values that an object has; none is a value, too. */
function matchesOne({ operator, values = [] }: ScopeSelector, own: readonly string[]): boolean {
  switch (operator) {
    case 'Exists':
      return own.length > 0;
    case 'DoesNotExist':
      return own.length === 0;
    case 'In':
      return own.some((value) => values.includes(value));
    case 'NotIn':
      return own.length === 0 || own.some((value) => !values.includes(value));
    default:
      return false;
  }
}

interface Term {
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: object;
}

interface Affinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly Term[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly { readonly podAffinityTerm: Term }[];
}

function crossesNamespaces(affinity: Affinity | undefined): boolean {
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const terms = [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...preferred.map(({ podAffinityTerm }) => podAffinityTerm),
  ];
  return terms.some((term) => (term.namespaces ?? []).length > 0 || term.namespaceSelector !== undefined);
}
