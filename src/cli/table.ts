/** Rows in columns that fit them, as kubectl prints tables: three spaces between, nothing behind the last. */
export function formatTable(
  rows: readonly (readonly string[])[],
  { right = [] }: { readonly right?: readonly number[] } = {},
): string {
  const widths = (rows[0] ?? []).map((_, i) => rows.reduce((width, row) => Math.max(width, row[i]!.length), 0));
  const cell = (text: string, i: number): string =>
    right.includes(i) ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
  return rows.map((row) => `${row.map(cell).join('   ').trimEnd()}\n`).join('');
}
