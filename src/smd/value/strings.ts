/** Units from here on are surrogates, or characters that UTF-16 sorts after surrogates and UTF-8 before. */
const unordered = /[\ud800-\uffff]/;

/**
 * The order of strings by their UTF-8 bytes, as Go sorts: negative when `a` comes first.
 *
 * JavaScript compares UTF-16 units, which puts characters beyond U+FFFF before those of U+E000 to U+FFFF. Where one of
 * the strings has neither, both orders agree.
 */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  if (unordered.test(a) && unordered.test(b)) return compareCodePoints(a, b);
  return a < b ? -1 : 1;
}

function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA === unitB) continue;
    const surrogateA = isSurrogate(unitA);
    if (surrogateA !== isSurrogate(unitB)) return surrogateA ? 1 : -1;
    return unitA - unitB;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
