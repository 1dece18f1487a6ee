import { goQuote } from './field-error.ts';
import { type JsonSink, MAX_JSON_DEPTH, scanJson } from './json-scan.ts';
import { ParseError } from './parse-error.ts';
import type { JsonValue } from './value.ts';

/** Numbers that JSON.parse would round, or read as infinite: long digit runs and big exponents (also in strings). */
const UNSAFE_NUMBER = /\d{16}|\d[eE]\+?\d{3}/;
/** A surrogate in `\u` form, which may be a lone one. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
/** Strict decoding reports no more than this. */
const MAX_STRICT_ERRORS = 100;
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
  return UNSAFE_NUMBER.test(text) || SURROGATE_ESCAPE.test(text) || mayNestTooDeep(text);
}

/** A cheap upper bound of the depth: the number of opening brackets. */
function mayNestTooDeep(text: string): boolean {
  if (text.length < 2 * MAX_JSON_DEPTH) return false;
  let openers = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) | 0x20;
    if (code === 0x7b && ++openers > MAX_JSON_DEPTH) return true;
  }
  return false;
}

/** Paths of keys that occur twice in an object, in document order, each once and at most 100, as strict decoding names them. */
export function findDuplicateFields(text: string): string[] {
  return inspectJson(text).duplicates;
}

/**
 * The messages of strict decoding: duplicate fields of a text, and the `unknown` fields that a decoder found in it, in
 * document order, each once and at most 100. What is inside of an unknown field is not looked at.
 */
export function strictFieldErrors(text: string, unknown: readonly string[]): string[] {
  const finder = new DuplicateFinder(text, new Set(unknown));
  scanJson(text, finder);
  return [...finder.errors];
}

/** Duplicate fields of a text, and the length of its longest key with quotes. */
export function inspectJson(text: string): { duplicates: string[]; longestKey: number } {
  const finder = new DuplicateFinder(text);
  scanJson(text, finder);
  return { duplicates: [...finder.found], longestKey: finder.longestKey };
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

function buildJson(text: string): JsonValue {
  const builder = new Builder(text);
  scanJson(text, builder);
  return builder.result;
}

function readString(text: string, start: number, end: number, escaped: boolean): string {
  if (!escaped) return text.slice(start + 1, end - 1);
  const value = JSON.parse(text.slice(start, end)) as string;
  return value.replace(/\p{Surrogate}/gu, '\ufffd');
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
    this.#stack.at(-1)!.key = readString(this.#text, start, end, escaped);
  }

  string(start: number, end: number, escaped: boolean): void {
    this.#add(readString(this.#text, start, end, escaped));
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

/** Where the finder is: in an object its keys so far, in an array the index of the current element. */
interface Level {
  readonly keys: Set<string> | undefined;
  key: string;
  index: number;
}

/** Notes keys that an object has twice, and those that are known to be unknown. */
class DuplicateFinder implements JsonSink {
  /** Paths of duplicate fields. */
  readonly found = new Set<string>();
  /** Messages about duplicate and unknown fields. */
  readonly errors = new Set<string>();
  longestKey = 0;
  readonly #text: string;
  readonly #unknown: ReadonlySet<string>;
  readonly #levels: Level[] = [];
  /** How many levels were open where the unknown field is whose value is being passed over. */
  #skipFrom = Number.POSITIVE_INFINITY;

  constructor(text: string, unknown: ReadonlySet<string> = new Set()) {
    this.#text = text;
    this.#unknown = unknown;
  }

  beginObject(): void {
    this.#step();
    this.#levels.push({ keys: new Set(), key: '', index: -1 });
  }

  beginArray(): void {
    this.#step();
    this.#levels.push({ keys: undefined, key: '', index: -1 });
  }

  endObject(): void {
    this.#levels.pop();
  }

  endArray(): void {
    this.#levels.pop();
  }

  key(start: number, end: number, escaped: boolean): void {
    const level = this.#levels[this.#levels.length - 1]!;
    if (end - start > this.longestKey) this.longestKey = end - start;
    level.key = readString(this.#text, start, end, escaped);
    if (this.#levels.length > this.#skipFrom) return;
    this.#skipFrom = Number.POSITIVE_INFINITY;
    if (this.#unknown.size > 0 && this.#isUnknown()) return;
    const before = level.keys!.size;
    level.keys!.add(level.key);
    if (level.keys!.size === before && this.found.size < MAX_STRICT_ERRORS) {
      const path = this.#path();
      this.found.add(path);
      this.#note(strictFieldError('duplicate', path));
    }
  }

  /** Notes the key if it is unknown, and passes over its value. */
  #isUnknown(): boolean {
    const path = this.#path();
    if (!this.#unknown.has(path)) return false;
    this.#skipFrom = this.#levels.length;
    this.#note(strictFieldError('unknown', path));
    return true;
  }

  #note(message: string): void {
    if (this.errors.size < MAX_STRICT_ERRORS) this.errors.add(message);
  }

  string(): void {
    this.#step();
  }

  number(): void {
    this.#step();
  }

  literal(): void {
    this.#step();
  }

  /** A value begins: the next element, when in an array. */
  #step(): void {
    const level = this.#levels[this.#levels.length - 1];
    if (level !== undefined) level.index++;
  }

  #path(): string {
    return this.#levels.map((l, i) => (l.keys ? (i > 0 ? '.' : '') + l.key : `[${l.index}]`)).join('');
  }
}

/** The text of a strict decoding error about a field, e.g. `duplicate field "metadata.labels.a"`. */
export function strictFieldError(problem: 'unknown' | 'duplicate', path: string): string {
  return `${problem} field ${goQuote(path)}`;
}
