import { type JsonValue, stringifyJson } from 'nekube/apimachinery';
import {
  type ManifestPlan,
  type PlannedAction,
  type PlannedField,
  type PlanOutcome,
  readableValue,
  refusalOf,
  showClaim,
  showClaims,
} from 'nekube/ownership';
import { formatPath } from 'nekube/smd';
import type { Meaning, Painter } from '../color.ts';
import { printable, printableLines } from '../printable.ts';
import { titleOf } from './each-object.ts';

/** Longer values are cut. */
const LONGEST_VALUE = 60;

const OUTCOMES: Readonly<Record<PlanOutcome, string>> = {
  created: 'would be created',
  changed: 'would be changed',
  owners: 'stays as it is, with other owners',
  none: 'stays as it is',
  conflict: 'would be refused: conflicts',
  error: 'would be refused',
};

const MARKS: Readonly<Record<PlannedAction, readonly [string, Meaning | undefined]>> = {
  set: ['~', 'changed'],
  unchanged: [' ', undefined],
  removed: ['-', 'removed'],
  kept: ['=', 'warning'],
  conflict: ['!', 'alert'],
  yielded: ['<', 'warning'],
  shared: ['&', 'warning'],
  server: ['*', undefined],
};

/** What is shown, and how. */
export interface PlanStyle {
  readonly painter: Painter;
  /** Also what stays as it is, and what the server sets. */
  readonly all: boolean;
}

/** A plan for people: what becomes of each field, as in a diff. */
export function formatPlan(plan: ManifestPlan, { painter, all }: PlanStyle): string {
  const shown = plan.fields.filter(({ action }) => all || (action !== 'unchanged' && action !== 'server'));
  const rows = shown.map((field) => rowOf(plan, field));
  const width = Math.min(Math.max(0, ...rows.map(({ path }) => path.length)), 60);
  const lines = rows.map(({ mark, meaning, path, change, why }) => {
    const text = `  ${mark} ${path.padEnd(width)}  ${change}`.trimEnd();
    const marked = meaning === undefined ? text : painter.mark(meaning, text);
    return why === '' ? marked : `${marked}  ${painter.dim(why)}`;
  });
  return [headOf(plan, painter), ...lines, ...restOf(plan, all, painter), ...warningsOf(plan, painter), ''].join('\n');
}

function headOf(plan: ManifestPlan, painter: Painter): string {
  const head = `${titleOf(plan.configuration)} ${OUTCOMES[plan.outcome]}`;
  if (plan.outcome === 'error') return painter.mark('alert', `${head}: ${printableLines(refusalOf(plan))}`);
  return plan.outcome === 'conflict' ? painter.mark('alert', head) : head;
}

interface Row {
  readonly mark: string;
  readonly meaning: Meaning | undefined;
  readonly path: string;
  readonly change: string;
  readonly why: string;
}

function rowOf(plan: ManifestPlan, field: PlannedField): Row {
  const isNew = field.action === 'set' && field.live === undefined;
  const [mark, meaning] = isNew ? (['+', 'added'] as const) : MARKS[field.action];
  return {
    mark,
    meaning,
    path: printable(formatPath(field.path)),
    change: printable(changeOf(plan, field)),
    why: printable(whyOf(field)),
  };
}

function changeOf({ configuration }: ManifestPlan, { path, action, live, applied, result }: PlannedField): string {
  const show = (value: JsonValue | undefined): string => {
    if (value === undefined) return 'nothing';
    const text = stringifyJson(readableValue(configuration, path, value));
    return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`;
  };
  switch (action) {
    case 'set':
      return live === undefined ? show(result ?? applied) : `${show(live)} → ${show(result)}`;
    case 'conflict':
      return `${show(live)} → ${show(applied)}`;
    case 'server':
      return live === undefined ? show(result) : `${show(live)} → ${show(result)}`;
    case 'yielded':
    case 'shared':
      return `${show(live)}, not ${show(applied)}`;
    default:
      return show(live);
  }
}

function whyOf(field: PlannedField): string {
  const { action, others, verdict } = field;
  const by = verdict?.by === undefined ? '' : `, by ${verdict.by}`;
  const reason = verdict?.reason === undefined ? '' : `; ${verdict.reason}`;
  switch (action) {
    case 'conflict':
      return `${others.map((claim) => showClaim(claim, claim.time)).join(', ')} owns it${by}${reason}`;
    case 'set':
      return verdict === undefined ? '' : `taken from ${showClaims(others)}${by}`;
    case 'yielded':
      return `yields to ${showClaims(others)}${by}`;
    case 'shared':
      return `with ${showClaims(others)}${by}`;
    case 'removed':
      return verdict === undefined
        ? 'not applied any more'
        : `yields to ${showClaims(others)}${by}, and goes with what it is in`;
    case 'kept':
      return others.length === 0
        ? 'not applied any more, and set by the server'
        : `not applied any more, and owned by ${showClaims(others)}`;
    case 'unchanged':
      return others.length === 0 ? '' : `owned by ${showClaims(others)}, too`;
    default:
      return 'by the server';
  }
}

function restOf(plan: ManifestPlan, all: boolean, painter: Painter): string[] {
  if (all) return [];
  const count = (action: PlannedAction): number => plan.fields.filter((field) => field.action === action).length;
  const parts = [
    [count('unchanged'), 'unchanged'],
    [count('server'), 'by the server'],
  ].flatMap(([n, what]) => (n === 0 ? [] : [`${n} ${what}`]));
  return parts.length === 0 ? [] : [painter.dim(`    ${parts.join(', ')}`)];
}

function warningsOf(plan: ManifestPlan, painter: Painter): string[] {
  return plan.warnings.flatMap(({ message, fix }) => [
    painter.mark('warning', `  warning: ${printableLines(message)}`),
    ...(fix === undefined ? [] : [`    fix: ${printable(fix)}`]),
  ]);
}
