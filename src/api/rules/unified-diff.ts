/**
 * The differences of two texts in unified form, three lines of context around each, without names of files: what
 * kube-apiserver's messages about immutable fields end with.
 *
 * Lines are matched as Python's difflib does (longest common run first, then left and right of it; in texts of 200
 * lines and more, lines that make up over 1% are not used as anchors), since other algorithms find other hunks.
 */
export function unifiedDiff(before: string, after: string, context = 3): string {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const blocks = a.length + b.length > MAX_LINES ? commonEnds(a, b) : matchingBlocks(a, b);
  return hunks(edits(blocks), context)
    .map((hunk) => formatHunk(hunk, a, b))
    .join('');
}

/** Above so many lines only the common start and end are looked for: the search takes the square of the length. */
const MAX_LINES = 8000;

/** A run of equal lines: `size` lines from `a` in the one text and from `b` in the other. */
interface Block {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

/** Lines [a1, a2) of the one text stand for lines [b1, b2) of the other. */
interface Edit {
  readonly equal: boolean;
  readonly a1: number;
  readonly a2: number;
  readonly b1: number;
  readonly b2: number;
}

function matchingBlocks(a: readonly string[], b: readonly string[]): Block[] {
  const positions = positionsOf(b);
  const blocks: Block[] = [];
  const search = (a1: number, a2: number, b1: number, b2: number): void => {
    const block = longestMatch(a, b, positions, { equal: true, a1, a2, b1, b2 });
    if (block.size === 0) return;
    if (a1 < block.a && b1 < block.b) search(a1, block.a, b1, block.b);
    blocks.push(block);
    const [a3, b3] = [block.a + block.size, block.b + block.size];
    if (a3 < a2 && b3 < b2) search(a3, a2, b3, b2);
  };
  search(0, a.length, 0, b.length);
  return [...joinAdjacent(blocks), { a: a.length, b: b.length, size: 0 }];
}

function commonEnds(a: readonly string[], b: readonly string[]): Block[] {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start++;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const tail = { a: a.length - end, b: b.length - end, size: end };
  return [{ a: 0, b: 0, size: start }, tail, { a: a.length, b: b.length, size: 0 }];
}

/** Where each line occurs, without the lines that are too frequent to be anchors. */
function positionsOf(lines: readonly string[]): Map<string, number[]> {
  const positions = new Map<string, number[]>();
  lines.forEach((line, i) => {
    const known = positions.get(line);
    if (known) known.push(i);
    else positions.set(line, [i]);
  });
  if (lines.length < 200) return positions;
  const limit = Math.floor(lines.length / 100) + 1;
  for (const [line, places] of positions) if (places.length > limit) positions.delete(line);
  return positions;
}

function longestMatch(
  a: readonly string[],
  b: readonly string[],
  positions: ReadonlyMap<string, readonly number[]>,
  range: Edit,
): Block {
  let best: Block = { a: range.a1, b: range.b1, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = range.a1; i < range.a2; i++) {
    const next = new Map<number, number>();
    for (const j of positions.get(a[i]!) ?? []) {
      if (j < range.b1 || j >= range.b2) continue;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  return extend(a, b, best, range);
}

/** Adds equal lines on both sides, also those that are no anchors. */
function extend(a: readonly string[], b: readonly string[], block: Block, range: Edit): Block {
  let { a: i, b: j, size } = block;
  while (i > range.a1 && j > range.b1 && a[i - 1] === b[j - 1]) {
    i--;
    j--;
    size++;
  }
  while (i + size < range.a2 && j + size < range.b2 && a[i + size] === b[j + size]) size++;
  return { a: i, b: j, size };
}

function joinAdjacent(blocks: readonly Block[]): Block[] {
  const joined: Block[] = [];
  for (const block of blocks) {
    const last = joined.at(-1);
    if (last && last.a + last.size === block.a && last.b + last.size === block.b) {
      joined[joined.length - 1] = { ...last, size: last.size + block.size };
    } else joined.push(block);
  }
  return joined;
}

function edits(blocks: readonly Block[]): Edit[] {
  const all: Edit[] = [];
  let [a1, b1] = [0, 0];
  for (const block of blocks) {
    if (a1 < block.a || b1 < block.b) all.push({ equal: false, a1, a2: block.a, b1, b2: block.b });
    [a1, b1] = [block.a + block.size, block.b + block.size];
    if (block.size > 0) all.push({ equal: true, a1: block.a, a2: a1, b1: block.b, b2: b1 });
  }
  return all;
}

function hunks(all: readonly Edit[], context: number): Edit[][] {
  const groups: Edit[][] = [[]];
  all.forEach((edit, i) => {
    const head = i === 0 ? 0 : context;
    const tail = i === all.length - 1 ? 0 : context;
    if (!edit.equal || (i > 0 && tail > 0 && edit.a2 - edit.a1 <= 2 * context)) return void groups.at(-1)!.push(edit);
    if (head > 0) groups.at(-1)!.push(shorten(edit, 0, head));
    if (tail > 0) {
      if (head > 0) groups.push([]);
      groups.at(-1)!.push(shorten(edit, tail, 0));
    }
  });
  return groups.filter((group) => group.some((edit) => !edit.equal));
}

/** The last `last` lines or the first `first` lines of an edit of equal lines. */
function shorten(edit: Edit, last: number, first: number): Edit {
  const drop = Math.max(0, edit.a2 - edit.a1 - (last || first));
  if (last > 0) return { ...edit, a1: edit.a1 + drop, b1: edit.b1 + drop };
  return { ...edit, a2: edit.a2 - drop, b2: edit.b2 - drop };
}

function formatHunk(hunk: readonly Edit[], a: readonly string[], b: readonly string[]): string {
  const [first, last] = [hunk[0]!, hunk.at(-1)!];
  let text = `@@ -${formatRange(first.a1, last.a2)} +${formatRange(first.b1, last.b2)} @@\n`;
  for (const { equal, a1, a2, b1, b2 } of hunk) {
    for (let i = a1; i < a2; i++) text += `${equal ? ' ' : '-'}${a[i]}\n`;
    for (let j = b1; j < b2 && !equal; j++) text += `+${b[j]}\n`;
  }
  return text;
}

/** `first,count`, the first line being 1; an empty range begins at the line before it. */
function formatRange(start: number, end: number): string {
  if (end - start === 1) return String(start + 1);
  return `${end === start ? start : start + 1},${end - start}`;
}
