/**
 * The text that has both what was typed and what came from elsewhere since the two began from `base`; undefined where both
 * changed the same lines, or lines beside each other. Line by line.
 */
export function mergeTexts(base: string, mine: string, theirs: string): string | undefined {
  const [from, own, other] = [base, mine, theirs].map((text) => text.split('\n')) as [string[], string[], string[]];
  const mineParts = changesOf(from, own);
  const theirParts = changesOf(from, other);
  const result: string[] = [];
  let at = 0;
  const all = [...mineParts, ...theirParts].sort((a, b) => a.begin - b.begin || a.end - b.end);
  for (const [i, change] of all.entries()) {
    const before = all[i - 1];
    if (before !== undefined && change.begin <= before.end) {
      const isSame =
        change.begin === before.begin &&
        change.end === before.end &&
        change.lines.join('\n') === before.lines.join('\n');
      if (!isSame) return undefined;
      continue;
    }
    result.push(...from.slice(at, change.begin), ...change.lines);
    at = change.end;
  }
  return [...result, ...from.slice(at)].join('\n');
}

interface Change {
  /** The lines from `begin` to before `end` are replaced. */
  readonly begin: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** Where two texts differ, by the longest lines they share; of very long ones, as a single change between their equal ends. */
function changesOf(from: readonly string[], to: readonly string[]): Change[] {
  let head = 0;
  while (head < from.length && head < to.length && from[head] === to[head]) head++;
  let tail = 0;
  while (tail < from.length - head && tail < to.length - head && from.at(-1 - tail) === to.at(-1 - tail)) tail++;
  const [a, b] = [from.slice(head, from.length - tail), to.slice(head, to.length - tail)];
  if (a.length === 0 && b.length === 0) return [];
  if (a.length * b.length > 4_000_000) return [{ begin: head, end: head + a.length, lines: b }];
  return changesWithin(a, b).map(({ begin, end, lines }) => ({ begin: begin + head, end: end + head, lines }));
}

function changesWithin(a: readonly string[], b: readonly string[]): Change[] {
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] =
        a[i] === b[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
  const changes: Change[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++;
      j++;
      continue;
    }
    const [begin, first] = [i, j];
    while ((i < a.length || j < b.length) && !(i < a.length && j < b.length && a[i] === b[j])) {
      const down = i < a.length ? longest[(i + 1) * width + j]! : -1;
      const right = j < b.length ? longest[i * width + j + 1]! : -1;
      if (down >= right && i < a.length) i++;
      else j++;
    }
    changes.push({ begin, end: i, lines: b.slice(first, j) });
  }
  return changes;
}
