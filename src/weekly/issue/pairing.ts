/** How like each other two texts must be to be the same one, edited. */
const LIKENESS = 0.4;

/**
 * Which of the things before each is now: by what they say, then by who is most like whom; each is taken once.
 *
 * @param same what two say that are the same thing, the surest first; undefined says nothing
 * @param textOf by which others are compared
 */
export function pairOf<T extends object>(
  before: readonly T[],
  now: readonly T[],
  same: readonly ((one: T) => string | undefined)[],
  textOf: (one: T) => string,
): Map<T, T> {
  const pairs = new Map<T, T>();
  const left = new Set(before);
  for (const keyOf of same) {
    const byKey = new Map<string, T[]>();
    for (const one of left) {
      const name = keyOf(one);
      if (name !== undefined) byKey.set(name, [...(byKey.get(name) ?? []), one]);
    }
    for (const one of now) {
      if (pairs.has(one)) continue;
      const name = keyOf(one);
      const was = name === undefined ? undefined : byKey.get(name)?.shift();
      if (was === undefined) continue;
      pairs.set(one, was);
      left.delete(was);
    }
  }
  for (const one of now) {
    if (pairs.has(one) || left.size === 0) continue;
    const [was, likeness] = [...left]
      .map((other) => [other, likenessOf(textOf(other), textOf(one))] as const)
      .reduce((best, each) => (each[1] > best[1] ? each : best));
    if (likeness < LIKENESS) continue;
    pairs.set(one, was);
    left.delete(was);
  }
  return pairs;
}

/** How many pairs of letters two texts share, from 0 to 1. */
function likenessOf(a: string, b: string): number {
  const [pairsA, pairsB] = [letterPairs(a), letterPairs(b)];
  let shared = 0;
  for (const pair of pairsA) if (pairsB.has(pair)) shared++;
  return (2 * shared) / Math.max(1, pairsA.size + pairsB.size);
}

function letterPairs(text: string): Set<string> {
  const pairs = new Set<string>();
  for (let at = 0; at + 1 < text.length; at++) pairs.add(text.slice(at, at + 2));
  return pairs;
}
