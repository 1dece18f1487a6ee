import { showObject } from './manifest.ts';
import type { ApplyReport, ObjectReport, ReportedConflict } from './report.ts';
import { howToDecide, ownerText, refusalText, summaryOf, unready } from './report-text.ts';

/** The longest comment of GitHub, in characters; less, so that who posts it may add a line. */
const LONGEST = 65_000;
/** Of one object's changes. */
const MOST_CHANGES = 50;

/**
 * A report for a comment on a pull request: how it ended, a table of the conflicts, and each object with its changes in a
 * part that can be opened. Parts that make it longer than a comment may be are left out, from the end, and counted.
 */
export function reportMarkdown(report: ApplyReport, longest = LONGEST): string {
  const head = [
    `### ${TITLE[report.outcome]}`,
    '',
    `Field manager \`${report.manager}\`. ${capital(summaryOf(report))}.`,
  ];
  const parts = [
    ...conflictParts(report),
    ...failureParts(report),
    ...readinessParts(report),
    ...report.notes.map((note) => `> ${escaped(note)}`),
    ...report.objects.map((object) => objectPart(object)),
    ...prunedParts(report),
  ];
  return within(longest, head.join('\n'), parts);
}

const TITLE: Readonly<Record<ApplyReport['outcome'], string>> = {
  planned: 'Plan',
  applied: '✅ Applied',
  'not ready': '⏳ Applied, not ready',
  conflicts: '⚠️ Conflicts',
  failed: '❌ Failed',
  interrupted: '❌ Interrupted',
};

/** As many parts as there is room for, and how many are missing. */
function within(longest: number, head: string, parts: readonly string[]): string {
  const left = (n: number): string => `\n\n_${n} more are left out, since a comment has no room for them._`;
  const room = longest - left(parts.length).length - 1;
  let text = head;
  for (const [i, part] of parts.entries()) {
    if (text.length + 2 + part.length > room) return `${text}${left(parts.length - i)}\n`;
    text += `\n\n${part}`;
  }
  return `${text}\n`;
}

function conflictParts(report: ApplyReport): string[] {
  const rows = report.objects.flatMap((object) =>
    object.conflicts
      .filter(({ decision }) => decision === 'fail')
      .map((conflict) => row(code(showObject(object)), ...conflictCells(conflict))),
  );
  if (rows.length === 0) return [];
  const table = ['| object | field | owner | live | wanted |', '|---|---|---|---|---|'];
  const [title = '', ...hints] = howToDecide(report);
  // each row may be left out by itself where there are very many
  return [
    '#### Conflicts',
    ...chunks([...rows], 50).map((some) => [...table, ...some].join('\n')),
    [title, '', '```', ...hints.map((hint) => hint.trim()), '```'].join('\n'),
  ];
}

function conflictCells({ path, live, applied, ...owner }: ReportedConflict): string[] {
  const wants = `${code(applied ?? 'absent')}${escaped(refusalText(owner))}`;
  return [code(path), escaped(ownerText(owner)), code(live ?? 'absent'), wants];
}

function failureParts({ objects, pruned }: ApplyReport): string[] {
  const rows = [
    ...objects
      .filter(({ action }) => action === 'failed' || action === 'skipped' || action === 'unknown')
      .map((object) => row(code(showObject(object)), object.action, escaped(object.reason ?? ''))),
    ...pruned
      .filter(({ action }) => action === 'failed')
      .map((object) => row(code(showObject(object)), 'not pruned', escaped(object.reason ?? ''))),
  ];
  if (rows.length === 0) return [];
  return chunks(rows, 50).map((some) => ['| object | | reason |', '|---|---|---|', ...some].join('\n'));
}

function readinessParts(report: ApplyReport): string[] {
  const rows = unready(report).map((object) => {
    const { state, message, details = [] } = object.readiness!;
    return row(code(showObject(object)), state, [message, ...details].map(escaped).join('<br>'));
  });
  if (rows.length === 0) return [];
  return chunks(rows, 50).map((some) => ['| object | state | why |', '|---|---|---|', ...some].join('\n'));
}

function objectPart(object: ObjectReport): string {
  const { action, place, changes, conflicts, reason } = object;
  const title = `${escaped(showObject(object))}: <b>${action === 'conflict' ? 'in conflict' : action}</b>`;
  const decided = conflicts.filter(({ decision }) => decision !== 'fail');
  const lines = changes
    .slice(0, MOST_CHANGES)
    .flatMap(({ path, from, to }) => [
      `@@ ${oneLine(path)} @@`,
      ...(from === undefined ? [] : [`- ${oneLine(from)}`]),
      ...(to === undefined ? [] : [`+ ${oneLine(to)}`]),
    ]);
  const more = changes.length > MOST_CHANGES ? [`… and ${changes.length - MOST_CHANGES} more`] : [];
  const body = [
    `${escaped(place)}${reason === undefined ? '' : `: ${escaped(reason)}`}`,
    ...decided.map(
      ({ decision, path, by, ...owner }) =>
        `- ${decision} ${code(path)} of ${escaped(ownerText(owner))}${by === undefined ? '' : `, by ${escaped(by)}`}`,
    ),
    ...(lines.length === 0 ? [] : [fenced([...lines, ...more])]),
  ];
  return `<details><summary>${title}</summary>\n\n${body.join('\n\n')}\n\n</details>`;
}

function prunedParts({ pruned }: ApplyReport): string[] {
  return chunks([...pruned], 50).map((some) =>
    some
      .map((object) => {
        const why = object.action === 'kept' && object.reason !== undefined ? `, ${escaped(object.reason)}` : '';
        return `- ${object.action}: ${code(showObject(object))}${why}`;
      })
      .join('\n'),
  );
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Code that neither ends a table's cell nor itself. */
function code(text: string): string {
  const inner = oneLine(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...(inner.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `\`${inner}\`` : `${fence} ${inner} ${fence}`;
}

/** A fence that is longer than those within. */
function fenced(lines: readonly string[]): string {
  const longest = Math.max(2, ...lines.flatMap((line) => (line.match(/`+/g) ?? []).map((ticks) => ticks.length)));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}diff`, ...lines, fence].join('\n');
}

/** Text of others is shown as it is: it makes no link, no image, no mention, no cell and no element. */
function escaped(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_[\]|~#]/g, '\\$&')
    .replaceAll(/@|:(?=\/\/)|\bwww(?=\.)/gi, '$&<!-- -->');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
