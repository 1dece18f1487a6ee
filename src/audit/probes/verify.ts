import type { KubeObject } from 'nekube/apimachinery';
import type { TestUser } from 'nekube/envtest';
import { isBound, type SubjectReference, subjectOf } from '../access/rbac-subject.ts';
import { roleObjects } from '../access/role-manifests.ts';
import { type Operator, OperatorFailure } from '../observe/operator.ts';
import { compareRuns, type Verification } from '../verdict/compare-runs.ts';
import type { AuditOptions, AuditResult } from './audit-result.ts';
import { auditOperator } from './run.ts';

/** How the roles are called that are tried; no manifest has this name. */
const NAME = 'nekube-audit-smallest';

/**
 * Runs an operator again, through the same probes on a fresh control plane, with the smallest roles of its first run and no others, and
 * says whether it wrote the same and was refused nothing.
 *
 * @param options those of the first run; of the objects among the manifests the bindings of the operator are left out, those in files stay
 */
export async function verifyRoles(
  operator: Operator,
  options: AuditOptions,
  first: AuditResult,
): Promise<Verification> {
  const { user } = operator;
  const groups = (user.groups ?? []).filter((group) => group !== 'system:masters');
  const manifests = [
    ...options.manifests.flatMap((one): (string | KubeObject)[] =>
      typeof one === 'string' ? [one] : withoutSubject(one, user),
    ),
    ...roleObjects(first.roles, NAME, subjectOf(user.name)),
  ];
  try {
    const second = await auditOperator({ ...operator, user: { ...user, groups } }, { ...options, manifests });
    return compareRuns(first, second, user.name);
  } catch (error) {
    if (!(error instanceof OperatorFailure)) throw error;
    const differences = [`with the smallest roles it does not work: ${error.message}`];
    return { isSame: false, denied: [], differences, compared: 0, gaps: [] };
  }
}

/** A binding without who is bound anew; other objects as they are. */
function withoutSubject(object: KubeObject, { name, groups = [] }: TestUser): KubeObject[] {
  if (object.kind !== 'RoleBinding' && object.kind !== 'ClusterRoleBinding') return [object];
  const all = (object.subjects ?? []) as readonly SubjectReference[];
  const others = all.filter((subject) => !isBound(subject, object, { name, groups }));
  return others.length === 0 ? [] : [{ ...object, subjects: others }];
}
