import { compareStrings } from './strings.ts';
import { isMap, type Value } from './value.ts';

// The messages of structured-merge-diff print values with Go's fmt; these functions give the same text.

const escapes: Readonly<Record<string, string>> = {
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

/** What Go's `%q` does not write as it is: quotes, backslashes, and all that is not printable. */
const quotable = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** A quoted string as `%q` prints it. */
export function quote(text: string): string {
  return `"${text.replace(quotable, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  const known = escapes[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0)!;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A list of strings as `%q` prints it: `["a" "b"]`. */
export function quoteAll(texts: readonly string[]): string {
  return `[${texts.map(quote).join(' ')}]`;
}

/** A float as `%v` prints it: the shortest digits, with an exponent outside of 0.0001 to 999999. */
export function formatFloat(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const [digits, power] = value.toExponential().split('e') as [string, string];
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return String(value);
  return `${digits}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent).toString().padStart(2, '0')}`;
}

/** A number as `%v` prints it: whole ones are integers in the objects that are merged. */
export function formatNumber(value: number | bigint): string {
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : formatFloat(value);
}

/** The name of the Go type that holds a value, as `%T` prints it. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int64';
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64';
    default:
      if (value === null) return '<nil>';
      return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
  }
}

/** A value as `%v` prints it: `map[a:1 b:[x y]]`. */
export function formatPlain(value: Value): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number' || typeof value === 'bigint') return formatNumber(value);
  if (Array.isArray(value)) return `[${value.map(formatPlain).join(' ')}]`;
  if (isMap(value)) {
    const keys = Object.keys(value).sort(compareStrings);
    return `map[${keys.map((key) => `${key}:${formatPlain(value[key]!)}`).join(' ')}]`;
  }
  return String(value);
}

/** A value as `%#v` prints it: `map[string]interface {}{"a":1}`. */
export function formatSyntax(value: Value): string {
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(formatSyntax).join(', ')}}`;
  if (isMap(value)) {
    const keys = Object.keys(value).sort(compareStrings);
    const entries = keys.map((key) => `${quote(key)}:${formatSyntax(value[key]!)}`);
    return `map[string]interface {}{${entries.join(', ')}}`;
  }
  return typeof value === 'boolean' ? String(value) : formatNumber(value);
}
