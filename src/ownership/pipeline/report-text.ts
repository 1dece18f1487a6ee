import { showClaim } from '../show-claim.ts';
import { showObject } from './manifest.ts';
import { type ApplyReport, countActions, type ObjectReport, type ReportedConflict } from './report.ts';

/** A report for a terminal or a log: a line an object, and below it what is to be known of it. */
export function reportText(report: ApplyReport): string {
  const { objects, pruned, notes, mode } = report;
  const suffix = mode === 'plan' ? ' (plan)' : '';
  const lines = [
    ...objects.flatMap((object) => objectLines(object, suffix)),
    ...pruned.map((one) => `${showObject(one)} ${one.action}${suffix}${one.reason ? `: ${one.reason}` : ''}`),
    ...notes.map((note) => `note: ${note}`),
    summaryOf(report),
    ...howToDecide(report),
  ];
  return `${lines.join('\n')}\n`;
}

/** The last line: how it ended, and what was done. */
export function summaryOf(report: ApplyReport): string {
  const counts = countActions(report);
  switch (report.outcome) {
    case 'planned':
      return `plan: ${counts}`;
    case 'applied':
      return `applied: ${counts}`;
    case 'not ready':
      return `not ready: ${counts}; ${unready(report).length} did not become ready in time`;
    case 'conflicts':
      return `conflicts: ${counts}; ${wasWritten(report) ? 'the others were written' : 'nothing was written'}`;
    case 'failed':
      return `failed: ${counts}${wasWritten(report) ? '' : '; nothing was written'}`;
    case 'interrupted':
      return `interrupted: ${counts}; run it again to complete it`;
  }
}

/** Whether anything in the cluster is other than before. */
function wasWritten({ mode, objects, pruned }: ApplyReport): boolean {
  if (mode === 'plan') return false;
  return (
    objects.some(({ action }) => action === 'created' || action === 'configured' || action === 'unknown') ||
    pruned.some(({ action }) => action === 'pruned')
  );
}

/** Objects that were waited for and are not ready. */
export function unready({ objects }: ApplyReport): ObjectReport[] {
  return objects.filter(({ readiness }) => readiness !== undefined && readiness.state !== 'Current');
}

function objectLines(object: ObjectReport, suffix: string): string[] {
  const { action, reason, conflicts, readiness, place } = object;
  const shown = action === 'conflict' ? 'in conflict' : action;
  const decided = conflicts.filter(({ decision }) => decision !== 'fail');
  const lines = [`${showObject(object)} ${shown}${suffix}${reason ? `: ${reason}` : ''}`];
  if (action === 'conflict' || action === 'failed') lines.push(`  in ${place}`);
  for (const conflict of conflicts.filter(({ decision }) => decision === 'fail'))
    lines.push(`  ${conflictLine(conflict)}`);
  for (const conflict of decided) lines.push(`  ${decisionLine(conflict)}`);
  if (suffix !== '')
    for (const { path, from, to } of object.changes) lines.push(`  ${path}: ${from ?? 'absent'} -> ${to ?? 'absent'}`);
  if (readiness !== undefined && readiness.state !== 'Current') {
    lines.push(`  not ready (${readiness.state}): ${readiness.message}`);
    for (const detail of readiness.details ?? []) lines.push(`    ${detail}`);
  }
  return lines;
}

/** Who owns the field, since when, and both values. */
function conflictLine({ path, live, applied, ...other }: ReportedConflict): string {
  const is = `${path} is ${live ?? 'absent'} by ${ownerText(other)}`;
  return `conflict: ${is}, wanted ${applied ?? 'absent'}${refusalText(other)}`;
}

/** Why a conflict is one still, where something decided that. */
export function refusalText({ by }: Pick<ReportedConflict, 'by'>): string {
  if (by === undefined) return '';
  return isByPolicy(by) ? `, refused by ${by}` : `, refused: ${by}`;
}

function isByPolicy(by: string | undefined): boolean {
  return by?.startsWith('policy ') === true;
}

/** What became of a conflict, and who decided. */
function decisionLine({ path, decision, by, ...other }: ReportedConflict): string {
  const whom = by === undefined ? '' : `, decided by ${by}`;
  return `${decision}: ${path} of ${ownerText(other)}${whom}`;
}

/** `"hpa" (Update scale, since 2026-01-02T03:04:05Z)`. */
export function ownerText({
  manager,
  operation,
  subresource = '',
  since,
}: Pick<ReportedConflict, 'manager' | 'operation' | 'subresource' | 'since'>): string {
  return showClaim({ manager, operation, subresource }, since);
}

/** What people can do about conflicts; against a policy no flag helps. */
export function howToDecide({ objects }: ApplyReport): string[] {
  const open = objects.flatMap(({ conflicts }) => conflicts.filter(({ decision }) => decision === 'fail'));
  const free = open.find(({ by }) => !isByPolicy(by));
  const refused = open.find(({ by }) => isByPolicy(by));
  const hints = [...(free === undefined ? [] : hintsFor(free)), ...(refused === undefined ? [] : POLICY_HINTS)];
  return hints.length === 0 ? [] : ['To decide a conflict:', ...hints];
}

function hintsFor({ path }: ReportedConflict): string[] {
  return [
    `  take the field over      --decide 'force=${path}', or all of them: --force-conflicts`,
    `  leave it to its owner    remove it from the file, or --decide 'yield=${path}'`,
    `  own it together          state the live value, or --decide 'share=${path}'`,
    '  decide it once for all   a FieldPolicy in the cluster, or --policy FILE',
  ];
}

const POLICY_HINTS = [
  '  where a policy refuses   remove it from the file, or change the policy, which is above all flags;',
  '                           nekube own explain says why it is about the field',
];
