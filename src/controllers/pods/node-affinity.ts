import type { Node } from '../nodes/node.ts';

/** What a label, or a field, of a node must be like. */
export interface NodeRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** What must all hold of a node. */
export interface NodeTerm {
  readonly matchExpressions?: readonly NodeRequirement[];
  readonly matchFields?: readonly NodeRequirement[];
}

/** Where a pod may run, as its spec says. */
export interface NodeDemands {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms: readonly NodeTerm[] };
    };
  };
}

/** Whether a node has what a pod must have by its node selector and its required affinity. */
export function fitsNode({ nodeSelector = {}, affinity }: NodeDemands, { metadata }: Node): boolean {
  const labels = metadata.labels ?? {};
  if (!Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || required.nodeSelectorTerms.some((term) => fitsTerm(term, labels, metadata.name!));
}

/** A term that says nothing fits no node. */
function fitsTerm(
  { matchExpressions = [], matchFields = [] }: NodeTerm,
  labels: Readonly<Record<string, string>>,
  name: string,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const fits = (requirement: NodeRequirement): boolean => fitsRequirement(requirement, labels[requirement.key]);
  return matchExpressions.every(fits) && matchFields.every((one) => fitsRequirement(one, name));
}

function fitsRequirement({ operator, values = [] }: NodeRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return isBeyond(operator, value, values[0]);
  }
}

function isBeyond(operator: string, value: string | undefined, bound: string | undefined): boolean {
  const [one, other] = [integer(value), integer(bound)];
  if (one === undefined || other === undefined) return false;
  return operator === 'Gt' ? one > other : operator === 'Lt' && one < other;
}

function integer(text: string | undefined): bigint | undefined {
  return text !== undefined && /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
}
