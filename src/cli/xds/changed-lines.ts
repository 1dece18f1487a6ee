/** Lines around a change that did not change. */
const CONTEXT = 2;
/** Beyond so many pairs of lines the whole is taken for changed: the search takes as long as there are pairs. */
const MOST_PAIRS = 4_000_000;

interface Line {
  readonly sign: ' ' | '+' | '-';
  readonly text: string;
}

/** How a text became another one: its lines with ` `, `-` or `+` before them, without what is far from a change. */
export function changedLines(before: string, after: string): string[] {
  const lines = compared(linesOf(before), linesOf(after));
  const isNear = lines.map((_, i) =>
    lines.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some(({ sign }) => sign !== ' '),
  );
  return lines.flatMap(({ sign, text }, i) => {
    if (isNear[i]) return [`  ${sign} ${text}`];
    return i > 0 && isNear[i - 1] ? ['    …'] : [];
  });
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function compared(a: readonly string[], b: readonly string[]): Line[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const same = (text: string): Line => ({ sign: ' ', text });
  return [
    ...a.slice(0, start).map(same),
    ...between(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

/** By the longest sequence of lines that both have. */
function between(a: readonly string[], b: readonly string[]): Line[] {
  const gone = (text: string): Line => ({ sign: '-', text });
  const come = (text: string): Line => ({ sign: '+', text });
  if (a.length * b.length > MOST_PAIRS) return [...a.map(gone), ...b.map(come)];
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i]! });
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!))
      lines.push(gone(a[i++]!));
    else lines.push(come(b[j++]!));
  }
  return lines;
}
