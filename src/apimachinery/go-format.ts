import { isJsonObject, type JsonValue } from './value.ts';

/** A JSON value as Go's `%v` prints it, as in `map[a:1 b:[x y] c:<nil>]`: keys sorted, texts bare. */
export function formatGoValue(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return formatGoNumber(value);
  if (Array.isArray(value)) return `[${value.map(formatGoValue).join(' ')}]`;
  if (!isJsonObject(value)) return String(value);
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${formatGoValue(value[key])}`).join(' ')}]`;
}

/** A number as Go's `%v` prints it: whole ones as an int64, others as a float64. */
export function formatGoNumber(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : formatGoFloat(value);
}

/** A float64 as Go's `%g` prints it: the shortest form, a scientific one from 1e+06 on. */
export function formatGoFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** The type of a JSON value as Go names it, `map[string]interface {}`. */
export function goTypeName(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? 'int64' : 'float64';
}

/** True for a character that Go's unicode.IsPrint knows: letters, marks, numbers, punctuation, symbols, the space. */
export function isPrintable(character: string): boolean {
  // the pattern takes a moment to compile, and most texts do not need it
  return (character.length === 1 && character >= ' ' && character <= '~') || PRINTABLE.test(character);
}

const PRINTABLE = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;
