/**
 * A few combinations in which each two choices of different lists occur together (a pairwise covering array), the first choice of each
 * being the usual one. Greedy: a combination begins with a pair that is missing yet, and takes of each other list what brings the most.
 *
 * @param counts how many choices each list has
 * @returns by combination and list the index of the choice
 */
export function pairwise(counts: readonly number[]): readonly (readonly number[])[] {
  const missing = new Set<string>();
  for (let a = 0; a < counts.length; a++)
    for (let b = a + 1; b < counts.length; b++)
      for (let i = 0; i < counts[a]!; i++) for (let j = 0; j < counts[b]!; j++) missing.add(keyOf(a, i, b, j));
  const combinations: number[][] = [];
  for (const first of missing) {
    const [a, i, b, j] = first.split(',').map(Number) as [number, number, number, number];
    const chosen = new Map([
      [a, i],
      [b, j],
    ]);
    counts.forEach((count, list) => {
      if (!chosen.has(list)) chosen.set(list, best(list, count, chosen, missing));
    });
    const combination = counts.map((_, list) => chosen.get(list)!);
    combinations.push(combination);
    for (let x = 0; x < counts.length; x++)
      for (let y = x + 1; y < counts.length; y++) missing.delete(keyOf(x, combination[x]!, y, combination[y]!));
  }
  return combinations;
}

/** The choice that has the most missing pairs with those that are chosen. */
function best(list: number, count: number, chosen: ReadonlyMap<number, number>, missing: ReadonlySet<string>): number {
  let [found, most] = [0, -1];
  for (let choice = 0; choice < count; choice++) {
    let gain = 0;
    for (const [other, of] of chosen)
      if (missing.has(other < list ? keyOf(other, of, list, choice) : keyOf(list, choice, other, of))) gain++;
    if (gain > most) [found, most] = [choice, gain];
  }
  return found;
}

function keyOf(a: number, i: number, b: number, j: number): string {
  return `${a},${i},${b},${j}`;
}
