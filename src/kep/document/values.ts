import { isDay } from 'nekube/apimachinery';
import { STAGES, STATUSES } from '../model/kep.ts';

/** Words that stand where nothing is to be said, and those of the template. */
const PLACEHOLDERS = new Set([
  ...['tbd', 'todo', 'n/a', 'na', 'none', 'null', 'nil', '-', 'unknown', 'never', 'x.y', 'v1.x', '?'],
  ...['@jane.doe', '@alice.doe', '@oscar.doe', 'sig-xyz', 'sig-aaa', 'sig-bbb', 'yyyy-mm-dd', 'mm-dd-yyyy', 'nnnn'],
]);

/** True for a text that says nothing: `TBD`, `n/a`, what the template has. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDERS.has(text.toLowerCase());
}

/** A day as `2021-03-05`, and whether it was written so; undefined: no day. */
export function readDate(text: string): { readonly date: string; readonly isWellFormed: boolean } | undefined {
  const [, year, month, day] = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ].*)?$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const date = `${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}`;
  return isDay(date) ? { date, isWellFormed: date === text } : undefined;
}

/** A release as `v1.36`, and whether it was written so; undefined: no release. */
export function readMilestone(
  text: string,
): { readonly milestone: string; readonly isWellFormed: boolean } | undefined {
  const [, minor] = /^[vV]?1\.(\d+)(?:\.\d+)?$/.exec(text) ?? [];
  if (minor === undefined) return undefined;
  const milestone = `v1.${Number(minor)}`;
  return { milestone, isWellFormed: milestone === text };
}

/** The minor version of a release, for comparing: 36 of `v1.36`. */
export function minorOf(milestone: string): number {
  return Number(milestone.slice('v1.'.length));
}

/** The value of `known` that a text must have meant: misspelt by a letter or two, or with words behind; undefined: none, or several. */
export function meant<T extends string>(text: string, known: readonly T[]): T | undefined {
  const lower = text.toLowerCase().trim();
  const exact = known.find((value) => value === lower);
  if (exact !== undefined) return exact;
  const first = /^[a-z]+/.exec(lower)?.[0] ?? '';
  if (/^[a-z]+\s*\(/.test(lower)) return known.find((value) => value === first);
  const near = known.filter((value) => distance(value, lower) <= 2);
  return near.length === 1 ? near[0] : undefined;
}

/** What a status that is none was to say, where one can tell. */
export function meantStatus(text: string): (typeof STATUSES)[number] | undefined {
  return text.toLowerCase() === 'superseded' ? 'replaced' : meant(text, STATUSES);
}

/** What a stage that is none was to say; `GA` is what others call stable. */
export function meantStage(text: string): (typeof STAGES)[number] | undefined {
  return text.toLowerCase() === 'ga' ? 'stable' : meant(text, STAGES);
}

/** Insertions, deletions, changes and swaps of neighbours between two short texts (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows = [[...Array(b.length + 1).keys()]];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? rows[i - 2]![j - 2]! + 1 : Infinity;
      row.push(Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, change, swap));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/** A person as `@login`; also those whose `@` was left out. Texts of several words stay what they are. */
export function readPerson(text: string): string {
  if (/^@?[A-Za-z\d](?:[A-Za-z\d]|-(?=[A-Za-z\d]))*$/.test(text)) return text.startsWith('@') ? text : `@${text}`;
  const [, login] = /^(@[\w-]+)\s+-\s/.exec(text) ?? [];
  return login ?? text;
}
