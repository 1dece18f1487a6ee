import { groupBy } from '../model/group-by.ts';
import { type Finding, LEVELS, type LineEdit } from '../model/finding.ts';

/**
 * The edits of findings as one patch that `git apply` takes. Of two edits of one place in a line that of the graver finding counts,
 * else the first.
 *
 * @param textOf the text of a file
 */
export function patchOf(findings: readonly Finding[], textOf: (file: string) => string): string {
  const files = groupBy(
    findings.filter(({ edit }) => edit !== undefined),
    ({ file }) => file,
  );
  return [...files].map(([file, own]) => filePatch(file, textOf(file), editsOf(own))).join('');
}

function editsOf(findings: readonly Finding[]): readonly LineEdit[] {
  const graverFirst = LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level));
  const byLine = groupBy(
    graverFirst.flatMap(({ edit }) => edit ?? []),
    ({ line }) => line,
  );
  return [...byLine.values()].map(merged).sort((a, b) => a.line - b.line);
}

/** Several edits of a line as one, without those that touch what an earlier one changes. */
function merged(edits: readonly LineEdit[]): LineEdit {
  const [{ line, before }] = edits as readonly [LineEdit];
  const spans: Span[] = [];
  for (const span of edits.map(spanOf))
    if (spans.every(({ from, to }) => to < span.from || span.to < from)) spans.push(span);
  const text = spans
    .sort((a, b) => b.from - a.from)
    .reduce((whole, { from, to, by }) => whole.slice(0, from) + by + whole.slice(to), before);
  return { line, before, text };
}

/** What an edit puts in the place of which part of its line. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly by: string;
}

function spanOf({ before, text }: LineEdit): Span {
  const most = Math.min(before.length, text.length);
  let from = 0;
  while (from < most && before[from] === text[from]) from++;
  let same = 0;
  while (same < most - from && before.at(-1 - same) === text.at(-1 - same)) same++;
  return { from, to: before.length - same, by: text.slice(from, text.length - same) };
}

/** Lines around an edit that are shown, so that the patch finds its place. */
const CONTEXT = 3;

function filePatch(file: string, text: string, edits: readonly LineEdit[]): string {
  const lines = text.replace(/\n$/, '').split('\n');
  const endOf = (line: number): string => (line === lines.length && !text.endsWith('\n') ? NO_END : '');
  let shift = 0;
  const hunks = hunksOf(edits).map((hunk) => {
    const from = Math.max(1, hunk[0]!.line - CONTEXT);
    const to = Math.min(lines.length, hunk.at(-1)!.line + CONTEXT);
    const body: string[] = [];
    let added = 0;
    for (let line = from; line <= to; line++) {
      const edit = hunk.find((one) => one.line === line);
      const before = lines[line - 1]!;
      if (edit === undefined) {
        body.push(` ${before}${endOf(line)}`);
        continue;
      }
      const after = edit.text.split('\n');
      const ending = before.endsWith('\r') ? '\r' : '';
      added += after.length - 1;
      body.push(`-${before}${endOf(line)}`, `${after.map((one) => `+${one}${ending}`).join('\n')}${endOf(line)}`);
    }
    const length = to - from + 1;
    const head = `@@ -${from},${length} +${from + shift},${length + added} @@\n`;
    shift += added;
    return `${head}${body.join('\n')}\n`;
  });
  const [old, mended] = [pathInPatch(`a/${file}`), pathInPatch(`b/${file}`)];
  return `diff --git ${old} ${mended}\n--- ${old}\n+++ ${mended}\n${hunks.join('')}`;
}

/** What stands behind the last line of a file that does not end with one. */
const NO_END = '\n\\ No newline at end of file';

/** A path as git writes it: in quotes where it has such, or bytes that are not seen; those that are no UTF-8 are `\351` already. */
function pathInPatch(path: string): string {
  // oxlint-disable-next-line no-control-regex
  if (!/[\0-\x1f"\\\x7f]/.test(path)) return path;
  // oxlint-disable-next-line no-control-regex
  const escaped = path.replace(/"|\\(?![2-3][0-7]{2})/g, '\\$&').replace(/[\0-\x1f\x7f]/g, (one) => {
    return `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`;
  });
  return `"${escaped}"`;
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
