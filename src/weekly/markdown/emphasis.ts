import type { Inline } from './inline.ts';

/** A piece of text with what opens behind it and closes in front of it. */
export interface Node {
  readonly inline?: Inline;
  text: string;
  readonly opens: Inline[];
  readonly closes: Inline[];
}

/** A run of `*`, `_` or `~` that may open or close something. */
export interface Run {
  readonly node: Node;
  readonly sign: string;
  readonly length: number;
  readonly mayOpen: boolean;
  readonly mayClose: boolean;
}

/** The run of a sign at a place of a text: what may begin and end there is by what stands around it. */
export function runAt(text: string, at: number, run: string, node: Node): Run {
  const before = text.slice(Math.max(0, at - 2), at).match(/.$/su)?.[0] ?? ' ';
  const after = text.slice(at + run.length, at + run.length + 2).match(/^./su)?.[0] ?? ' ';
  const isSign = (one: string): boolean => /[\p{P}\p{S}]/u.test(one);
  const opens = !/\s/.test(after) && (!isSign(after) || /\s/.test(before) || isSign(before));
  const closes = !/\s/.test(before) && (!isSign(before) || /\s/.test(after) || isSign(after));
  const isWord = run[0] === '_';
  return {
    node,
    sign: run[0]!,
    length: run.length,
    mayOpen: opens && (!isWord || !closes || isSign(before)),
    mayClose: closes && (!isWord || !opens || isSign(after)),
  };
}

/** Makes emphasis of runs, each that closes with the nearest that opens, as CommonMark's algorithm does. */
export function matchRuns(runs: readonly Run[]): void {
  const open: Run[] = [];
  for (const closer of runs) {
    while (closer.mayClose && closer.node.text !== '') {
      const index = open.findLastIndex((opener) => fits(opener, closer));
      if (index < 0) break;
      const opener = open[index]!;
      open.splice(index + 1);
      const width = Math.min(2, opener.node.text.length, closer.node.text.length);
      const mark = closer.sign === '~' ? 'strike' : width === 2 ? 'strong' : 'emphasis';
      opener.node.text = opener.node.text.slice(width);
      closer.node.text = closer.node.text.slice(width);
      opener.node.opens.unshift({ kind: 'open', mark });
      closer.node.closes.push({ kind: 'close', mark });
      if (opener.node.text === '') open.pop();
    }
    if (closer.mayOpen && closer.node.text !== '') open.push(closer);
    // what opens nothing in reach of so many is left as text
    if (open.length > MOST_OPEN) open.shift();
  }
}

/** How many runs may be open, which bounds the work on hostile texts. */
const MOST_OPEN = 100;

function fits(opener: Run, closer: Run): boolean {
  if (opener.sign !== closer.sign) return false;
  if (closer.sign === '~') return opener.node.text.length === 2 && closer.node.text.length === 2;
  const isBoth = opener.mayClose || closer.mayOpen;
  return !(isBoth && (opener.length + closer.length) % 3 === 0 && (opener.length % 3 !== 0 || closer.length % 3 !== 0));
}
