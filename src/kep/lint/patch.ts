import { groupBy } from '../model/group-by.ts';
import { type Finding, LEVELS, type LineEdit } from '../model/finding.ts';

/**
 * The edits of findings as one patch that `git apply` takes. Of two edits of a line that of the graver finding counts, else the
 * first.
 *
 * @param linesOf the lines of a file, without their ends
 */
export function patchOf(findings: readonly Finding[], linesOf: (file: string) => readonly string[]): string {
  const files = groupBy(
    findings.filter(({ edit }) => edit !== undefined),
    ({ file }) => file,
  );
  return [...files].map(([file, own]) => filePatch(file, linesOf(file), editsOf(own))).join('');
}

function editsOf(findings: readonly Finding[]): readonly LineEdit[] {
  const byLine = new Map<number, LineEdit>();
  const graverFirst = LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level));
  for (const { edit } of graverFirst) if (edit !== undefined && !byLine.has(edit.line)) byLine.set(edit.line, edit);
  return [...byLine.values()].sort((a, b) => a.line - b.line);
}

/** Lines around an edit that are shown, so that the patch finds its place. */
const CONTEXT = 3;

function filePatch(file: string, lines: readonly string[], edits: readonly LineEdit[]): string {
  let shift = 0;
  const hunks = hunksOf(edits).map((hunk) => {
    const from = Math.max(1, hunk[0]!.line - CONTEXT);
    const to = Math.min(lines.length, hunk.at(-1)!.line + CONTEXT);
    const body: string[] = [];
    let added = 0;
    for (let line = from; line <= to; line++) {
      const edit = hunk.find((one) => one.line === line);
      if (edit === undefined) {
        body.push(` ${lines[line - 1]}`);
        continue;
      }
      const after = edit.text.split('\n');
      added += after.length - 1;
      body.push(`-${lines[line - 1]}`, ...after.map((text) => `+${text}`));
    }
    const length = to - from + 1;
    const head = `@@ -${from},${length} +${from + shift},${length + added} @@\n`;
    shift += added;
    return `${head}${body.join('\n')}\n`;
  });
  return `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n${hunks.join('')}`;
}

/** Edits whose surroundings touch are shown together. */
function hunksOf(edits: readonly LineEdit[]): readonly (readonly LineEdit[])[] {
  const hunks: LineEdit[][] = [];
  for (const edit of edits) {
    const last = hunks.at(-1);
    if (last !== undefined && edit.line - last.at(-1)!.line <= 2 * CONTEXT) last.push(edit);
    else hunks.push([edit]);
  }
  return hunks;
}
