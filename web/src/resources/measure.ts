/** How a column's texts are compared: by what they measure where they measure something. */
export type Measure = 'number' | 'quantity' | 'duration' | 'date' | 'text';

/** What is told of a column by the server. */
export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
}

const QUANTITIES = /\b(cpu|memory|capacity|size|storage|quota|limit|request)\b/i;

/** How a column of a Table is compared. `5m` is five minutes, but of a CPU five thousandths: the name must say. */
export function measureOf({ name, type, format }: ColumnFacts): Measure {
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'date' || format === 'date' || name === 'Created At') return 'date';
  return QUANTITIES.test(name) ? 'quantity' : 'duration';
}

const UNITS: Readonly<Record<string, number>> = { y: 31_536_000, d: 86_400, h: 3600, m: 60, s: 1, ms: 0.001 };

/** Seconds of a duration as kubectl writes it: `3d4h`, `90s`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(y|d|h|ms|m|s))+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(y|d|h|ms|m|s)/g))
    seconds += Number(count) * UNITS[unit!]!;
  return seconds;
}

const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The number of a quantity (`500m`, `10Gi`, `1e3`), as near as a double is: for order, not for sums. */
export function parseQuantity(text: string): number | undefined {
  const match = /^([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.exec(text);
  return match ? Number(match[1]) * SUFFIXES[match[2] ?? '']! : undefined;
}

/**
 * The number that a cell stands for, undefined when it is only a text. Counts of counts (`1/3`) are a share, what is behind a
 * first number does not count (`4 (2m ago)`), moments are in seconds.
 */
export function measureCell(text: string, measure: Measure): number | undefined {
  if (measure === 'text' || text === '') return undefined;
  if (measure === 'date') {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? parseDuration(text) : ms / 1000;
  }
  const share = /^(\d+)\/(\d+)$/.exec(text);
  if (share) return Number(share[2]) === 0 ? 1 : Number(share[1]) / Number(share[2]);
  const first = text.endsWith(')') ? text.replace(/ \([^)]*\)$/, '') : text.endsWith('%') ? text.slice(0, -1) : text;
  if (/^[+-]?\d+(\.\d+)?$/.test(first)) return Number(first);
  if (measure === 'quantity') return parseQuantity(first) ?? parseDuration(first);
  return parseDuration(first.replace(/ ago$/, '')) ?? parseQuantity(first);
}

/** Texts in order as people count: `web-2` before `web-10`. Compare what comes back by `<`. */
function naturalText(text: string): string {
  return text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'));
}

/** What the server says where there is nothing. */
export function isEmptyCell(text: string): boolean {
  return text === '' || text === '<none>' || text === '<unset>' || text === '<unknown>';
}

/** By what a cell is put in order: numbers are before texts, and what is empty (undefined) last. */
export function sortKey(text: string, measure: Measure): number | string | undefined {
  return isEmptyCell(text) ? undefined : (measureCell(text, measure) ?? naturalText(text));
}

/** Compares two keys of `sortKey`. What is empty stays last in either direction. */
export function compareKeys(
  a: number | string | undefined,
  b: number | string | undefined,
  descending = false,
): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  const order = typeof a === typeof b ? (a < b ? -1 : 1) : typeof a === 'number' ? -1 : 1;
  return descending ? -order : order;
}
