import { type JsonObject, type KubeObject, yamlLines } from 'nekube/apimachinery';

/** A line of an object's YAML as it is read: some lines fold away what stands below them. */
export interface TextLine {
  readonly text: string;
  readonly path: readonly (string | number)[];
  /** The line goes on with a text that began above it. */
  readonly continued: boolean;
  /** Of a line that has others below it: one past the last of them. */
  readonly end: number;
}

/** The lines of an object, and what of them may be folded. Linear in the text. */
export function textLines(object: KubeObject): TextLine[] {
  const lines = yamlLines(object as unknown as JsonObject);
  return withEnds(
    lines.map(({ text, path, begun }) => ({ text, path, continued: begun === 0 })),
    ({ text, continued }, depth) => (continued ? depth : indentOf(text)),
  );
}

/** What a line has below it, by how far lines are indented; of a text that goes on, by the line that it began on. */
export function withEnds<Line extends { readonly text: string; readonly continued: boolean }>(
  lines: readonly Line[],
  indent: (line: Line, before: number) => number = ({ text }) => indentOf(text),
): (Line & { readonly end: number })[] {
  const ended = lines.map((line, i) => ({ ...line, end: i + 1 }));
  const open: { readonly at: number; readonly indent: number }[] = [];
  for (const [i, line] of lines.entries()) {
    // a text that goes on belongs to the line it began on
    if (line.continued) continue;
    const own = indent(line, 0);
    while (open.length > 0 && open.at(-1)!.indent >= own) ended[open.pop()!.at]!.end = i;
    open.push({ at: i, indent: own });
  }
  for (const { at } of open) ended[at]!.end = lines.length;
  return ended;
}

/** An item of a list stands where its dash stands; what is in it, further in: as if the dash were further out than a key. */
function indentOf(text: string): number {
  const spaces = text.length - text.trimStart().length;
  return text.startsWith('- ', spaces) ? spaces + 0.5 : spaces;
}

/** The lines that show with some folded, by their place. */
export function visibleLines(lines: readonly { readonly end: number }[], folded: ReadonlySet<number>): number[] {
  const shown: number[] = [];
  for (let i = 0; i < lines.length; ) {
    shown.push(i);
    i = folded.has(i) ? lines[i]!.end : i + 1;
  }
  return shown;
}

/** What is folded until one opens it: managedFields; and of what is very long, all below the second level. */
export function foldedAtFirst(lines: readonly TextLine[], { long }: { readonly long: number }): Set<number> {
  const folded = new Set<number>();
  for (const [i, { path, end }] of lines.entries()) {
    if (end === i + 1) continue;
    const isManaged = path.length === 2 && path[0] === 'metadata' && path[1] === 'managedFields';
    if (isManaged || (end - i > long && path.length >= 2)) folded.add(i);
  }
  return folded;
}

/** A piece of a line in one colour. */
export interface Piece {
  readonly text: string;
  readonly kind: 'plain' | 'key' | 'string' | 'number' | 'word' | 'mark';
}

/** So much of a line is shown; what is longer is cut, since a browser lays out a line as a whole. */
export const LONGEST = 2000;

/** A line in colours. It reads what our own writer makes, not YAML at large. */
export function piecesOf({ text, continued }: { readonly text: string; readonly continued: boolean }): Piece[] {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  if (continued) return [{ text: shown, kind: 'string' }];
  const [, lead, rest] = /^(\s*(?:- )*)(.*)$/s.exec(shown)!;
  const key = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^"'\s][^]*?):(?= |$)/.exec(rest!);
  const pieces: Piece[] = lead === '' ? [] : [{ text: lead!, kind: 'mark' }];
  if (key !== null) pieces.push({ text: key[1]!, kind: 'key' }, { text: ':', kind: 'mark' });
  const value = key === null ? rest! : rest!.slice(key[0].length);
  if (value !== '') pieces.push({ text: value, kind: kindOf(value.trim()) });
  return pieces;
}

function kindOf(value: string): Piece['kind'] {
  if (/^-?\d+(\.\d+)?$/.test(value)) return 'number';
  if (value === 'true' || value === 'false' || value === 'null') return 'word';
  return value === '{}' || value === '[]' || value === '-' ? 'mark' : 'string';
}
