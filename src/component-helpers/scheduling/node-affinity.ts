import { checkRequirement, type KubeObject, type LabelOperator, LabelSelector } from 'nekube/apimachinery';

/** A requirement on labels or fields of a node. */
export interface NodeSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** All requirements of a term must hold. */
export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly NodeSelectorRequirement[];
  readonly matchFields?: readonly NodeSelectorRequirement[];
}

/** One term of several must hold. */
export interface NodeSelector {
  readonly nodeSelectorTerms: readonly NodeSelectorTerm[];
}

/** What the spec of a pod requires of its node. */
export interface NodeDemands {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly affinity?: {
    readonly nodeAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector };
  };
}

/** Says of a node whether it is meant. */
export type NodeMatch = (node: Pick<KubeObject, 'metadata'>) => boolean;

const OPERATORS: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

/** What a pod requires of its node: its selector, and one of the terms of its affinity. */
export function requiredNodes({ nodeSelector, affinity }: NodeDemands): NodeMatch {
  const labels = Object.entries(nodeSelector ?? {});
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = required === undefined ? undefined : matchAnyTerm(required.nodeSelectorTerms);
  return (node) =>
    labels.every(([key, value]) => node.metadata.labels?.[key] === value) && (terms === undefined || terms(node));
}

/** Whether any of the terms holds; none of them holds if there are none. */
export function matchAnyTerm(terms: readonly NodeSelectorTerm[]): NodeMatch {
  const matches = terms.filter((term) => !isEmptyTerm(term)).map(matchTerm);
  return (node) => matches.some((matches) => matches(node));
}

/** Whether all requirements of a term hold; of one that has none, or one that cannot be read, it does not. */
export function matchTerm(term: NodeSelectorTerm): NodeMatch {
  const { matchExpressions = [], matchFields = [] } = term;
  const isReadable = matchExpressions.every(isLabelRequirement) && matchFields.every(isFieldRequirement);
  if (!isReadable || isEmptyTerm(term)) return () => false;
  const labels = LabelSelector.of(
    matchExpressions.map(({ key, operator, values = [] }) => ({ key, operator: OPERATORS[operator]!, values })),
  );
  return (node) => labels.matches(node.metadata.labels) && matchFields.every((field) => meetsField(node, field));
}

/** A term that says nothing is about no node. */
export function isEmptyTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): boolean {
  return matchExpressions.length === 0 && matchFields.length === 0;
}

function isLabelRequirement({ key, operator, values = [] }: NodeSelectorRequirement): boolean {
  return operator in OPERATORS && checkRequirement(key, OPERATORS[operator]!, values).length === 0;
}

function isFieldRequirement({ operator, values = [] }: NodeSelectorRequirement): boolean {
  return (operator === 'In' || operator === 'NotIn') && values.length === 1;
}

/** The name is the only field that there is; any other is empty. */
function meetsField(
  { metadata }: Parameters<NodeMatch>[0],
  { key, operator, values }: NodeSelectorRequirement,
): boolean {
  const value = key === 'metadata.name' ? metadata.name : '';
  return (operator === 'In') === (value === values![0]);
}
