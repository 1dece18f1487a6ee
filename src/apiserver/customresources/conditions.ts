import { approvalOf, isProtectedGroup } from 'nekube/api';
import { acceptNames, type NewCondition } from './naming.ts';
import { type Condition, type Definition, hasCondition } from './definition.ts';

/** The conditions with this one set; its time stays if its status does. */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  condition: NewCondition,
  time: string,
): Condition[] {
  const before = conditions?.find((c) => c.type === condition.type);
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : time;
  const { type, status, reason, message } = condition;
  const kept = { type, status, lastTransitionTime, reason, message };
  if (before === undefined) return [...(conditions ?? []), kept];
  return conditions!.map((c) => (c.type === condition.type ? kept : c));
}

/**
 * The status that a definition comes to: its names accepted as far as they are free, established once all were, and for
 * groups of the Kubernetes community whether it is approved.
 *
 * @param others the other definitions of its group
 */
export function settledStatus(
  definition: Definition,
  others: readonly Definition[],
  time: string,
): Definition['status'] {
  const { acceptedNames, condition } = acceptNames(definition, others);
  let conditions = withCondition(definition.status?.conditions ?? undefined, condition, time);
  if (!hasCondition(definition, 'Established'))
    conditions = withCondition(conditions, condition.status === 'True' ? establish(definition) : NOT_ACCEPTED, time);
  const approval = approvalCondition(definition);
  if (approval !== undefined) conditions = withCondition(conditions, approval, time);
  return { ...definition.status, conditions, acceptedNames };
}

function establish({ spec }: Definition): NewCondition {
  const bundle = spec.conversion?.webhook?.clientConfig?.caBundle;
  return bundle !== undefined && !isCertificateBundle(bundle) ? INVALID_BUNDLE : ESTABLISHED;
}

/** At least one certificate in PEM; other text around it does not matter. */
function isCertificateBundle(base64: string): boolean {
  const text = Buffer.from(base64, 'base64').toString('latin1');
  return /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.test(text);
}

function approvalCondition({ spec, metadata }: Definition): NewCondition | undefined {
  if (!isProtectedGroup(spec.group)) return undefined;
  const type = 'KubernetesAPIApprovalPolicyConformant';
  const { state, message } = approvalOf(metadata.annotations);
  return { type, status: state === 'approved' ? 'True' : 'False', reason: APPROVAL_REASONS[state], message };
}

const APPROVAL_REASONS = {
  missing: 'MissingAnnotation',
  invalid: 'InvalidAnnotation',
  approved: 'ApprovedAnnotation',
  bypassed: 'UnapprovedAnnotation',
} as const;

const ESTABLISHED: NewCondition = {
  type: 'Established',
  status: 'True',
  reason: 'InitialNamesAccepted',
  message: 'the initial names have been accepted',
};

const NOT_ACCEPTED: NewCondition = {
  type: 'Established',
  status: 'False',
  reason: 'NotAccepted',
  message: 'not all names are accepted',
};

const INVALID_BUNDLE: NewCondition = {
  type: 'Established',
  status: 'False',
  reason: 'InvalidCABundle',
  message: 'The conversion webhook CABundle is invalid',
};
