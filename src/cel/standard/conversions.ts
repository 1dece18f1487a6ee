import { isUtf8 } from 'node:buffer';
import { formatGoFloat } from 'nekube/apimachinery';
import { int, uint } from '../arithmetic.ts';
import { defineFunction, type FunctionDeclaration, globalOverload, type Implementation } from '../function.ts';
import { typeName } from '../kind.ts';
import { formatCelDuration, formatTimestamp, parseTimestamp, readDuration, timestamp as timestampOf } from '../time.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  STRING,
  TIMESTAMP,
  typeParam,
  typeType,
  UINT,
} from '../type.ts';
import { CelError, type CelValue, Duration, Timestamp, TypeValue, Uint } from '../value.ts';

const A = typeParam('A');

/** Functions named as types, which make values of them. */
export const CONVERSIONS: readonly FunctionDeclaration[] = [
  defineFunction('type', [globalOverload('type', [A], typeType(A), (value) => new TypeValue(typeName(value)))]),
  conversion('bool', BOOL, { bool_to_bool: [BOOL, same], string_to_bool: [STRING, textToBool] }),
  conversion('bytes', BYTES, {
    bytes_to_bytes: [BYTES, same],
    string_to_bytes: [STRING, (text) => new Uint8Array(Buffer.from(text as string))],
  }),
  conversion('double', DOUBLE, {
    double_to_double: [DOUBLE, same],
    int64_to_double: [INT, (value) => Number(value)],
    string_to_double: [STRING, textToDouble],
    uint64_to_double: [UINT, (value) => Number((value as Uint).value)],
  }),
  conversion('duration', DURATION, {
    duration_to_duration: [DURATION, same],
    int64_to_duration: [INT, (nanos) => new Duration(nanos as bigint)],
    string_to_duration: [STRING, (text) => readDuration(text as string) ?? failed(text, DURATION)],
  }),
  defineFunction('dyn', [globalOverload('to_dyn', [A], DYN, same)]),
  conversion('int', INT, {
    int64_to_int64: [INT, same],
    double_to_int64: [DOUBLE, doubleToInt],
    duration_to_int64: [DURATION, (value) => (value as Duration).nanos],
    string_to_int64: [STRING, textToInt],
    timestamp_to_int64: [TIMESTAMP, (value) => (value as Timestamp).seconds],
    uint64_to_int64: [UINT, (value) => int((value as Uint).value)],
  }),
  conversion('string', STRING, {
    string_to_string: [STRING, same],
    bool_to_string: [BOOL, (value) => String(value)],
    bytes_to_string: [BYTES, bytesToText],
    double_to_string: [DOUBLE, (value) => formatGoFloat(value as number)],
    duration_to_string: [DURATION, (value) => formatCelDuration(value as Duration)],
    int64_to_string: [INT, (value) => String(value)],
    timestamp_to_string: [TIMESTAMP, (value) => formatTimestamp(value as Timestamp)],
    uint64_to_string: [UINT, (value) => String((value as Uint).value)],
  }),
  conversion('timestamp', TIMESTAMP, {
    timestamp_to_timestamp: [TIMESTAMP, same],
    int64_to_timestamp: [INT, (seconds) => timestampOf(seconds as bigint, 0)],
    string_to_timestamp: [STRING, (text) => parseTimestamp(text as string) ?? failed(text, TIMESTAMP)],
  }),
  conversion('uint', UINT, {
    uint64_to_uint64: [UINT, same],
    double_to_uint64: [DOUBLE, doubleToUint],
    int64_to_uint64: [INT, (value) => uint(value as bigint)],
    string_to_uint64: [STRING, textToUint],
  }),
];

function conversion(
  name: string,
  result: CelType,
  from: Readonly<Record<string, readonly [CelType, Implementation]>>,
): FunctionDeclaration {
  const overloads = Object.entries(from).map(([id, [type, call]]) => globalOverload(id, [type], result, call));
  return defineFunction(name, overloads);
}

function same(value: CelValue): CelValue {
  return value;
}

function failed(value: CelValue, to: CelType): CelError {
  const quoted = (name: string) => `'${name}'`;
  return new CelError(`type conversion error from ${quoted(typeName(value))} to ${quoted(to.name)}`);
}

function textToBool(text: CelValue): CelValue {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text as string)) return true;
  return ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text as string) ? false : failed(text, BOOL);
}

function textToInt(text: CelValue): CelValue {
  if (!/^[+-]?\d+$/.test(text as string)) return failed(text, INT);
  const value = int(BigInt((text as string).replace(/^\+/, '')));
  return value instanceof CelError ? failed(text, INT) : value;
}

function textToUint(text: CelValue): CelValue {
  const value = /^\d+$/.test(text as string) ? uint(BigInt(text as string)) : undefined;
  return value instanceof Uint ? value : failed(text, UINT);
}

/** Go's decimal and hexadecimal forms, without underscores; one too large is none. */
/** Go lets digits be grouped by underscores. */
function textToDouble(value: CelValue): CelValue {
  const text = (value as string).replace(/(?<=[0-9a-f])_(?=[0-9a-f])/gi, '');
  if (/^[+-]?(inf|infinity)$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  const hex = /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?p([+-]?\d+)$/i.exec(text);
  if (hex !== null) return hexToDouble(hex) ?? failed(value, DOUBLE);
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) ? number : failed(value, DOUBLE);
}

function hexToDouble([, sign, whole = '', fraction = '', power]: RegExpExecArray): number | undefined {
  if (whole + fraction === '') return undefined;
  const number = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(power) - 4 * fraction.length);
  if (!Number.isFinite(number)) return undefined;
  return sign === '-' ? -number : number;
}

/** The ends of the range are not in it: doubles cannot tell them from what is beyond. */
function doubleToInt(value: CelValue): CelValue {
  const number = value as number;
  if (number > -(2 ** 63) && number < 2 ** 63) return BigInt(Math.trunc(number));
  return new CelError('integer overflow');
}

function doubleToUint(value: CelValue): CelValue {
  const number = value as number;
  if (number >= 0 && number < 2 ** 64) return new Uint(BigInt(Math.trunc(number)));
  return new CelError('unsigned integer overflow');
}

function bytesToText(bytes: CelValue): CelValue {
  if (!isUtf8(bytes as Uint8Array)) return new CelError('invalid UTF-8 in bytes, cannot convert to string');
  return Buffer.from(bytes as Uint8Array).toString();
}
