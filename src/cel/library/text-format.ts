import { formatGoFloat, goQuote } from 'nekube/apimachinery';
import { toFixedDecimals, toScientific } from '../number-text.ts';
import { formatCelDuration, formatTimestamp } from '../time.ts';
import { typeName } from '../kind.ts';
import { CelError, type CelValue, Duration, ListValue, MapValue, Timestamp, TypeValue, Uint } from '../value.ts';

/** What a text asks for with `%`. */
export interface Clause {
  readonly verb: 's' | 'd' | 'f' | 'e' | 'b' | 'x' | 'X' | 'o';
  readonly precision: number | undefined;
}

/** A text that was taken apart: what stays, and what is put in between; and why it is wrong, from there on. */
export interface ParsedFormat {
  readonly parts: readonly (string | Clause)[];
  /** The arguments that were asked for. */
  readonly used: number;
  readonly error: string | undefined;
}

/** Go's formatting knows no larger precision. */
const MAX_PRECISION = 1_000_000;

/** Takes a format apart, as far as there are arguments for it. */
export function parseFormat(format: string, argumentCount: number): ParsedFormat {
  const parts: (string | Clause)[] = [];
  let used = 0;
  const stop = (error: string | undefined): ParsedFormat => ({ parts, used, error });
  for (let rest = format; rest !== ''; ) {
    const text = /^(?:[^%]|%%)*/.exec(rest)![0];
    if (text !== '') parts.push(text.replaceAll('%%', '%'));
    rest = rest.slice(text.length);
    if (rest === '') break;
    if (used >= argumentCount) return { parts, used: used + 1, error: `index ${used} out of range` };
    used++;
    if (rest.length === 1) return stop('unexpected end of string');
    const clause = readClause(rest.slice(1));
    if (typeof clause === 'string') return stop(`could not parse formatting clause: ${clause}`);
    parts.push(clause.clause);
    rest = rest.slice(1 + clause.length);
  }
  return stop(undefined);
}

/** What follows the `%`, or what is wrong with it. */
function readClause(text: string): { clause: Clause; length: number } | string {
  const [precisionText, digits] = /^\.([0-9]*)/.exec(text) ?? ['', undefined];
  const verb = text[precisionText.length];
  const wrongPrecision = (why: string) => `error while parsing precision: ${why}`;
  if (verb === undefined) return wrongPrecision('could not find end of precision specifier');
  if (digits !== undefined && (digits === '' || BigInt(digits) >= 2n ** 63n)) {
    const why = digits === '' ? 'invalid syntax' : 'value out of range';
    const what = `strconv.Atoi: parsing ${goQuote(digits)}: ${why}`;
    return wrongPrecision(`error while converting precision to integer: ${what}`);
  }
  // Go looks at one byte.
  const shown = verb > '\x7f' ? String.fromCharCode(Buffer.from(text.slice(precisionText.length))[0]!) : verb;
  if (!/^[sdfebxXo]$/.test(verb)) return `unrecognized formatting clause "${shown}"`;
  const precision = digits === undefined ? undefined : Math.min(Number(digits), MAX_PRECISION);
  return { clause: { verb: verb as Clause['verb'], precision }, length: precisionText.length + 1 };
}

/** What each clause takes, for the messages of values and of types alike. */
export const CLAUSE_FAULTS: Readonly<Record<Clause['verb'], string>> = {
  s:
    'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and ' +
    'timestamps, was given',
  d: 'decimal clause can only be used on integers, was given',
  f: 'fixed-point clause can only be used on doubles, was given',
  e: 'scientific clause can only be used on doubles, was given',
  b: 'only integers and bools can be formatted as binary, was given',
  x: 'only integers, byte buffers, and strings can be formatted as hex, was given',
  X: 'only integers, byte buffers, and strings can be formatted as hex, was given',
  o: 'octal clause can only be used on integers, was given',
};

/** `format.format([args])`. */
export function formatText(format: string, args: ListValue): CelValue {
  const { parts, error } = parseFormat(format, args.size);
  let text = '';
  let index = 0;
  for (const part of parts) {
    const shown = typeof part === 'string' ? part : formatClause(part, args.get(index++));
    if (shown instanceof CelError) return new CelError(`error during formatting: ${shown.message}`);
    text += shown;
  }
  return error === undefined ? text : new CelError(error);
}

function formatClause({ verb, precision = 6 }: Clause, value: CelValue): string | CelError {
  switch (verb) {
    case 's':
      return textOf(value);
    case 'd':
      return formatInteger(value, 10) ?? fault(verb, value);
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : (formatInteger(value, 2) ?? fault(verb, value));
    case 'o':
      return formatInteger(value, 8) ?? fault(verb, value);
    case 'x':
      return formatHex(value) ?? fault(verb, value);
    case 'X':
      return formatHex(value)?.toUpperCase() ?? fault(verb, value);
    default: {
      const double = toDouble(value);
      if (double === undefined) return fault(verb, value);
      return verb === 'f' ? formatFixed(double, precision) : formatScientific(double, precision);
    }
  }
}

function fault(verb: Clause['verb'], value: CelValue): CelError {
  return new CelError(`${CLAUSE_FAULTS[verb]} ${typeName(value)}`);
}

function formatInteger(value: CelValue, base: number): string | undefined {
  if (typeof value === 'bigint') return value.toString(base);
  return value instanceof Uint ? value.value.toString(base) : undefined;
}

function formatHex(value: CelValue): string | undefined {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('hex');
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : formatInteger(value, 16);
}

/** The names of what has no digits are taken for it. */
function toDouble(value: CelValue): number | undefined {
  if (typeof value === 'number') return value;
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined;
}

/** In the form of American English: thousands are grouped. */
function formatFixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return symbolOf(value);
  const [whole, fraction] = toFixedDecimals(Math.abs(value), decimals).split('.') as [string, string?];
  const grouped = whole.replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
  return `${value < 0 ? '-' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** Always six decimals; what should be a precision is a width. */
function formatScientific(value: number, width: number): string {
  if (!Number.isFinite(value)) return symbolOf(value).padStart(width);
  const { mantissa, exponent } = toScientific(Math.abs(value), 6);
  const power = String(Math.abs(exponent))
    .padStart(2, '0')
    .replace(/[0-9]/g, (digit) => SUPERSCRIPTS[Number(digit)]!);
  const text = `${value < 0 ? '-' : ''}${mantissa}×10${exponent < 0 ? '⁻' : ''}${power}`;
  return text.padStart(width);
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

function symbolOf(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '∞' : '-∞';
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

/** A value as `%s` shows it. */
function textOf(value: CelValue): string | CelError {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatGoFloat(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (value instanceof ListValue) return formatList(value);
  if (value instanceof MapValue) return formatMap(value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatCelDuration(value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Uint8Array) return textOfBytes(value);
  return formatInteger(value, 10) ?? fault('s', value);
}

function textOfBytes(value: Uint8Array): string | CelError {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    const why = goQuote('invalid UTF-8 in bytes, cannot convert to string');
    return new CelError(`could not convert argument ${why} to string`);
  }
}

/** A value within a list or a map: texts are quoted, doubles have six decimals. */
function nestedText(value: CelValue): string | CelError {
  if (typeof value === 'number') return Number.isFinite(value) ? plainFixed(value) : goQuote(formatGoFloat(value));
  const text = textOf(value);
  if (text instanceof CelError) {
    const unknown = text.message.startsWith(CLAUSE_FAULTS.s);
    return unknown ? new CelError(`no formatting function for ${typeName(value)}`) : text;
  }
  if (typeof value === 'string') return goQuote(text);
  if (value instanceof Uint8Array) return `b${goQuote(text)}`;
  if (value instanceof Timestamp) return `timestamp(${goQuote(text)})`;
  return value instanceof Duration ? `duration(${goQuote(text)})` : text;
}

function plainFixed(value: number): string {
  return (isNegative(value) ? '-' : '') + toFixedDecimals(Math.abs(value), 6);
}

function formatList(list: ListValue): string | CelError {
  const parts: string[] = [];
  for (const element of list) {
    const text = nestedText(element);
    if (text instanceof CelError) return text;
    parts.push(text);
  }
  return `[${parts.join(', ')}]`;
}

/** In the order of the keys' texts. */
function formatMap(map: MapValue): string | CelError {
  const entries: [string, string][] = [];
  for (const key of map.keys()) {
    if (!KEY_TYPES.has(typeName(key))) {
      return new CelError(`no formatting function for map key of type ${typeName(key)}`);
    }
    const keyText = nestedText(key);
    const text = nestedText(map.find(key)!);
    if (keyText instanceof CelError) return keyText;
    if (text instanceof CelError) return text;
    entries.push([keyText, text]);
  }
  entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${entries.map(([key, text]) => `${key}:${text}`).join(', ')}}`;
}

const KEY_TYPES: ReadonlySet<string> = new Set(['string', 'bool', 'int', 'uint']);
