import { type LabelOperator, LabelSelector } from 'nekube/apimachinery';
import type { Node } from '../objects/node.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm, Pod } from '../objects/pod.ts';

/** Says of a node whether it is meant. */
export type NodeMatch = (node: Node) => boolean;

const OPERATORS: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

/** What a pod requires of its node: its selector, and one of the terms of its affinity. */
export function requiredNodes({ spec }: Pod): NodeMatch {
  const labels = Object.entries(spec.nodeSelector ?? {});
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = required === undefined ? undefined : matchAny(required.nodeSelectorTerms);
  return (node) =>
    labels.every(([key, value]) => node.metadata.labels?.[key] === value) && (terms === undefined || terms(node));
}

/** Whether any of the terms holds; none of them holds if there are none. */
export function matchAny(terms: readonly NodeSelectorTerm[]): NodeMatch {
  const matches = terms.filter((term) => !isEmpty(term)).map(matchTerm);
  return (node) => matches.some((matches) => matches(node));
}

/** Whether all requirements of a term hold; of one that has none it does not. */
export function matchTerm(term: NodeSelectorTerm): NodeMatch {
  const { matchExpressions = [], matchFields = [] } = term;
  const known = [...matchExpressions, ...matchFields].every(({ operator }) => operator in OPERATORS);
  if (!known || isEmpty(term)) return () => false;
  const labels = LabelSelector.of(
    matchExpressions.map(({ key, operator, values = [] }) => ({ key, operator: OPERATORS[operator]!, values })),
  );
  return (node) => labels.matches(node.metadata.labels) && matchFields.every((field) => meetsField(node, field));
}

/** A term that says nothing is about no node. */
export function isEmpty({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): boolean {
  return matchExpressions.length === 0 && matchFields.length === 0;
}

/** The name is the only field that there is. */
function meetsField({ metadata }: Node, { key, operator, values = [] }: NodeSelectorRequirement): boolean {
  const value = key === 'metadata.name' ? metadata.name : '';
  return (operator === 'In') === (value === values[0]);
}
