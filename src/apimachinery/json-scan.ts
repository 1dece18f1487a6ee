import { goQuote } from './field-error.ts';
import { ParseError, placeAt } from './parse-error.ts';

/** How deep arrays and objects may nest (encoding/json's maxNestingDepth). */
export const MAX_JSON_DEPTH = 10_000;

/** What a scan reports, in document order. Positions are half-open ranges of the text. */
export interface JsonSink {
  beginObject(): void;
  endObject(): void;
  beginArray(): void;
  endArray(): void;
  /** A key, with its quotes; `escaped` tells whether it has a backslash. */
  key(start: number, end: number, escaped: boolean): void;
  string(start: number, end: number, escaped: boolean): void;
  number(start: number, end: number): void;
  literal(value: true | false | null): void;
}

/** Contexts in which Go blames the end of the text on a space after it. */
const SPACE_IS_WRONG = /^in (?:literal|string escape|\\u|numeric|exponent)|decimal point/;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads a JSON text once, in linear time and without recursion, and reports its tokens.
 *
 * @throws ParseError with the message that Go's encoding/json has for the first wrong byte.
 */
export function scanJson(text: string, sink: JsonSink): void {
  new Scanner(text, sink).run();
}

const OBJECT = 0;
const ARRAY = 1;

class Scanner {
  readonly #text: string;
  readonly #sink: JsonSink;
  /** The open containers, outermost first. */
  readonly #open: number[] = [];
  #pos = 0;

  constructor(text: string, sink: JsonSink) {
    this.#text = text;
    this.#sink = sink;
  }

  run(): void {
    this.#skipSpace();
    let more = this.#value();
    while (more) more = this.#afterValue();
    this.#skipSpace();
    if (this.#pos < this.#text.length) this.#fail(this.#pos, 'after top-level value');
  }

  /** Reads a scalar, or opens a container and reads up to its first value; false when the text is complete. */
  #value(): boolean {
    for (;;) {
      const code = this.#text.charCodeAt(this.#pos);
      if (code === 0x7b) {
        if (this.#openObject()) continue;
      } else if (code === 0x5b) {
        if (this.#openArray()) continue;
      } else this.#scalar(code);
      return this.#open.length > 0;
    }
  }

  /** True when a member's value is to be read next, false when the object was empty. */
  #openObject(): boolean {
    this.#push(OBJECT);
    this.#sink.beginObject();
    if (this.#next() === 0x7d) return this.#close();
    this.#key();
    return true;
  }

  #openArray(): boolean {
    this.#push(ARRAY);
    this.#sink.beginArray();
    return this.#next() === 0x5d ? this.#close() : true;
  }

  /** Reads what follows a value: a comma and the next value, or the end of the container. */
  #afterValue(): boolean {
    this.#skipSpace();
    const code = this.#text.charCodeAt(this.#pos);
    const inObject = this.#open[this.#open.length - 1] === OBJECT;
    if (code === 0x2c) {
      this.#next();
      if (inObject) this.#key();
      return this.#value();
    }
    if (code !== (inObject ? 0x7d : 0x5d))
      this.#fail(this.#pos, inObject ? 'after object key:value pair' : 'after array element');
    this.#close();
    return this.#open.length > 0;
  }

  #key(): void {
    const start = this.#pos;
    if (this.#text.charCodeAt(start) !== QUOTE) this.#fail(start, 'looking for beginning of object key string');
    const escaped = this.#skipString();
    this.#sink.key(start, this.#pos, escaped);
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#pos) !== 0x3a) this.#fail(this.#pos, 'after object key');
    this.#next();
  }

  #push(kind: number): void {
    if (this.#open.length >= MAX_JSON_DEPTH) this.#fail(this.#pos, 'exceeded max depth');
    this.#open.push(kind);
  }

  #close(): false {
    this.#pos++;
    if (this.#open.pop() === OBJECT) this.#sink.endObject();
    else this.#sink.endArray();
    return false;
  }

  #scalar(code: number): void {
    const start = this.#pos;
    if (code === QUOTE) {
      const escaped = this.#skipString();
      this.#sink.string(start, this.#pos, escaped);
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      this.#skipNumber();
      this.#sink.number(start, this.#pos);
    } else if (code === 0x74) this.#literal('true', true);
    else if (code === 0x66) this.#literal('false', false);
    else if (code === 0x6e) this.#literal('null', null);
    else this.#fail(start, 'looking for beginning of value');
  }

  #literal(word: string, value: true | false | null): void {
    for (let i = 1; i < word.length; i++) {
      if (this.#text.charCodeAt(this.#pos + i) !== word.charCodeAt(i))
        this.#fail(this.#pos + i, `in literal ${word} (expecting ${quoteByte(word[i]!)})`);
    }
    this.#pos += word.length;
    this.#sink.literal(value);
  }

  /** Skips a string from its opening quote on; true when it has escapes. */
  #skipString(): boolean {
    const text = this.#text;
    let escaped = false;
    let i = this.#pos + 1;
    for (;;) {
      const code = text.charCodeAt(i);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        escaped = true;
        i = this.#skipEscape(i + 1);
      } else if (code >= 0x20) i++;
      else this.#fail(i, 'in string literal');
    }
    this.#pos = i + 1;
    return escaped;
  }

  #skipEscape(i: number): number {
    const code = this.#text.charCodeAt(i);
    if (code !== 0x75) {
      if (i >= this.#text.length || !'"\\/bfnrt'.includes(this.#text[i]!)) this.#fail(i, 'in string escape code');
      return i + 1;
    }
    for (let k = i + 1; k <= i + 4; k++) {
      if (!isHex(this.#text.charCodeAt(k))) this.#fail(k, 'in \\u hexadecimal character escape');
    }
    return i + 5;
  }

  #skipNumber(): void {
    const text = this.#text;
    let i = this.#pos;
    if (text.charCodeAt(i) === 0x2d) {
      i++;
      if (!isDigit(text.charCodeAt(i))) this.#fail(i, 'in numeric literal');
    }
    if (text.charCodeAt(i) === 0x30) i++;
    else i = skipDigits(text, i);
    if (text.charCodeAt(i) === 0x2e) {
      if (!isDigit(text.charCodeAt(++i))) this.#fail(i, 'after decimal point in numeric literal');
      i = skipDigits(text, i);
    }
    if ((text.charCodeAt(i) | 0x20) === 0x65) {
      const sign = text.charCodeAt(++i);
      if (sign === 0x2b || sign === 0x2d) i++;
      if (!isDigit(text.charCodeAt(i))) this.#fail(i, 'in exponent of numeric literal');
      i = skipDigits(text, i);
    }
    this.#pos = i;
  }

  /** Steps over one character and white space; returns the next character's code. */
  #next(): number {
    this.#pos++;
    this.#skipSpace();
    return this.#text.charCodeAt(this.#pos);
  }

  #skipSpace(): void {
    const text = this.#text;
    let code = text.charCodeAt(this.#pos);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++this.#pos);
  }

  #fail(at: number, context: string): never {
    const place = placeAt(this.#text, at);
    const ended = at >= this.#text.length;
    if (ended && !SPACE_IS_WRONG.test(context)) throw new ParseError('unexpected end of JSON input', place);
    const char = ended ? ' ' : String.fromCodePoint(this.#text.codePointAt(at)!);
    throw new ParseError(`invalid character ${quoteByte(char)} ${context}`, place);
  }
}

/** The first UTF-8 byte of a character, between single quotes, as Go's messages show it. */
function quoteByte(char: string): string {
  if (char === "'") return `'\\''`;
  if (char === '"') return `'"'`;
  const byte = new TextEncoder().encode(char)[0]!;
  return `'${goQuote(String.fromCharCode(byte)).slice(1, -1)}'`;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHex(code: number): boolean {
  return isDigit(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
}

function skipDigits(text: string, i: number): number {
  while (isDigit(text.charCodeAt(i))) i++;
  return i;
}

/** The text of a string token, its quotes included in the range; lone surrogates become U+FFFD. */
export function readJsonString(text: string, start: number, end: number, escaped: boolean): string {
  if (!escaped) return text.slice(start + 1, end - 1);
  const value = JSON.parse(text.slice(start, end)) as string;
  return value.replace(/\p{Surrogate}/gu, '\ufffd');
}
