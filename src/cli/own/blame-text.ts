import { humanDuration } from 'nekube/apimachinery';
import type { NarrowedLine, Owner } from 'nekube/ownership';
import type { Painter } from '../color.ts';
import { printable } from '../printable.ts';

/** How lines with owners are written. */
export interface BlameStyle {
  readonly time: 'relative' | 'full' | 'none';
  readonly now: number;
  readonly painter: Painter;
  /** Only these managers are shown; empty for all. */
  readonly managers: readonly string[];
}

/** What a column has at most: a manager with a long name must not push all else off the screen. */
const WIDEST = 48;

/** The lines of an object with their owners in front, in columns that fit all of them. */
export function formatBlame(lines: readonly NarrowedLine[], style: BlameStyle): string {
  const cellsOf = cellsIn(style);
  const rows = lines.flatMap((line) => rowsOf(line, style, cellsOf));
  // owners are few, lines may be many
  const distinct = new Set(rows.flatMap(({ cells }) => (cells === undefined ? [] : [cells])));
  const widths = widthsOf(distinct);
  const prefixes = new Map([...distinct].map((cells) => [cells, prefixOf(cells, widths)]));
  const indent = distinct.size === 0 ? '' : ' '.repeat(2 + prefixOf(['', '', ''], widths).length);
  return rows.map(({ cells, ...row }) => formatRow(row, cells && prefixes.get(cells), indent, style.painter)).join('');
}

/** Manager, operation, time. */
type Cells = readonly [string, string, string];

/** An owner of a line; the line's text stands at its first owner. */
interface Row {
  readonly mark: ' ' | '+' | '~';
  readonly manager: string;
  /** The same for the same owner; undefined where nobody owns the line. */
  readonly cells: Cells | undefined;
  readonly text: string;
}

function cellsIn(style: BlameStyle): (owner: Owner) => Cells {
  const known = new Map<Owner, Cells>();
  return (owner) => {
    const cells = known.get(owner) ?? [
      printable(owner.manager),
      printable(operationOf(owner)),
      timeOf(owner.time, style),
    ];
    known.set(owner, cells);
    return cells;
  };
}

function rowsOf({ line, leading }: NarrowedLine, style: BlameStyle, cellsOf: (owner: Owner) => Cells): Row[] {
  const { owners, claim, text } = line;
  const shown = leading ? [] : owners.filter((owner) => isShown(owner, style.managers));
  if (shown.length === 0) return [{ mark: ' ', manager: '', cells: undefined, text }];
  if (claim === 'enclosing' && shown.length > 1) return [enclosedRow(shown, text)];
  return shown.map((owner, i) => ({
    mark: i > 0 ? '+' : claim === 'enclosing' ? '~' : ' ',
    manager: owner.manager,
    cells: cellsOf(owner),
    text: i === 0 ? text : '',
  }));
}

/** Who encloses what nobody owns is worth a line, not one for each. */
function enclosedRow(owners: readonly Owner[], text: string): Row {
  const names = [...new Set(owners.map(({ manager }) => printable(manager)))].join(', ');
  return { mark: '~', manager: names, cells: [names, '', ''], text };
}

/** True if a manager is among those that were asked for. */
export function isShown({ manager }: Pick<Owner, 'manager'>, managers: readonly string[]): boolean {
  return managers.length === 0 || managers.includes(manager);
}

/** `Apply`, `Update status` */
export function operationOf({ operation, subresource }: Pick<Owner, 'operation' | 'subresource'>): string {
  return subresource === '' ? operation : `${operation} ${subresource}`;
}

/** `hpa (Update scale)` */
export function labelOf(owner: Pick<Owner, 'manager' | 'operation' | 'subresource'>): string {
  return printable(`${owner.manager} (${operationOf(owner)})`);
}

/** When an entry last changed, in the form that was asked for; empty if it is not known. */
export function timeOf(time: string | undefined, { time: format, now }: Pick<BlameStyle, 'time' | 'now'>): string {
  if (time === undefined || format === 'none') return '';
  return format === 'full' ? time : humanDuration(now - Date.parse(time));
}

function widthsOf(distinct: ReadonlySet<Cells>): number[] {
  const widths = [0, 0, 0];
  for (const cells of distinct) {
    for (const [i, cell] of cells.entries()) widths[i] = Math.min(WIDEST, Math.max(widths[i]!, cell.length));
  }
  return widths;
}

function prefixOf(cells: Cells, widths: readonly number[]): string {
  return cells
    .map((cell, i) => (widths[i] === 0 ? '' : `${i === 2 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)} `))
    .join('');
}

function formatRow(
  { mark, manager, text }: Omit<Row, 'cells'>,
  columns: string | undefined,
  indent: string,
  painter: Painter,
): string {
  if (columns === undefined) return text === '' ? '\n' : `${painter.dim(`${indent}${text}`)}\n`;
  const prefix = `${mark} ${columns}`;
  return `${painter.named(manager, text === '' ? prefix.trimEnd() : prefix)}${text}\n`;
}
