const COMPARABLE = /^[1-9][0-9]*$/;

/**
 * Orders two resource versions of one kind: negative, zero, positive. Undefined where one of them is no positive decimal
 * number, and so says nothing of order: `0`, nothing at all, and what an aggregated server may have made up.
 */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (!COMPARABLE.test(a) || !COMPARABLE.test(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  return a === b ? 0 : a < b ? -1 : 1;
}
