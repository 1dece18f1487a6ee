import { type Column, cellOf } from './columns.ts';
import type { OwnWidths } from './own-widths.ts';
import type { Row } from './row.ts';

/** About as wide is a letter. */
const LETTER_PX = 7.4;
const MOST_PX = 340;

export interface Widths {
  /** As `grid-template-columns`. */
  readonly template: string;
  /** The sum of what the columns need at least; where there is less room one scrolls. */
  readonly leastPx: number;
}

/** Widths of columns for what stands in them, or as a person has them. What room is left is shared, so that short columns do not stand far from the name. */
export function columnWidths(
  columns: readonly Column[],
  titles: readonly string[],
  rows: readonly Row[],
  own: OwnWidths,
): Widths {
  const widths = columns.map((column, i) => {
    if (own[column.id] !== undefined) return own[column.id]!;
    // letters of Japanese are twice as wide
    let letters = [...titles[i]!].reduce((sum, letter) => sum + (letter > '⺀' ? 1.9 : 1), 2);
    if (column.time !== undefined) letters = Math.max(letters, 8);
    else for (const row of rows) letters = Math.max(letters, cellOf(row, column).length + (toned(column) ? 3 : 0));
    const px = Math.ceil(letters * LETTER_PX) + 20;
    return i === 0 && column.time === undefined ? Math.min(Math.max(px, 200), 420) : Math.min(px, MOST_PX);
  });
  return {
    template: widths
      .map((px, i) => (own[columns[i]!.id] === undefined ? `minmax(${px}px, ${px}fr)` : `${px}px`))
      .join(' '),
    leastPx: widths.reduce((sum, px) => sum + px, 0),
  };
}

const toned = (column: Column): boolean => column.id === 'status' || column.id === 'type';
