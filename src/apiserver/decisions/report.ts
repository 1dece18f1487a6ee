import { isStatusError } from 'nekube/apimachinery';
import { identifierOf, showManager } from 'nekube/managedfields';
import { type Decision, formatPath, stricter } from 'nekube/smd';
import { annotate, type RequestContext, warn } from '../context.ts';
import type { OwnedField } from '../field-manager/index.ts';

/** The audit annotation that tells what was decided, and by what. */
const ANNOTATION = 'ownership.nekube.dev/decisions';

/** What becomes of one conflict. */
export interface Verdict {
  readonly decision: Decision;
  /** `policy FieldPolicy shop/replicas`, `fieldDecision yield=.spec.replicas`; undefined: it is as in stock applies. */
  readonly by?: string;
  /** Why it is `fail`, where it need not have been. */
  readonly reason?: string;
  /** It fails until a person has decided. */
  readonly asks?: { readonly policy: string; readonly ttlSeconds: number | undefined };
}

/** A field in conflict with what becomes of it. */
export interface DecidedField {
  readonly field: OwnedField;
  readonly verdict: Verdict;
}

/**
 * One verdict for a field, whoever owns it: the strictest. To ask is stricter than anything but to fail.
 */
export function strictestByPath(fields: readonly OwnedField[], verdicts: readonly Verdict[]): DecidedField[] {
  const byPath = new Map<string, Verdict>();
  for (const [i, { path }] of fields.entries()) {
    const text = formatPath(path);
    const before = byPath.get(text);
    if (before === undefined || isStricter(verdicts[i]!, before)) byPath.set(text, verdicts[i]!);
  }
  return fields.map((field) => ({ field, verdict: byPath.get(formatPath(field.path))! }));
}

function isStricter(a: Verdict, b: Verdict): boolean {
  if (a.decision === 'fail' && b.decision === 'fail') return a.asks === undefined && b.asks !== undefined;
  return a.decision !== b.decision && stricter(a.decision, b.decision) === a.decision;
}

/** Tells in warnings and in the audit event what was decided otherwise than a stock apply does. */
export function reportDecisions(context: RequestContext, decided: readonly DecidedField[], error: unknown): void {
  const told = decided.filter(({ verdict }) => verdict.by !== undefined).map((one) => carriedOut(one, error));
  if (told.length === 0) return;
  for (const { field, verdict } of told) warn(context, textOf(field, verdict));
  const list = told.map(({ field, verdict: { decision, by, reason, asks } }) => ({
    path: formatPath(field.path),
    owner: ownerOf(field),
    decision: asks ? 'ask' : decision,
    by,
    ...(reason && { reason }),
  }));
  annotate(context, ANNOTATION, JSON.stringify(list));
}

/** What could not be carried out is a conflict in spite of its decision. */
function carriedOut({ field, verdict }: DecidedField, error: unknown): DecidedField {
  if (verdict.decision === 'fail' || !isStatusError(error, 'Conflict')) return { field, verdict };
  const failed = error.status.details?.causes?.some((cause) => cause.field === formatPath(field.path));
  if (!failed) return { field, verdict };
  const reason = `it cannot be carried out (${verdict.decision}): the applied version has no such field, or it is a key`;
  return { field, verdict: { ...verdict, decision: 'fail', reason } };
}

function textOf(field: OwnedField, { decision, by, reason, asks }: Verdict): string {
  const what = `${formatPath(field.path)} (owned by ${ownerOf(field)})`;
  if (asks) return `${by} asks about ${what}`;
  return `${by} decides ${decision} for ${what}${reason === undefined ? '' : `: ${reason}`}`;
}

/** The owner as messages of conflicts name it. */
function ownerOf({ owner }: OwnedField): string {
  return showManager(owner, identifierOf(owner));
}
