import { type JsonSink, MAX_JSON_DEPTH, readJsonString, scanJson } from './json-scan.ts';
import { ParseError } from './parse-error.ts';
import type { JsonObject, JsonValue } from './value.ts';

/** Numbers that JSON.parse would round, or read as infinite: long digit runs and big exponents, also within strings. */
const PERHAPS_UNSAFE_NUMBER = /\d{16}|\d[eE]\+?\d{3}/;
/** The same where a number may begin. Slower to look for; one UID in nine has what looks like a big exponent. */
const UNSAFE_NUMBER = /(?:^|[\s:,[])-?(?:\d{16}|\d{1,15}(?:\.\d+)?[eE]\+?\d{3})/;
/** A surrogate in `\u` form, which may be a lone one. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Bytes as text; each malformed UTF-8 sequence becomes U+FFFD, a byte order mark stays. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads a JSON text as sigs.k8s.io/json does: integers that fit an int64 exactly (beyond 2^53 as bigint), other
 * numbers as float64, of duplicate keys the last.
 *
 * Linear in the text, which is read natively unless it has numbers that need care.
 *
 * @throws ParseError with encoding/json's message: malformed, nested deeper than 10,000, or a number beyond float64.
 */
export function parseJson(input: string | Uint8Array): JsonValue {
  const text = typeof input === 'string' ? input : decoder.decode(input);
  if (needsCare(text)) return buildJson(text);
  try {
    return JSON.parse(text) as JsonValue;
  } catch (e) {
    scanJson(text, IGNORE);
    throw new ParseError((e as Error).message, {}, { cause: e });
  }
}

function needsCare(text: string): boolean {
  const unsafe = PERHAPS_UNSAFE_NUMBER.test(text) && UNSAFE_NUMBER.test(text);
  return unsafe || SURROGATE_ESCAPE.test(text) || nestsTooDeep(text);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether brackets outside of strings stand too deep in each other; of a text that is malformed anything may be said. */
function nestsTooDeep(text: string): boolean {
  if (text.length < 2 * MAX_JSON_DEPTH) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(text, i);
      continue;
    }
    // the brackets of objects and of lists differ in one bit
    const bracket = code | 0x20;
    if (bracket === 0x7b && ++depth > MAX_JSON_DEPTH) return true;
    if (bracket === 0x7d) depth--;
  }
  return false;
}

/** Where the string that begins at a place ends; where the text ends, for one that does not. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}

/** Text that Go writes otherwise: characters escaped for HTML, and perhaps keys that look like numbers. */
const UNLIKE_GO = /[<>&\u2028\u2029]|[{,]"\d/;
/** A key that looks like a number, which JavaScript puts before all others, in the order of the numbers. */
const NUMERIC_KEY = /[{,]"\d{1,10}":/;

/**
 * Writes a value as Go's json.Encoder does, without the line break: compact, keys as they stand, `<`, `>`, `&`,
 * U+2028 and U+2029 escaped. An object with keys that look like numbers has lost their order, and is a map (no struct
 * has such fields): its keys are sorted, as Go sorts those of maps.
 */
export function stringifyJson(value: JsonValue): string {
  const text = stringifyUnescaped(value);
  if (!UNLIKE_GO.test(text)) return text;
  return (NUMERIC_KEY.test(text) ? writeJson(value) : text).replace(/[<>&\u2028\u2029]/g, escapeForHtml);
}

/** The same without the escapes for HTML, as a client would have written it. */
export function stringifyUnescaped(value: JsonValue): string {
  try {
    return JSON.stringify(value);
  } catch (e) {
    if (e instanceof TypeError || e instanceof RangeError) return writeJson(value);
    throw e;
  }
}

/** The slow way, for values with bigints in them or nested deeper than the native one can. Not recursive. */
function writeJson(root: JsonValue): string {
  const parts: string[] = [];
  /** What is still to be written, the next last. */
  const pending: (string | { readonly value: JsonValue })[] = [{ value: root }];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    if (typeof item === 'string') parts.push(item);
    else if (typeof item.value === 'bigint') parts.push(item.value.toString());
    else if (typeof item.value !== 'object' || item.value === null) parts.push(JSON.stringify(item.value));
    else for (const part of partsOf(item.value).reverse()) pending.push(part);
  }
  return parts.join('');
}

function partsOf(container: JsonValue[] | { [key: string]: JsonValue }): (string | { readonly value: JsonValue })[] {
  if (Array.isArray(container))
    return ['[', ...container.flatMap((value, i) => (i > 0 ? [',', { value }] : [{ value }])), ']'];
  const members = Object.entries(container).filter(([, value]) => value !== undefined);
  if (/^\d{1,10}$/.test(members[0]?.[0] ?? '')) members.sort(([a], [b]) => (a < b ? -1 : 1));
  const written = members.flatMap(([key, value], i) => [`${i > 0 ? ',' : ''}${JSON.stringify(key)}:`, { value }]);
  return ['{', ...written, '}'];
}

function escapeForHtml(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Sets a member as JSON.parse does, also one named `__proto__`. */
export function setMember(object: { [key: string]: JsonValue }, key: string, value: JsonValue): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

/** The object with its members sorted by name, as Go writes a map; the same where they are. */
export function sortMembers(object: JsonObject): JsonObject {
  const names = Object.keys(object);
  const sorted = [...names].sort();
  if (names.every((name, i) => name === sorted[i])) return object;
  const copy: JsonObject = {};
  for (const name of sorted) setMember(copy, name, object[name]!);
  return copy;
}

function buildJson(text: string): JsonValue {
  const builder = new Builder(text);
  scanJson(text, builder);
  return builder.result;
}

function readNumber(literal: string): number | bigint {
  const value = Number(literal);
  if (Number.isSafeInteger(value)) return value;
  if (/^-?\d+$/.test(literal) && literal.length <= 20) {
    const exact = BigInt(literal);
    if (exact >= INT64_MIN && exact <= INT64_MAX) return exact;
  }
  if (Number.isFinite(value)) return value;
  throw new ParseError(`json: cannot unmarshal number ${literal} into Go value of type float64`);
}

const nothing = (): void => {};

/** Takes no note of anything: a scan into it only checks. */
const IGNORE: JsonSink = {
  beginObject: nothing,
  endObject: nothing,
  beginArray: nothing,
  endArray: nothing,
  key: nothing,
  string: nothing,
  number: nothing,
  literal: nothing,
};

/** Makes values of tokens. */
class Builder implements JsonSink {
  result: JsonValue = null;
  readonly #text: string;
  readonly #stack: { container: JsonValue[] | { [key: string]: JsonValue }; key: string }[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  beginObject(): void {
    this.#open({});
  }

  beginArray(): void {
    this.#open([]);
  }

  endObject(): void {
    this.#stack.pop();
  }

  endArray(): void {
    this.#stack.pop();
  }

  key(start: number, end: number, escaped: boolean): void {
    this.#stack.at(-1)!.key = readJsonString(this.#text, start, end, escaped);
  }

  string(start: number, end: number, escaped: boolean): void {
    this.#add(readJsonString(this.#text, start, end, escaped));
  }

  number(start: number, end: number): void {
    this.#add(readNumber(this.#text.slice(start, end)));
  }

  literal(value: true | false | null): void {
    this.#add(value);
  }

  #open(container: JsonValue[] | { [key: string]: JsonValue }): void {
    this.#add(container);
    this.#stack.push({ container, key: '' });
  }

  #add(value: JsonValue): void {
    const top = this.#stack.at(-1);
    if (top === undefined) this.result = value;
    else if (Array.isArray(top.container)) top.container.push(value);
    else setMember(top.container, top.key, value);
  }
}
