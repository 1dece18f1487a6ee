import type { YamlScanner } from './yaml-scan.ts';

/** A line break begins here: LF, CR, NEL, LS or PS. */
export function isBreakAt(text: string, pos: number): boolean {
  const code = text.charCodeAt(pos);
  return code === 0x0a || code === 0x0d || code === 0x85 || code === 0x2028 || code === 0x2029;
}

function isBlankAt(text: string, pos: number): boolean {
  const code = text.charCodeAt(pos);
  return code === 0x20 || code === 0x09;
}

/** A blank, a line break or the end of the text is here. */
export function isBlankOrEnd(text: string, pos: number): boolean {
  return pos >= text.length || isBlankAt(text, pos) || isBreakAt(text, pos);
}

/** Skips the line break here and returns what it stands for: LS and PS are kept, all others mean LF. */
export function skipBreak(s: YamlScanner): string {
  const char = s.text[s.pos]!;
  s.pos += char === '\r' && s.text[s.pos + 1] === '\n' ? 2 : 1;
  s.newLine();
  return char === '\u2028' || char === '\u2029' ? char : '\n';
}

/** How a break and the empty lines after it read in a scalar whose lines are folded into one. */
function folded(first: string, rest: string): string {
  if (first !== '\n') return first + rest;
  return rest === '' ? ' ' : rest;
}

/** Reads the `|` or `>` scalar that begins here. */
export function scanBlockScalar(s: YamlScanner, literal: boolean): string {
  s.pos++;
  const { chomping, increment } = blockHeader(s);
  s.skipRestOfLine();
  let indent = increment > 0 ? Math.max(s.indent, 0) + increment : 0;
  let trailing = '';
  const skipEmptyLines = () => {
    const lines = emptyLines(s, indent);
    trailing = lines.breaks;
    indent = lines.indent;
  };
  skipEmptyLines();
  const parts: string[] = [];
  let leading = '';
  let afterBlank = false;
  while (s.column === indent && s.pos < s.text.length) {
    const blank = isBlankAt(s.text, s.pos);
    const fold = !literal && !afterBlank && !blank && leading === '\n';
    parts.push(fold ? (trailing === '' ? ' ' : '') : leading, trailing);
    afterBlank = blank;
    const start = s.pos;
    while (s.pos < s.text.length && !isBreakAt(s.text, s.pos)) s.pos++;
    parts.push(s.text.slice(start, s.pos));
    leading = s.pos < s.text.length ? skipBreak(s) : '';
    skipEmptyLines();
  }
  if (chomping !== '-') parts.push(leading);
  if (chomping === '+') parts.push(trailing);
  return parts.join('');
}

function blockHeader(s: YamlScanner): { chomping: string; increment: number } {
  const header = /^(?:([+-])([0-9]?)|([0-9])([+-]?))?/.exec(s.text.slice(s.pos, s.pos + 2))!;
  const digit = header[2] || header[3] || '';
  if (digit === '0') {
    s.pos += header[0].indexOf('0');
    s.fail('found an indentation indicator equal to 0');
  }
  s.pos += header[0].length;
  return { chomping: header[1] || header[4] || '', increment: Number(digit) };
}

/** Skips indentation and empty lines of a block scalar; finds out its indentation when that is still 0. */
function emptyLines(s: YamlScanner, indent: number): { breaks: string; indent: number } {
  let breaks = '';
  let deepest = 0;
  for (;;) {
    while ((indent === 0 || s.column < indent) && s.text[s.pos] === ' ') s.pos++;
    deepest = Math.max(deepest, s.column);
    if ((indent === 0 || s.column < indent) && s.text[s.pos] === '\t')
      s.fail('found a tab character where an indentation space is expected');
    if (!isBreakAt(s.text, s.pos)) break;
    breaks += skipBreak(s);
  }
  return { breaks, indent: indent === 0 ? Math.max(deepest, s.indent + 1, 1) : indent };
}

/** White space inside of a flow scalar, as the scalar's text has it. */
interface Gap {
  readonly text: string;
  /** There was a line break in it. */
  readonly broken: boolean;
}

/** Skips blanks and breaks; `broken` tells that a break went before. `check` is called at each blank of a new line. */
function skipGap(s: YamlScanner, broken: boolean, check: () => void = () => {}): Gap {
  const { text } = s;
  const start = s.pos;
  let blanks = '';
  let first = '';
  let rest = '';
  for (;;) {
    if (isBlankAt(text, s.pos)) {
      if (broken) check();
      s.pos++;
    } else if (isBreakAt(text, s.pos)) {
      if (broken) rest += skipBreak(s);
      else first = skipBreak(s);
      broken = true;
    } else break;
    if (!broken) blanks = text.slice(start, s.pos);
  }
  return { text: broken ? (first === '' ? rest : folded(first, rest)) : blanks, broken };
}

/** Reads the scalar in single or double quotes that begins here. */
export function scanQuotedScalar(s: YamlScanner, quote: string): string {
  const { text } = s;
  const plainRun = quote === "'" ? /[^'\s\x85]*/y : /[^"\\\s\x85]*/y;
  const parts: string[] = [];
  s.pos++;
  for (;;) {
    if (s.atDocumentMarker()) s.fail('found unexpected document indicator');
    if (s.pos >= text.length) s.fail('found unexpected end of stream');
    const broken = scanQuotedWords(s, quote, plainRun, parts);
    if (text[s.pos] === quote) break;
    parts.push(skipGap(s, broken).text);
  }
  s.pos++;
  return parts.join('');
}

/** Reads up to white space or the closing quote; true when it ended with an escaped line break. */
function scanQuotedWords(s: YamlScanner, quote: string, plainRun: RegExp, parts: string[]): boolean {
  const { text } = s;
  while (!isBlankOrEnd(text, s.pos)) {
    plainRun.lastIndex = s.pos;
    const run = plainRun.exec(text)![0];
    if (run !== '') {
      parts.push(run);
      s.pos += run.length;
    } else if (text[s.pos] === quote) {
      if (quote === '"' || text[s.pos + 1] !== "'") return false;
      parts.push("'");
      s.pos += 2;
    } else if (text[s.pos] !== '\\') {
      // white space to JavaScript, but not to YAML
      parts.push(text[s.pos]!);
      s.pos++;
    } else if (isBreakAt(text, s.pos + 1)) {
      s.pos++;
      skipBreak(s);
      return true;
    } else parts.push(scanEscape(s));
  }
  return false;
}

const ESCAPES: Readonly<Record<string, string>> = {
  0: '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};
const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function scanEscape(s: YamlScanner): string {
  const char = s.text[s.pos + 1] ?? '';
  const simple = ESCAPES[char];
  const length = HEX_LENGTHS[char];
  if (simple === undefined && length === undefined) s.fail('found unknown escape character');
  s.pos += 2;
  if (simple !== undefined) return simple;
  const digits = s.text.slice(s.pos, s.pos + length!);
  if (!/^[0-9A-Fa-f]+$/.test(digits) || digits.length < length!) s.fail('did not find expected hexdecimal number');
  const code = Number.parseInt(digits, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) s.fail('found invalid Unicode character escape code');
  s.pos += length!;
  return String.fromCodePoint(code);
}

/** Reads the unquoted scalar that begins here; white space at its end is skipped, but no part of it. */
export function scanPlainScalar(s: YamlScanner): string {
  const { text } = s;
  const indent = s.indent + 1;
  const parts: string[] = [];
  let gap: Gap = { text: '', broken: false };
  const checkTab = () => {
    if (s.column < indent && text[s.pos] === '\t') s.fail('found a tab character that violates indentation');
  };
  while (!s.atDocumentMarker() && text[s.pos] !== '#') {
    const start = s.pos;
    while (!isBlankOrEnd(text, s.pos) && !endsPlain(s)) s.pos++;
    if (s.pos > start) {
      parts.push(gap.text, text.slice(start, s.pos));
      gap = { text: '', broken: false };
    }
    if (s.pos >= text.length || !isBlankOrEnd(text, s.pos)) break;
    gap = skipGap(s, gap.broken, checkTab);
    if (s.flowLevel === 0 && s.column < indent) break;
  }
  if (gap.broken) s.simpleKeyAllowed = true;
  return parts.join('');
}

function endsPlain(s: YamlScanner): boolean {
  const char = s.text[s.pos]!;
  if (char === ':') return isBlankOrEnd(s.text, s.pos + 1);
  return s.flowLevel > 0 && ',?[]{}'.includes(char);
}
