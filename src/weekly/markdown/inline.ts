import { decodeEntities } from '../feeds/entities.ts';

/**
 * A piece of inline Markdown, in the order of the text: what opens is closed, and nothing closes out of order. It is flat, so
 * that no text, however deep it nests, needs a deep stack.
 */
export type Inline =
  | { readonly kind: 'text' | 'code' | 'formula'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'footnote'; readonly label: string }
  | { readonly kind: 'image'; readonly url: string; readonly alt: string }
  | { readonly kind: 'open' | 'close'; readonly mark: 'strong' | 'emphasis' | 'strike' }
  | { readonly kind: 'open'; readonly mark: 'link'; readonly url: string }
  | { readonly kind: 'close'; readonly mark: 'link' };

/** A piece of text with what opens behind it and closes in front of it. */
interface Node {
  readonly inline?: Inline;
  text: string;
  readonly opens: Inline[];
  readonly closes: Inline[];
}

/** A run of `*`, `_` or `~` that may open or close something. */
interface Run {
  readonly node: Node;
  readonly sign: string;
  readonly length: number;
  readonly mayOpen: boolean;
  readonly mayClose: boolean;
}

/** A bracket that may be the beginning of a link or an image. */
interface Bracket {
  readonly node: Node;
  readonly at: number;
  readonly isImage: boolean;
  /** How many runs came before it. */
  readonly runs: number;
}

/** The signs at which something may begin. */
const NEXT = /[\\`<[\]!*_~&$\n]|https?:\/\//g;
const URL_AT = /https?:\/\/[A-Za-z0-9][^\s<>"`|\\^{}[\]\u3000-\u303f\uff00-\uff60]*/y;

/** Reads inline Markdown: CommonMark's, with addresses in the text, strikes, footnotes and formulas; HTML is text. */
export function readInline(text: string): Inline[] {
  const nodes: Node[] = [];
  const runs: Run[] = [];
  const brackets: Bracket[] = [];
  let at = 0;
  const push = (node: Partial<Node>): Node => {
    const made = { text: '', opens: [], closes: [], ...node };
    nodes.push(made);
    return made;
  };
  while (at < text.length) {
    NEXT.lastIndex = at;
    const next = NEXT.exec(text);
    const until = next?.index ?? text.length;
    if (until > at) push({ text: text.slice(at, until) });
    if (next === null) break;
    at = until;
    const sign = next[0];
    const match = (pattern: RegExp): RegExpExecArray | null => {
      pattern.lastIndex = at;
      return pattern.exec(text);
    };
    if (sign === '\n') {
      push({ inline: { kind: 'break' } });
      at++;
    } else if (sign === '\\') {
      const escaped = text[at + 1] ?? '';
      if (escaped === '\n') push({ inline: { kind: 'break' } });
      else push({ text: /[!-/:-@[-`{-~]/.test(escaped) ? escaped : `\\${escaped}` });
      at += 2;
    } else if (sign === '`') {
      const fence = match(/`+/y)![0];
      const end = closingFence(text, at + fence.length, fence.length);
      if (end < 0) push({ text: fence });
      else push({ inline: { kind: 'code', text: codeOf(text.slice(at + fence.length, end)) } });
      at = end < 0 ? at + fence.length : end + fence.length;
    } else if (sign === '<') {
      const address = match(/<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>/y);
      if (address === null) push({ text: '<' });
      else linkTo(address[1]!, push);
      at += address?.[0].length ?? 1;
    } else if (sign === '&') {
      const entity = match(/&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});/y);
      push({ text: entity === null ? '&' : decodeEntities(entity[0]) });
      at += entity?.[0].length ?? 1;
    } else if (sign === '$') {
      const formula = match(/\$(?=\S)((?:[^$\\\n]|\\.)+?)(?<=\S)\$(?!\d)/y);
      if (formula === null) push({ text: '$' });
      else push({ inline: { kind: 'formula', text: formula[1]! } });
      at += formula?.[0].length ?? 1;
    } else if (sign.startsWith('http')) {
      const url = trimmedUrl(match(URL_AT)?.[0] ?? '');
      if (url === '') push({ text: sign });
      else linkTo(url, push);
      at += (url || sign).length;
    } else if (sign === '!') {
      const isImage = text[at + 1] === '[';
      const node = push({ text: isImage ? '![' : '!' });
      if (isImage) brackets.push({ node, at: at + 2, isImage, runs: runs.length });
      at += isImage ? 2 : 1;
    } else if (sign === '[') {
      const footnote = match(/\[\^([^\]\s]+)\]/y);
      if (footnote !== null) push({ inline: { kind: 'footnote', label: footnote[1]! } });
      else brackets.push({ node: push({ text: '[' }), at: at + 1, isImage: false, runs: runs.length });
      at += footnote?.[0].length ?? 1;
    } else if (sign === ']') {
      at = closeBracket();
    } else {
      const run = match(/\*+|_+|~+/y)![0];
      runs.push(runAt(text, at, run, push({ text: run })));
      at += run.length;
    }
  }
  matchRuns(runs);
  return nodes.flatMap(piecesOf);

  /** The place behind a bracket that closes, which made a link or an image of what is since the one that opened. */
  function closeBracket(): number {
    const bracket = brackets.pop();
    const target =
      /\]\([ \n]*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*))(?:[ \n]+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))?(?: +=\d*x\d*)?[ \n]*\)/y;
    target.lastIndex = at;
    const found = bracket === undefined ? null : target.exec(text);
    if (bracket === undefined || found === null) {
      push({ text: ']' });
      return at + 1;
    }
    const url = (found[1] ?? found[2]!).replace(/\\([!-/:-@[-`{-~])/g, '$1');
    if (bracket.isImage) {
      nodes.splice(nodes.lastIndexOf(bracket.node));
      runs.splice(bracket.runs);
      push({ inline: { kind: 'image', url, alt: plainText(text.slice(bracket.at, at)) } });
      return at + found[0].length;
    }
    matchRuns(runs.splice(bracket.runs));
    for (const node of nodes.slice(nodes.lastIndexOf(bracket.node) + 1)) withoutLinks(node);
    bracket.node.text = '';
    bracket.node.opens.push({ kind: 'open', mark: 'link', url });
    push({ closes: [{ kind: 'close', mark: 'link' }] });
    // a link within a link is none
    for (const outer of brackets.splice(0)) if (outer.isImage) brackets.push(outer);
    return at + found[0].length;
  }
}

/** Inline Markdown without its signs. */
export function plainText(text: string): string {
  return readInline(text)
    .map((inline) => {
      if (inline.kind === 'break') return '\n';
      if (inline.kind === 'image') return inline.alt;
      return 'text' in inline ? inline.text : '';
    })
    .join('');
}

/** What is within a link links nowhere else. */
function withoutLinks({ opens, closes }: Node): void {
  for (const marks of [opens, closes]) {
    const others = marks.filter((inline) => !('mark' in inline && inline.mark === 'link'));
    marks.splice(0, marks.length, ...others);
  }
}

function linkTo(url: string, push: (node: Partial<Node>) => Node): void {
  push({ opens: [{ kind: 'open', mark: 'link', url }] });
  push({ text: url });
  push({ closes: [{ kind: 'close', mark: 'link' }] });
}

function closingFence(text: string, from: number, length: number): number {
  const fences = /`+/g;
  fences.lastIndex = from;
  for (let found = fences.exec(text); found !== null; found = fences.exec(text)) {
    if (found[0].length === length) return found.index;
  }
  return -1;
}

function codeOf(text: string): string {
  const line = text.replaceAll('\n', ' ');
  return /^ .*[^ ].* $/.test(line) ? line.slice(1, -1) : line;
}

/** An address in a text without what is more likely the sentence's. */
function trimmedUrl(url: string): string {
  let found = url.replace(/[?!.,:;*_~'"]+$/, '');
  while (found.endsWith(')') && count(found, ')') > count(found, '(')) found = found.slice(0, -1);
  return found;
}

function count(text: string, sign: string): number {
  return text.split(sign).length - 1;
}

function runAt(text: string, at: number, run: string, node: Node): Run {
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
function matchRuns(runs: readonly Run[]): void {
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

function piecesOf({ inline, text, opens, closes }: Node): Inline[] {
  return [
    ...closes,
    ...(inline === undefined ? [] : [inline]),
    ...(text === '' ? [] : [{ kind: 'text', text } as const]),
    ...opens,
  ];
}
