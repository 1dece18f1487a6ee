import { decodeEntities } from '../feeds/entities.ts';
import { matchRuns, type Node, type Run, runAt } from './emphasis.ts';

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

const ADDRESS = /<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>/y;
const ENTITY = /&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});/y;
const FORMULA = /\$(?=\S)((?:[^$\\\n]|\\.)+?)(?<=\S)\$(?!\d)/y;
const FOOTNOTE = /\[\^([^\]\s]+)\]/y;
/** What stands behind the text of a link or an image, with a title and Zenn's width, which are left out. */
const TARGET =
  /\]\([ \n]*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*))(?:[ \n]+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))?(?: +=\d*x\d*)?[ \n]*\)/y;
const PUNCTUATION = /[!-/:-@[-`{-~]/;

/** Reads inline Markdown: CommonMark's, with addresses in the text, strikes, footnotes and formulas; HTML is text. */
export function readInline(text: string): Inline[] {
  return new InlineReader(text).read();
}

/** A text on the way: what was read of it, and what is open there. Each method reads one thing, and goes behind it. */
class InlineReader {
  readonly #text: string;
  #at = 0;
  readonly #nodes: Node[] = [];
  readonly #runs: Run[] = [];
  readonly #brackets: Bracket[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  read(): Inline[] {
    while (this.#at < this.#text.length) {
      NEXT.lastIndex = this.#at;
      const next = NEXT.exec(this.#text);
      const until = next?.index ?? this.#text.length;
      if (until > this.#at) this.#push({ text: this.#text.slice(this.#at, until) });
      this.#at = until;
      if (next !== null) this.#readAt(next[0]);
    }
    matchRuns(this.#runs);
    return this.#nodes.flatMap(piecesOf);
  }

  #readAt(sign: string): void {
    if (sign === '\n') this.#read(1, { inline: { kind: 'break' } });
    else if (sign === '\\') this.#readEscape();
    else if (sign === '`') this.#readCode();
    else if (sign === '<') this.#readLink(this.#match(ADDRESS), sign);
    else if (sign === '&') this.#readEntity();
    else if (sign === '$') this.#readFormula();
    else if (sign.startsWith('http')) this.#readUrl(sign);
    else if (sign === '!') this.#readImageSign();
    else if (sign === '[') this.#openBracket();
    else if (sign === ']') this.#closeBracket();
    else this.#readRun();
  }

  #push(node: Partial<Node>): Node {
    const made = { text: '', opens: [], closes: [], ...node };
    this.#nodes.push(made);
    return made;
  }

  /** Goes behind something of a length, which is a node. */
  #read(length: number, node: Partial<Node>): Node {
    this.#at += length;
    return this.#push(node);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text);
  }

  #readEscape(): void {
    const escaped = this.#text[this.#at + 1] ?? '';
    if (escaped === '\n') this.#read(2, { inline: { kind: 'break' } });
    else this.#read(2, { text: PUNCTUATION.test(escaped) ? escaped : `\\${escaped}` });
  }

  #readCode(): void {
    const fence = this.#match(/`+/y)![0];
    const from = this.#at + fence.length;
    const end = closingFence(this.#text, from, fence.length);
    if (end < 0) this.#read(fence.length, { text: fence });
    else {
      this.#push({ inline: { kind: 'code', text: codeOf(this.#text.slice(from, end)) } });
      this.#at = end + fence.length;
    }
  }

  #readEntity(): void {
    const entity = this.#match(ENTITY)?.[0];
    this.#read(entity?.length ?? 1, { text: entity === undefined ? '&' : decodeEntities(entity) });
  }

  #readFormula(): void {
    const formula = this.#match(FORMULA);
    if (formula === null) this.#read(1, { text: '$' });
    else this.#read(formula[0].length, { inline: { kind: 'formula', text: formula[1]! } });
  }

  #readUrl(sign: string): void {
    const url = trimmedUrl(this.#match(URL_AT)?.[0] ?? '');
    this.#readLink(url === '' ? null : [url, url], sign);
  }

  /** A link that shows its address, or the sign alone where none is. */
  #readLink(found: readonly string[] | null, sign: string): void {
    if (found === null) {
      this.#read(sign.length, { text: sign });
      return;
    }
    const [all, url] = [found[0]!, found[1]!];
    this.#push({ opens: [{ kind: 'open', mark: 'link', url }] });
    this.#push({ text: url });
    this.#read(all.length, { closes: [{ kind: 'close', mark: 'link' }] });
  }

  #readImageSign(): void {
    const isImage = this.#text[this.#at + 1] === '[';
    if (isImage) this.#bracket(this.#read(2, { text: '![' }), isImage);
    else this.#read(1, { text: '!' });
  }

  #openBracket(): void {
    const footnote = this.#match(FOOTNOTE);
    if (footnote === null) this.#bracket(this.#read(1, { text: '[' }), false);
    else this.#read(footnote[0].length, { inline: { kind: 'footnote', label: footnote[1]! } });
  }

  #bracket(node: Node, isImage: boolean): void {
    this.#brackets.push({ node, at: this.#at, isImage, runs: this.#runs.length });
  }

  /** Makes a link or an image of what is since the bracket that was opened last, if an address follows. */
  #closeBracket(): void {
    const bracket = this.#brackets.pop();
    const found = bracket === undefined ? null : this.#match(TARGET);
    if (bracket === undefined || found === null) {
      this.#read(1, { text: ']' });
      return;
    }
    const url = (found[1] ?? found[2]!).replace(/\\([!-/:-@[-`{-~])/g, '$1');
    const first = this.#nodes.lastIndexOf(bracket.node);
    if (bracket.isImage) {
      this.#nodes.splice(first);
      this.#runs.splice(bracket.runs);
      const alt = plainText(this.#text.slice(bracket.at, this.#at));
      this.#read(found[0].length, { inline: { kind: 'image', url, alt } });
      return;
    }
    matchRuns(this.#runs.splice(bracket.runs));
    for (const node of this.#nodes.slice(first + 1)) withoutLinks(node);
    bracket.node.text = '';
    bracket.node.opens.push({ kind: 'open', mark: 'link', url });
    this.#read(found[0].length, { closes: [{ kind: 'close', mark: 'link' }] });
    // a link within a link is none
    for (const outer of this.#brackets.splice(0)) if (outer.isImage) this.#brackets.push(outer);
  }

  #readRun(): void {
    const run = this.#match(/\*+|_+|~+/y)![0];
    const at = this.#at;
    this.#runs.push(runAt(this.#text, at, run, this.#read(run.length, { text: run })));
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

function piecesOf({ inline, text, opens, closes }: Node): Inline[] {
  return [
    ...closes,
    ...(inline === undefined ? [] : [inline]),
    ...(text === '' ? [] : [{ kind: 'text', text } as const]),
    ...opens,
  ];
}
