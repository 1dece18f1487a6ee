import { printable } from './printable.ts';

/** Rows in columns that fit them, as kubectl prints tables: three spaces between, nothing behind the last. */
export function formatTable(
  rows: readonly (readonly string[])[],
  { right = [] }: { readonly right?: readonly number[] } = {},
): string {
  const shown = rows.map((row) => row.map(printable));
  const widths = (shown[0] ?? []).map((_, i) => shown.reduce((width, row) => Math.max(width, row[i]!.length), 0));
  const cell = (text: string, i: number): string =>
    right.includes(i) ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
  return shown.map((row) => `${row.map(cell).join('   ').trimEnd()}\n`).join('');
}
