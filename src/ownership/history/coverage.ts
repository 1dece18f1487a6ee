/** A time in which nothing was missed: milliseconds since 1970. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** The times between the first and the last in which something may have been missed: what no interval covers. */
export function gapsBetween(covered: readonly Interval[]): Interval[] {
  const sorted = [...covered].sort((a, b) => a.from - b.from);
  const gaps: Interval[] = [];
  let end: number | undefined;
  for (const { from, to } of sorted) {
    if (end !== undefined && from > end) gaps.push({ from: end, to: from });
    // a clock that was set back leaves one that ends before it begins
    end = Math.max(end ?? to, from, to);
  }
  return gaps;
}
