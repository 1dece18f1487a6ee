import { defineFunction, type FunctionDeclaration, globalOverload, memberOverload } from '../function.ts';
import { type CelType, DYN, INT, listType, STRING } from '../type.ts';
import { ArrayList, CelError, type CelValue, type ListValue } from '../value.ts';
import { showValue } from './show-value.ts';
import { formatText } from './text-format.ts';

const STRINGS = listType(STRING);

/** What cel-go adds to strings (version 2). Indices count code points. */
export const STRINGS_LIBRARY: readonly FunctionDeclaration[] = [
  member('charAt', [['string_char_at_int', [STRING, INT], STRING, charAt]]),
  member('indexOf', [
    ['string_index_of_string', [STRING, STRING], INT, (text, part) => indexOf(text, part, 0n)],
    ['string_index_of_string_int', [STRING, STRING, INT], INT, indexOf],
  ]),
  member('lastIndexOf', [
    ['string_last_index_of_string', [STRING, STRING], INT, lastIndexOf],
    ['string_last_index_of_string_int', [STRING, STRING, INT], INT, lastIndexOfBefore],
  ]),
  member('lowerAscii', [
    ['string_lower_ascii', [STRING], STRING, (text) => text.replace(/[A-Z]+/g, (part) => part.toLowerCase())],
  ]),
  member('upperAscii', [
    ['string_upper_ascii', [STRING], STRING, (text) => text.replace(/[a-z]+/g, (part) => part.toUpperCase())],
  ]),
  member('replace', [
    ['string_replace_string_string', [STRING, STRING, STRING], STRING, (text, old, by) => replace(text, old, by, -1n)],
    ['string_replace_string_string_int', [STRING, STRING, STRING, INT], STRING, replace],
  ]),
  member('split', [
    ['string_split_string', [STRING, STRING], STRINGS, (text, separator) => split(text, separator, -1n)],
    ['string_split_string_int', [STRING, STRING, INT], STRINGS, split],
  ]),
  member('substring', [
    ['string_substring_int', [STRING, INT], STRING, substringFrom],
    ['string_substring_int_int', [STRING, INT, INT], STRING, substring],
  ]),
  member('trim', [['string_trim', [STRING], STRING, trim]]),
  defineFunction('format', [
    memberOverload('string_format', [STRING, listType(DYN)], STRING, (text, args) =>
      formatText(text as string, args as ListValue),
    ),
  ]),
  defineFunction('strings.quote', [globalOverload('strings_quote', [STRING], STRING, (text) => quote(text as string))]),
  defineFunction('join', [
    memberOverload('list_join', [STRINGS], STRING, (list) => join(list as ListValue, '')),
    memberOverload('list_join_string', [STRINGS, STRING], STRING, (list, separator) =>
      join(list as ListValue, separator as string),
    ),
  ]),
];

// The checker has seen to the types of the arguments.
// biome-ignore lint/suspicious/noExplicitAny: each implementation names the types of its signature
type TextFunction = (text: string, ...args: any[]) => CelValue;

function member(
  name: string,
  overloads: readonly (readonly [id: string, params: readonly CelType[], result: CelType, call: TextFunction])[],
): FunctionDeclaration {
  return defineFunction(
    name,
    overloads.map(([id, params, result, call]) =>
      memberOverload(id, params, result, (text, ...args) => call(text as string, ...args)),
    ),
  );
}

function outOfRange(index: bigint): CelError {
  return new CelError(`index out of range: ${index}`);
}

function charAt(text: string, index: bigint): CelValue {
  const chars = [...text];
  if (index < 0n || index > BigInt(chars.length)) return outOfRange(index);
  return chars[Number(index)] ?? '';
}

/** Where a part begins; of an empty part, where the search does. */
function indexOf(text: string, part: string, offset: bigint): CelValue {
  if (part === '') return offset;
  if (offset < 0n) return outOfRange(offset);
  const chars = [...text];
  if (offset >= BigInt(chars.length)) return -1n;
  const wanted = [...part];
  for (let i = Number(offset); i <= chars.length - wanted.length; i++) if (startsAt(chars, wanted, i)) return BigInt(i);
  return -1n;
}

function lastIndexOf(text: string, part: string): CelValue {
  const { length } = [...text];
  if (part === '') return BigInt(length);
  return Buffer.byteLength(text) < Buffer.byteLength(part) ? -1n : lastIndexOfBefore(text, part, BigInt(length - 1));
}

function lastIndexOfBefore(text: string, part: string, offset: bigint): CelValue {
  if (part === '') return offset;
  if (offset < 0n) return outOfRange(offset);
  const [chars, wanted] = [[...text], [...part]];
  if (offset >= BigInt(chars.length)) return -1n;
  for (let i = Math.min(Number(offset), chars.length - wanted.length); i >= 0; i--) {
    if (startsAt(chars, wanted, i)) return BigInt(i);
  }
  return -1n;
}

function startsAt(chars: readonly string[], wanted: readonly string[], start: number): boolean {
  return wanted.every((char, i) => chars[start + i] === char);
}

/** The first `count` places; all of them if that is negative. An empty part is found around each character. */
function replace(text: string, old: string, by: string, count: bigint): CelValue {
  const limit = count < 0n ? Number.POSITIVE_INFINITY : Number(count);
  if (old !== '') {
    const parts = text.split(old);
    return parts.map((part, i) => (i === 0 ? part : (i <= limit ? by : old) + part)).join('');
  }
  const chars = [...text];
  const before = chars.map((char, i) => (i < limit ? by : '') + char).join('');
  return chars.length < limit ? before + by : before;
}

/** At most `count` parts, the last with all that is left; all of them if that is negative. */
function split(text: string, separator: string, count: bigint): CelValue {
  if (count === 0n) return new ArrayList([]);
  const parts = separator === '' ? [...text] : text.split(separator);
  const limit = Number(count);
  if (count < 0n || parts.length <= limit) return new ArrayList(parts);
  return new ArrayList([...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)]);
}

function substringFrom(text: string, start: bigint): CelValue {
  const chars = [...text];
  if (start < 0n || start > BigInt(chars.length)) return outOfRange(start);
  return chars.slice(Number(start)).join('');
}

function substring(text: string, start: bigint, end: bigint): CelValue {
  const chars = [...text];
  const length = BigInt(chars.length);
  if (start > end) return new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0n || start > length) return outOfRange(start);
  if (end < 0n || end > length) return outOfRange(end);
  return chars.slice(Number(start), Number(end)).join('');
}

/** What Unicode calls white space, without U+FEFF, which JavaScript counts among it. */
function trim(text: string): CelValue {
  return text.replace(/^\p{White_Space}+/u, '').replace(TRAILING_SPACE, '');
}

/** Anchored at the end of a run that does not continue to the left, so that it takes linear time. */
const TRAILING_SPACE = /(?<!\p{White_Space})\p{White_Space}+$/u;

function join(list: ListValue, separator: string): CelValue {
  const parts: string[] = [];
  for (const element of list) {
    if (typeof element !== 'string') return new CelError(`join: invalid input: ${showValue(element)}`);
    parts.push(element);
  }
  return parts.join(separator);
}

/** In quotes, with the short escapes of Go; all else as it is. */
function quote(text: string): string {
  return `"${text.replace(/["\\\x07\b\f\n\r\t\v]/g, (char) => ESCAPES[char]!)}"`;
}

const ESCAPES: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};
