import { isJsonObject, type JsonValue } from './value.ts';
import { formatFloat, guessScalar, isTimestamp } from './yaml-resolve.ts';

/** Lines longer than this are folded at their next single space. */
const WIDTH = 80;
const INDENT = 2;
/** A longer key is written with `? `. In bytes. */
const MAX_SIMPLE_KEY = 128;

/** Writes a value as sigs.k8s.io/yaml's Marshal does: block style, keys sorted (numbers in them by value). */
export function stringifyYaml(value: JsonValue): string {
  const emitter = new Emitter();
  emitter.node(value, 'root');
  return emitter.finish();
}

/** A line of YAML, and which entry of the value it shows. */
export interface YamlLine {
  /** Without its end. */
  readonly text: string;
  /**
   * The way to the innermost entry that begins on the line: names of fields and places of items, as in
   * `['spec', 'ports', 0, 'name']`. A line that goes on with a text has the way of the line before. Shared, not to be changed.
   */
  readonly path: readonly (string | number)[];
  /** How many entries begin on the line: 0 where a text goes on, 2 for the item and its first field. */
  readonly begun: number;
}

/** What {@link stringifyYaml} writes, line by line, and what each line shows. */
export function yamlLines(value: JsonValue): YamlLine[] {
  const entries: BegunEntry[] = [];
  const emitter = new Emitter(entries);
  emitter.node(value, 'root');
  const texts = emitter.finish().split('\n').slice(0, -1);
  let at = 0;
  let path: readonly (string | number)[] = [];
  return texts.map((text, line) => {
    const from = at;
    while (at < entries.length && entries[at]!.line === line) at++;
    if (at > from) path = entries[at - 1]!.path;
    return { text, path, begun: at - from };
  });
}

/** An entry of a list or an object, and the line that it begins on, from 0. */
interface BegunEntry {
  readonly line: number;
  readonly path: readonly (string | number)[];
}

/** A scalar's text and what its characters permit. */
interface Analysis {
  readonly multiline: boolean;
  readonly plain: boolean;
  readonly singleQuoted: boolean;
  readonly block: boolean;
}

const BREAK = /[\n\r\x85\u2028\u2029]/;
/** What libyaml writes only in escaped form. */
const SPECIAL = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const INDICATOR_FIRST = /^(?:[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t]|$)|---|\.\.\.)/;
const INDICATOR_WITHIN = /:(?:[ \t]|$)|[ \t\n\r\x85\u2028\u2029]#/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

function analyze(text: string): Analysis {
  if (text === '') return { multiline: false, plain: true, singleQuoted: true, block: false };
  const multiline = BREAK.test(text);
  const special = SPECIAL.test(text) || (multiline && / [\n\r\x85\u2028\u2029]/.test(text));
  const edge = /^[ \n\r\x85\u2028\u2029]|[ \n\r\x85\u2028\u2029]$/.test(text);
  const breakSpace = multiline && /[\n\r\x85\u2028\u2029] /.test(text);
  const indicators = INDICATOR_FIRST.test(text) || INDICATOR_WITHIN.test(text);
  return {
    multiline,
    plain: !(edge || breakSpace || special || multiline || indicators),
    singleQuoted: !(breakSpace || special),
    block: !(text.endsWith(' ') || special),
  };
}

/** Writes nodes, and remembers where on its line it is. */
class Emitter {
  readonly #parts: string[] = [];
  #column = 0;
  #indent = -1;
  /** The last character was white space, so no other is needed before an indicator. */
  #whitespace = true;
  /** Only indentation and indicators stand on this line. */
  #indention = true;
  /** Of the line that is being written, from 0. */
  #line = 0;
  /** Where to note which entry begins on which line; undefined if nobody wants to know. */
  readonly #begun: BegunEntry[] | undefined;
  /** The way to what is being written, while it is noted. */
  #path: readonly (string | number)[] = [];

  constructor(begun?: BegunEntry[]) {
    this.#begun = begun;
  }

  finish(): string {
    if (this.#column !== 0) this.#newLine();
    return this.#parts.join('');
  }

  node(value: JsonValue, context: 'root' | 'sequence' | 'mapping' | 'key'): void {
    if (Array.isArray(value)) this.#sequence(value, context === 'mapping');
    else if (isJsonObject(value)) this.#mapping(value);
    else if (typeof value === 'string') this.#string(value, context === 'key');
    else if (typeof value === 'number' && !Number.isInteger(value)) this.#plain(formatFloat(value), false);
    else if (typeof value === 'number' && Math.abs(value) >= 2 ** 64) this.#plain(formatFloat(value), false);
    else this.#plain(typeof value === 'number' ? BigInt(value).toString() : String(value), false);
  }

  #sequence(list: readonly JsonValue[], inMapping: boolean): void {
    if (list.length === 0) return this.#indicator('[]', true);
    const outer = this.#increaseIndent(inMapping && !this.#indention);
    const path = this.#path;
    for (const [i, item] of list.entries()) {
      this.#writeIndent();
      this.#begin(path, i);
      this.#indicator('-', true, false, true);
      this.node(item, 'sequence');
    }
    this.#path = path;
    this.#indent = outer;
  }

  #mapping(object: Readonly<Record<string, JsonValue>>): void {
    const keys = Object.keys(object).sort(compareKeys);
    if (keys.length === 0) return this.#indicator('{}', true);
    const outer = this.#increaseIndent(false);
    const path = this.#path;
    for (const key of keys) {
      this.#writeIndent();
      this.#begin(path, key);
      if (isSimpleKey(key)) {
        this.#string(key, true);
        this.#indicator(':', false);
      } else {
        this.#indicator('?', true, false, true);
        this.#string(key, false);
        this.#writeIndent();
        this.#indicator(':', true, false, true);
      }
      this.node(object[key]!, 'mapping');
    }
    this.#path = path;
    this.#indent = outer;
  }

  #begin(path: readonly (string | number)[], step: string | number): void {
    if (this.#begun === undefined) return;
    this.#path = [...path, step];
    this.#begun.push({ line: this.#line, path: this.#path });
  }

  /** Returns the indentation to go back to. */
  #increaseIndent(indentless: boolean): number {
    const outer = this.#indent;
    if (outer < 0) this.#indent = 0;
    else if (!indentless) this.#indent += INDENT;
    return outer;
  }

  /** Continued lines of a scalar stand further in than its collection. */
  #string(text: string, simpleKey: boolean): void {
    const outer = this.#indent;
    this.#indent = outer < 0 ? INDENT : outer + INDENT;
    this.#styled(text, simpleKey);
    this.#indent = outer;
  }

  #styled(text: string, simpleKey: boolean): void {
    const { multiline, plain, singleQuoted, block } = analyze(text);
    const isText = guessScalar(text).type === 'string' && !BASE_60.test(text) && !isTimestamp(text);
    if (text.includes('\n') && block && !simpleKey) return this.#literal(text);
    if (text.includes('\n') || !isText || (simpleKey && multiline)) return this.#doubleQuoted(text, !simpleKey);
    if (plain && !(text === '' && simpleKey)) return this.#plain(text, !simpleKey);
    if (singleQuoted) return this.#singleQuoted(text, !simpleKey);
    this.#doubleQuoted(text, !simpleKey);
  }

  #plain(text: string, fold: boolean): void {
    if (!this.#whitespace) this.#put(' ');
    this.#whitespace = false;
    this.#indention = false;
    this.#words(text, fold, 0);
    this.#whitespace = false;
    this.#indention = false;
  }

  #singleQuoted(text: string, fold: boolean): void {
    this.#indicator("'", true);
    for (const part of text.replaceAll("'", "''").split(/([\n\r\x85\u2028\u2029])/)) {
      if (BREAK.test(part)) this.#newLine(part);
      else if (part !== '') {
        if (this.#column === 0) this.#writeIndent();
        this.#words(part, fold, 1);
      }
    }
    this.#indicator("'", false);
    this.#whitespace = false;
    this.#indention = false;
  }

  /** Text without line breaks; folds at single spaces, except at the first and last `margin` characters. */
  #words(text: string, fold: boolean, margin: number): void {
    if (!fold || this.#column + text.length <= WIDTH) return this.#put(text);
    let start = 0;
    for (let i = 0; i < text.length; i++) {
      if (text[i] !== ' ' || text[i - 1] === ' ' || text[i + 1] === ' ') continue;
      if (this.#column + i - start <= WIDTH || i < margin || i >= text.length - margin) continue;
      this.#put(text.slice(start, i));
      this.#indention = false;
      this.#writeIndent();
      start = i + 1;
    }
    this.#put(text.slice(start));
  }

  #doubleQuoted(text: string, fold: boolean): void {
    this.#indicator('"', true);
    const chars = [...text];
    let afterSpace = false;
    chars.forEach((char, i) => {
      const space = char === ' ';
      const inner = i > 0 && i < chars.length - 1;
      if (space && fold && !afterSpace && this.#column > WIDTH && inner) {
        this.#indention = false;
        this.#writeIndent();
        if (chars[i + 1] === ' ') this.#put('\\');
      } else this.#put(escapeChar(char));
      afterSpace = space;
    });
    this.#indicator('"', false);
    this.#whitespace = false;
    this.#indention = false;
  }

  #literal(text: string): void {
    const hint = /^[ \n\r\x85\u2028\u2029]/.test(text) ? String(INDENT) : '';
    this.#indicator(`|${hint}${chompingOf(text)}`, true);
    this.#newLine();
    this.#indention = true;
    this.#whitespace = true;
    let atBreak = true;
    for (const part of text.split(/([\n\r\x85\u2028\u2029])/)) {
      if (part === '') continue;
      if (BREAK.test(part)) {
        this.#newLine(part);
        this.#indention = true;
        atBreak = true;
      } else {
        if (atBreak) this.#writeIndent();
        this.#put(part);
        this.#indention = false;
        atBreak = false;
      }
    }
  }

  #writeIndent(): void {
    const indent = Math.max(this.#indent, 0);
    if (!this.#indention || this.#column > indent || (this.#column === indent && !this.#whitespace)) this.#newLine();
    if (this.#column < indent) this.#put(' '.repeat(indent - this.#column));
    this.#whitespace = true;
    this.#indention = true;
  }

  #indicator(text: string, needsSpace: boolean, isSpace = false, isIndention = false): void {
    if (needsSpace && !this.#whitespace) this.#put(' ');
    this.#put(text);
    this.#whitespace = isSpace;
    this.#indention = this.#indention && isIndention;
  }

  #put(text: string): void {
    this.#parts.push(text);
    this.#column += text.length;
  }

  #newLine(text = '\n'): void {
    this.#parts.push(text);
    if (text === '\n') this.#line++;
    this.#column = 0;
    this.#indention = true;
  }
}

/** `-`: no break at the end; `+`: more than one, or nothing else. */
function chompingOf(text: string): string {
  if (!BREAK.test(text.at(-1)!)) return '-';
  return text.length === 1 || BREAK.test(text.at(-2)!) ? '+' : '';
}

const utf8 = new TextEncoder();

function isSimpleKey(key: string): boolean {
  return !BREAK.test(key) && (key.length * 3 <= MAX_SIMPLE_KEY || utf8.encode(key).length <= MAX_SIMPLE_KEY);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function escapeChar(char: string): string {
  const escape = ESCAPES[char];
  if (escape !== undefined) return escape;
  if (!SPECIAL.test(char)) return char;
  const hex = char.codePointAt(0)!.toString(16).toUpperCase();
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

const DIGIT = /\p{Nd}/u;
const LETTER = /\p{L}/u;

/** go-yaml's order of keys: digit runs by value, letters after all else, then by code point. */
function compareKeys(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  // nearly all keys differ in letters first, or one begins the other
  if (i === a.length || i === b.length) return a.length - b.length;
  if (isAsciiLetter(a.charCodeAt(i)) && isAsciiLetter(b.charCodeAt(i))) return a.charCodeAt(i) - b.charCodeAt(i);
  return compareRunes(a, b);
}

function isAsciiLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

function compareRunes(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    if (left[i] !== right[i]) return compareAt(left, right, i);
  }
  return left.length - right.length;
}

function compareAt(left: readonly string[], right: readonly string[], i: number): number {
  const [a, b] = [left[i]!, right[i]!];
  const [aLetter, bLetter] = [LETTER.test(a), LETTER.test(b)];
  if (aLetter !== bLetter) return bLetter ? -1 : 1;
  if (!aLetter) {
    const nonZero = (a === '0' || b === '0') && hasNonZeroDigitBefore(left, i);
    const [aRun, bRun] = [digitRun(left, i, nonZero), digitRun(right, i, nonZero)];
    if (aRun.value !== bRun.value) return aRun.value < bRun.value ? -1 : 1;
    if (aRun.end !== bRun.end) return aRun.end - bRun.end;
  }
  return a.codePointAt(0)! - b.codePointAt(0)!;
}

function hasNonZeroDigitBefore(chars: readonly string[], i: number): boolean {
  for (let j = i - 1; j >= 0 && DIGIT.test(chars[j]!); j--) {
    if (chars[j] !== '0') return true;
  }
  return false;
}

/** The value of the digits from here on, wrapped to int64 as Go's arithmetic does. */
function digitRun(chars: readonly string[], start: number, one: boolean): { value: bigint; end: number } {
  let value = one ? 1n : 0n;
  let end = start;
  for (; end < chars.length && DIGIT.test(chars[end]!); end++)
    value = BigInt.asIntN(64, value * 10n + BigInt(chars[end]!.codePointAt(0)! - 0x30));
  return { value, end };
}
