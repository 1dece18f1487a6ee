import { type LabelSelector, labelSelectorFromObject } from 'nekube/apimachinery';
import type { Pod, PodAffinity, PodAffinityTerm } from '../objects/pod.ts';

/** Labels of namespaces, by which terms select them; undefined: there is none of that name. */
export type NamespaceLabels = (namespace: string) => Readonly<Record<string, string>> | undefined;

/** A term of a pod's affinity, read once. */
export interface AffinityTerm {
  /** The same text for terms that say the same. */
  readonly key: string;
  readonly topologyKey: string;
  readonly selector: LabelSelector;
  readonly namespaces: ReadonlySet<string>;
  readonly namespaceSelector: LabelSelector;
}

/** A term, and how much it counts. */
export interface WeightedTerm {
  readonly term: AffinityTerm;
  readonly weight: number;
}

/** The terms that must hold. */
export function requiredTerms(pod: Pod, affinity: PodAffinity | undefined): readonly AffinityTerm[] {
  return (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => readTerm(pod, term));
}

/** The terms that would be nice. */
export function preferredTerms(pod: Pod, affinity: PodAffinity | undefined): readonly WeightedTerm[] {
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return preferred.map(({ weight, podAffinityTerm }) => ({ weight, term: readTerm(pod, podAffinityTerm) }));
}

/** Whether a term is about a pod. */
export function matchesTerm(term: AffinityTerm, { metadata }: Pod, labelsOf: NamespaceLabels): boolean {
  const { namespace = '' } = metadata;
  const isNear =
    term.namespaces.has(namespace) ||
    (!term.namespaceSelector.matchesNothing && term.namespaceSelector.matches(labelsOf(namespace)));
  return isNear && term.selector.matches(metadata.labels);
}

/** The server has put `matchLabelKeys` into the selector. Without namespaces and a selector of them: the pod's own. */
function readTerm({ metadata: { namespace = '' } }: Pod, term: PodAffinityTerm): AffinityTerm {
  const { topologyKey, labelSelector, namespaceSelector } = term;
  const isOwn = (term.namespaces ?? []).length === 0 && namespaceSelector === undefined;
  const namespaces = isOwn ? [namespace] : (term.namespaces ?? []);
  return {
    key: JSON.stringify([topologyKey, labelSelector, namespaces, namespaceSelector]),
    topologyKey,
    selector: labelSelectorFromObject(labelSelector),
    namespaces: new Set(namespaces),
    namespaceSelector: labelSelectorFromObject(namespaceSelector),
  };
}
