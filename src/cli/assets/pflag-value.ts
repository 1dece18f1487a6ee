import { goQuote, parseDuration, parseIp } from 'nekube/apimachinery';

/** The types of flags, by the names that help gives them. */
export type FlagType =
  | 'bool'
  | 'string'
  | 'strings'
  | 'stringArray'
  | 'int'
  | 'int32Slice'
  | 'uint'
  | 'Level'
  | 'float'
  | 'float32'
  | 'duration'
  | 'ip'
  | 'mapStringString'
  | 'stringToString'
  | 'colonSeparatedMultimapStringString'
  | 'quantity'
  | 'namedCertKey'
  | 'pattern'
  | 'portRange'
  | 'version';

/** A value as it was read: durations are milliseconds, addresses and maps are text. */
export type FlagValue = boolean | number | string | readonly string[];

type Reader = (text: string) => FlagValue;

const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False'];
const MAX_INT = 2n ** 63n;
const QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const READERS: Readonly<Record<FlagType, Reader>> = {
  bool: readBool,
  string: (text) => text,
  strings: readCsv,
  stringArray: (text) => [text],
  int: (text) => readInt(text, 'ParseInt'),
  int32Slice: (text) => text.split(',').map((part) => String(readInt(part, 'ParseInt'))),
  uint: (text) => readInt(text, 'ParseUint'),
  Level: (text) => readInt(text, 'ParseUint'),
  float: readFloat,
  float32: readFloat,
  duration: (text) => Number(parseDuration(text)) / 1e6,
  ip: readIp,
  mapStringString: (text) => text.split(',').filter((part) => part !== ''),
  stringToString: readPairs,
  colonSeparatedMultimapStringString: (text) => text.split(',').filter((part) => part.trim() !== ''),
  quantity: readQuantity,
  namedCertKey: readNamedCertKey,
  pattern: readPatterns,
  portRange: readPortRange,
  version: (text) => (/^v\d+\.\d+\.\d+/.test(text) || text === 'raw' ? text : readBool(text)),
};

/** Lists grow when a flag is repeated; everything else is replaced. */
const GROWING: ReadonlySet<FlagType> = new Set<FlagType>([
  'strings',
  'stringArray',
  'int32Slice',
  'mapStringString',
  'stringToString',
  'colonSeparatedMultimapStringString',
  'namedCertKey',
]);

/** Reads a value of a type, after what the flag was set to before. @throws Error, with Go's message */
export function readValue(type: FlagType, text: string, before: FlagValue | undefined): FlagValue {
  const value = READERS[type](text);
  if (!GROWING.has(type) || !Array.isArray(before)) return value;
  return [...(before as readonly string[]), ...(value as readonly string[])];
}

function syntaxError(parser: string, text: string, why = 'invalid syntax'): Error {
  return new Error(`strconv.${parser}: parsing ${goQuote(text)}: ${why}`);
}

function readBool(text: string): boolean {
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  throw syntaxError('ParseBool', text);
}

/** In base 10, or in another one by its prefix. */
function readInt(text: string, parser: 'ParseInt' | 'ParseUint'): number {
  const pattern =
    parser === 'ParseInt' ? /^([+-]?)(0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|\d+)$/ : /^()(0[xX][\da-fA-F]+|\d+)$/;
  const [, sign, digits] = pattern.exec(text) ?? [];
  if (digits === undefined) throw syntaxError(parser, text);
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits) * (sign === '-' ? -1n : 1n);
  if (value >= MAX_INT || value < -MAX_INT) throw syntaxError(parser, text, 'value out of range');
  return Number(value);
}

function readFloat(text: string): number {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw syntaxError('ParseFloat', text);
  return Number(text);
}

/** Nothing is an address, too: that of all interfaces. */
function readIp(text: string): string {
  const trimmed = text.trim();
  const isOctal = /(^|\.)0\d/.test(trimmed) && !trimmed.includes(':');
  if (trimmed !== '' && (isOctal || parseIp(trimmed) === undefined))
    throw new Error(`failed to parse IP: ${goQuote(text)}`);
  return trimmed;
}

/** A line of CSV. */
function readCsv(text: string): string[] {
  if (text === '') return [];
  const fields: string[] = [];
  for (let at = 0; at <= text.length; ) {
    if (text[at] !== '"') {
      const end = text.indexOf(',', at) < 0 ? text.length : text.indexOf(',', at);
      const field = text.slice(at, end);
      const quote = field.indexOf('"');
      if (quote >= 0) throw csvError(at + quote + 1, 'bare " in non-quoted-field');
      fields.push(field);
      at = end + 1;
      continue;
    }
    const [whole, inner] = /^"((?:[^"]|"")*)"(?=,|$)/.exec(text.slice(at)) ?? [];
    if (whole === undefined) throw csvError(text.length + 1, 'extraneous or missing " in quoted-field');
    fields.push(inner!.replaceAll('""', '"'));
    at += whole.length + 1;
  }
  return fields;
}

function csvError(column: number, why: string): Error {
  return new Error(`parse error on line 1, column ${column}: ${why}`);
}

function readPairs(text: string): string[] {
  const pairs = readCsv(text);
  for (const pair of pairs) if (!pair.includes('=')) throw new Error(`${pair} must be formatted as key=value`);
  return pairs;
}

function readQuantity(text: string): string {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/.test(text)) throw new Error(QUANTITY);
  return text;
}

/** `CERT,KEY`, and then `:` and names. */
function readNamedCertKey(text: string): string[] {
  const [files = ''] = text.split(':');
  if (files.split(',').length !== 2) throw new Error('expected comma separated certificate and key file paths');
  return [text];
}

function readPatterns(text: string): string {
  for (const part of text.split(',')) {
    if (part === '') continue;
    const [, pattern, level] = /^([^=]+)=([^=]+)$/.exec(part) ?? [];
    if (pattern === undefined) throw new Error(`${goQuote(part)} does not have the pattern=N format`);
    if (!/^\d+$/.test(level!))
      throw new Error(`parsing verbosity in ${goQuote(part)}: ${syntaxError('ParseUint', level!).message}`);
  }
  return text;
}

/** `LOW-HIGH`, `FIRST+SIZE`, or one port. */
function readPortRange(text: string): string {
  const number = (digits: string): number => {
    if (!/^[+-]?\d+$/.test(digits)) throw syntaxError('Atoi', digits);
    return Number(digits);
  };
  const trimmed = text.trim();
  const [low = '', high] = trimmed.split(/[-+]/, 2);
  const first = number(low);
  if (high === undefined) return trimmed;
  const last = trimmed.includes('+') ? first + number(high) : number(high);
  if (last < first) throw new Error(`end port cannot be less than start port: ${trimmed}`);
  return trimmed;
}
