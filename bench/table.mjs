// Columns for a terminal, medians, and what was recorded before.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The middle of some numbers; between the two middle ones if their count is even. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A number as one reads it: three digits that count. */
export function short(number) {
  if (!Number.isFinite(number)) return '–';
  if (number >= 100) return String(Math.round(number));
  return number.toPrecision(number >= 1 ? 3 : 2);
}

/** Prints rows of cells as columns; the first is left-aligned. */
export function printTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) {
    console.log(
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    );
  }
}

const fileOf = (name) => fileURLToPath(new URL(`recorded/${name}.json`, import.meta.url));

/** The figures that were recorded last for a bench, by row; empty if there are none. */
export function recorded(name) {
  return existsSync(fileOf(name)) ? JSON.parse(readFileSync(fileOf(name), 'utf8')).figures : {};
}

/** Records figures, with the machine they belong to. */
export function recordFigures(name, machine, figures) {
  mkdirSync(dirname(fileOf(name)), { recursive: true });
  writeFileSync(fileOf(name), `${JSON.stringify({ machine, figures }, undefined, 2)}\n`);
}
