import { isStatusError } from 'nekube/apimachinery';
import { type ConflictVerdict, describeVerdict } from 'nekube/fieldpolicy';
import { identifierOf, showManager } from 'nekube/managedfields';
import { formatPath } from 'nekube/smd';
import { annotate, type RequestContext, warn } from '../context.ts';
import type { OwnedField } from '../field-manager/index.ts';

/** The audit annotation that tells what was decided, and by what. */
const ANNOTATION = 'ownership.nekube.dev/decisions';

/** A field in conflict with what becomes of it. */
export interface DecidedField {
  readonly field: OwnedField;
  readonly verdict: ConflictVerdict;
}

/**
 * Tells in warnings and in the audit event what was decided: nothing of what is as in a stock apply.
 *
 * @param error what the write ended with
 */
export function reportDecisions(context: RequestContext, decided: readonly DecidedField[], error: unknown): void {
  const told = decided.filter(isDecided).map((one) => carriedOut(one, error));
  if (told.length === 0) return;
  for (const { field, verdict } of told) warn(context, describeVerdict(verdict, field));
  const list = told.map(({ field: { path, owner }, verdict: { decision, by, policy, text, reason } }) => ({
    path: formatPath(path),
    owner: showManager(owner, identifierOf(owner)),
    decision,
    by,
    ...(policy && { policy }),
    ...(text && { fieldDecision: text }),
    ...(reason && { reason }),
  }));
  annotate(context, ANNOTATION, JSON.stringify(list));
}

/** Somebody decided, and not only that everything is taken. */
export function isDecided({ verdict: { by } }: DecidedField): boolean {
  return by !== undefined && by !== 'force';
}

/** What could not be carried out is a conflict in spite of its decision. */
function carriedOut({ field, verdict }: DecidedField, error: unknown): DecidedField {
  const { decision } = verdict;
  if (decision === 'fail' || decision === 'ask' || !isStatusError(error, 'Conflict')) return { field, verdict };
  const failed = error.status.details?.causes?.some((cause) => cause.field === formatPath(field.path));
  if (!failed) return { field, verdict };
  const reason = `it cannot ${decision}: the applied version has no such field, or it is the key of an item`;
  return { field, verdict: { ...verdict, decision: 'fail', reason } };
}
