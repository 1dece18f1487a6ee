import { goQuote } from 'nekube/apimachinery';

/** From and to, both included. */
type Interval = readonly [from: number, to: number];

/** Go's Atoi; undefined for what is no integer. */
function parseInteger(text: string): number | undefined {
  const value = Number(text);
  return /^[-+]?[0-9]+$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}

/** The interval that a text such as `3` or `5-7` names, or what is wrong with it. */
function parseInterval(text: string, completions: number): Interval | string {
  const parts = text.split('-');
  if (parts.length > 2) {
    const rule = "violates the requirement that an index interval can have at most two parts separated by '-'";
    return `the fragment ${goQuote(text)} ${rule}`;
  }
  const numbers: number[] = [];
  for (const part of parts) {
    const number = parseInteger(part);
    if (number === undefined) return `cannot convert string to integer for index: ${goQuote(part)}`;
    if (number >= completions) return `too large index: ${goQuote(part)}`;
    numbers.push(number);
  }
  const [from, to = from] = numbers as [number, number?];
  return parts.length > 1 && from >= to ? `non-increasing order, previous: ${from}, current: ${to}` : [from, to];
}

/** How many indexes a list such as `1,3-5` names, or what is wrong with it; all must be below `completions`. */
export function countIndexes(text: string, completions: number): { total: number; problem?: string } {
  if (text === '') return { total: 0 };
  let last: number | undefined;
  let total = 0;
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions);
    if (typeof interval === 'string') return { total: 0, problem: interval };
    const [from, to] = interval;
    if (last !== undefined && last >= from)
      return { total: 0, problem: `non-increasing order, previous: ${last}, current: ${from}` };
    total += to - from + 1;
    last = to;
  }
  return { total };
}

/** An index that is both in the completed and in the failed ones; malformed parts are passed over. */
export function overlappingIndex(completed: string, failed: string, completions: number): number | undefined {
  if (completed === '' || failed === '') return undefined;
  const parse = (text: string) =>
    text.split(',').flatMap((part) => {
      const interval = parseInterval(part, completions);
      return typeof interval === 'string' ? [] : [interval];
    });
  const [left, right] = [parse(completed), parse(failed)];
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const [[cFrom, cTo], [fFrom, fTo]] = [left[i]!, right[j]!];
    if (cFrom <= fTo && fFrom <= cTo) return Math.max(cFrom, fFrom);
    if (cFrom <= fFrom) i++;
    else j++;
  }
  return undefined;
}
