import type { KubeObject } from 'nekube/apimachinery';
import type { TestUser } from 'nekube/envtest';
import { isBound, type SubjectReference, subjectOf } from '../access/rbac-subject.ts';
import { roleObjects } from '../access/role-manifests.ts';
import { type Operator, OperatorFailure } from '../observe/operator.ts';
import { compareRuns, joinVerifications, type Run, type Verification } from '../verdict/compare-runs.ts';
import { auditPlanned } from './audit-kinds.ts';
import { BUDGET_MS, Deadline } from './deadline.ts';
import type { KindsOptions, KindsResult } from './kinds-result.ts';

/** How the roles are called that are tried; no manifest has this name. */
const NAME = 'nekube-audit-smallest';

/**
 * Runs an operator again, through the same probes of the same kinds on fresh control planes, with the smallest roles of its first run and no
 * others, and says whether it wrote the same and was refused nothing.
 *
 * @param options those of the first run; of the objects among the manifests the bindings of the operator are left out, those in files stay
 */
export async function verifyRoles(
  operator: Operator,
  options: KindsOptions,
  first: KindsResult,
): Promise<Verification> {
  const { user } = operator;
  const groups = (user.groups ?? []).filter((group) => group !== 'system:masters');
  const manifests = [
    ...options.manifests.flatMap((one): (string | KubeObject)[] =>
      typeof one === 'string' ? [one] : withoutSubject(one, user),
    ),
    ...roleObjects(first.roles, NAME, subjectOf(user.name)),
  ];
  const deadline = new Deadline(options.budgetMs ?? BUDGET_MS, options.signal);
  try {
    const restricted = { ...operator, user: { ...user, groups } };
    const plan = { probe: first.kinds, later: [], leave: [] };
    const second = await auditPlanned(restricted, { ...options, manifests }, plan, deadline);
    return joinVerifications(first.kinds.map(({ kind, result }) => [kind, compared(kind, result, second, user.name)]));
  } catch (error) {
    if (!(error instanceof OperatorFailure)) throw error;
    return failed(error.message);
  } finally {
    deadline.cancel();
  }
}

/** A kind in both runs. */
function compared(kind: string, first: Run, second: KindsResult, user: string): Verification {
  const again = second.kinds.find((one) => one.kind === kind);
  if (again !== undefined) return compareRuns(first, again.result, user);
  const { why = 'it was not come to' } = second.unprobed.find((one) => one.kind === kind) ?? {};
  return failed(why);
}

function failed(why: string): Verification {
  const differences = [`with the smallest roles it does not work: ${why}`];
  return { isSame: false, denied: [], differences, compared: 0, gaps: [] };
}

/** A binding without who is bound anew; other objects as they are. */
function withoutSubject(object: KubeObject, { name, groups = [] }: TestUser): KubeObject[] {
  if (object.kind !== 'RoleBinding' && object.kind !== 'ClusterRoleBinding') return [object];
  const all = (object.subjects ?? []) as readonly SubjectReference[];
  const others = all.filter((subject) => !isBound(subject, object, { name, groups }));
  return others.length === 0 ? [] : [{ ...object, subjects: others }];
}
