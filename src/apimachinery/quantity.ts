import { ParseError } from './parse-error.ts';

/** How a quantity was written and will be written: `12e6`, `12Mi` or `12M`. */
export type QuantityFormat = 'DecimalExponent' | 'BinarySI' | 'DecimalSI';

const FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const NUMERIC_WRONG = 'unable to parse numeric part of quantity';
const SUFFIX_WRONG = "unable to parse quantity's suffix";

const DECIMAL_SUFFIXES = new Map<string, number>([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const BINARY_SUFFIXES = new Map<string, number>([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
]);
const decimalSuffixOf = new Map([...DECIMAL_SUFFIXES].map(([suffix, exponent]) => [exponent, suffix]));
const binarySuffixOf = new Map([...BINARY_SUFFIXES].map(([suffix, exponent]) => [exponent, suffix]));

/** Number and suffix; two patterns without an end in the first, so that no input makes them search twice. */
const NUMBER = /^([+-]?)(0*)([0-9]*)(?:\.([0-9]*))?/;
const SUFFIX = /^[eEinumkKMGTP]*[-+]?[0-9]*$/;
const INT64_MAX = 2n ** 63n - 1n;
/** No int64 has more digits; with fewer, arithmetic cannot overflow. */
const MAX_INT64_DIGITS = 18;
/** Exponents further apart than this are not brought together: a short text must not make a number of gigabytes. */
const MAX_EXPONENT = 100_000;
/** The smallest unit, as a power of ten. */
const NANO = -9;

/**
 * A fixed-point number as Kubernetes resources have it: exact, rounded up to nano when it was read.
 *
 * The value is `unscaled × 10^exponent`. Immutable. Printing gives the canonical form of apimachinery's
 * resource.Quantity, or the text that was read where that library keeps it.
 */
export class Quantity {
  readonly unscaled: bigint;
  readonly exponent: number;
  readonly format: QuantityFormat;
  /** True where apimachinery left its int64: what it could not read exactly, sums that overflowed, what follows. */
  readonly big: boolean;
  /** What was read, where apimachinery keeps it as it is as good as the canonical form: printed instead of that. */
  readonly text: string | undefined;

  /** `text`, when given, is printed instead of the canonical form. */
  constructor(unscaled: bigint, exponent: number, format: QuantityFormat, text?: string, big = false) {
    this.unscaled = unscaled;
    this.exponent = exponent;
    this.format = format;
    this.big = big;
    this.text = text;
  }

  /** Zero, printed `0`. */
  static readonly zero: Quantity = new Quantity(0n, 0, 'DecimalSI');

  /** -1, 0 or 1. */
  sign(): number {
    return this.unscaled === 0n ? 0 : this.unscaled < 0n ? -1 : 1;
  }

  /** -1, 0 or 1 as this is less than, equal to or greater than the other. */
  cmp(other: Quantity): number {
    const signs = this.sign() - other.sign();
    if (signs !== 0 || this.unscaled === 0n) return Math.sign(signs);
    const magnitudes = magnitude(this) - magnitude(other);
    if (magnitudes !== 0) return Math.sign(magnitudes) * this.sign();
    const [a, b] = align(this, other);
    return a === b ? 0 : a < b ? -1 : 1;
  }

  /** The sum; it takes the format of this quantity, or of the other when this one is zero. */
  add(other: Quantity): Quantity {
    const [a, b, exponent] = align(this, other);
    const big = this.big || other.big || ![a, b, a + b].every(fitsInt64);
    return new Quantity(a + b, exponent, this.unscaled === 0n ? other.format : this.format, undefined, big);
  }

  /** The difference, in the format that {@link add} would choose. */
  sub(other: Quantity): Quantity {
    return this.add(other.negated());
  }

  /** The same with the other sign. */
  negated(): Quantity {
    return new Quantity(-this.unscaled, this.exponent, this.format, undefined, this.big);
  }

  /** The value as an integer, rounded away from zero; */
  value(): bigint {
    return this.scaledValue(0);
  }

  /** The value in thousandths, rounded away from zero; */
  milliValue(): bigint {
    return this.scaledValue(-3);
  }

  /** The value in units of `10^scale`, rounded away from zero; */
  scaledValue(scale: number): bigint {
    const shift = this.exponent - scale;
    if (shift < 0) return divideUp(this.unscaled, -shift);
    if (shift > MAX_INT64_DIGITS) return 0n;
    const value = this.unscaled * 10n ** BigInt(shift);
    return value > INT64_MAX || value < -INT64_MAX ? 0n : value;
  }

  toString(): string {
    return this.text ?? canonicalText(this);
  }
}

/**
 * Reads a quantity, as apimachinery's ParseQuantity.
 *
 * Non-zero values below nano are rounded up to it, binary ones capped at 2^63-1.
 *
 * @throws ParseError with that function's messages.
 */
export function parseQuantity(text: string): Quantity {
  const [whole, sign, zeros, digits, fraction = ''] = NUMBER.exec(text)!;
  const suffix = text.slice(whole.length);
  if (text === '' || !SUFFIX.test(suffix)) throw new ParseError(FORMAT_WRONG, { sourceLine: text.slice(0, 200) });
  const { exponent, format } = readSuffix(suffix);
  const number: Literal = {
    negative: sign === '-',
    digits: digits === '' ? '0' : digits!,
    fraction,
    empty: `${zeros}${digits}${fraction}` === '' && sign !== text,
    exponent,
    format,
  };
  return readExact(number, text) ?? readRounded(number);
}

/** The canonical text of a quantity that is given as text. @throws ParseError as {@link parseQuantity}. */
export function canonicalQuantity(text: string): string {
  return parseQuantity(text).toString();
}

/** The parts of a quantity's text. */
interface Literal {
  readonly negative: boolean;
  /** Before the point, without leading zeros, at least one digit. */
  readonly digits: string;
  readonly fraction: string;
  /** There was no digit at all. */
  readonly empty: boolean;
  /** Of ten, or of two in the binary format. */
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function readSuffix(suffix: string): { exponent: number; format: QuantityFormat } {
  const decimal = DECIMAL_SUFFIXES.get(suffix);
  if (decimal !== undefined) return { exponent: decimal, format: 'DecimalSI' };
  const binary = BINARY_SUFFIXES.get(suffix);
  if (binary !== undefined) return { exponent: binary, format: 'BinarySI' };
  if (!/^[eE][-+]?[0-9]{1,40}$/.test(suffix)) throw new ParseError(SUFFIX_WRONG);
  const exponent = BigInt(suffix.slice(1).replace('+', ''));
  if (BigInt.asIntN(64, exponent) !== exponent) throw new ParseError(SUFFIX_WRONG);
  return { exponent: Number(BigInt.asIntN(32, exponent)), format: 'DecimalExponent' };
}

/** The number when it fits an int64 and needs no rounding; it then keeps a text that is as good as canonical. */
function readExact({ negative, digits, fraction, exponent, format }: Literal, text: string): Quantity | undefined {
  const binary = format === 'BinarySI';
  if (binary && fraction !== '') return undefined;
  const room = binary ? 14 - digits.length - (exponent * 3) / 10 : MAX_INT64_DIGITS - digits.length - fraction.length;
  const scale = binary ? 0 : exponent - fraction.length;
  if (room < 0 || scale < NANO) return undefined;
  const shifted = digits + fraction;
  const value = BigInt(shifted);
  const scaled = binary ? value << BigInt(exponent) : value;
  if (scaled > INT64_MAX) return undefined;
  const keep = binary ? (value & 7n) !== 0n : scale % 3 === 0 && !shifted.endsWith('000') && shifted[0] !== '0';
  return new Quantity(negative ? -scaled : scaled, scale, format, keep ? text : undefined);
}

function readRounded({ negative, digits, fraction, empty, exponent, format }: Literal): Quantity {
  if (empty) throw new ParseError(NUMERIC_WRONG);
  const binary = format === 'BinarySI';
  let unscaled = BigInt(digits + fraction);
  let scale = -fraction.length;
  if (binary) unscaled <<= BigInt(exponent);
  else scale += exponent;
  if (scale < NANO) {
    unscaled = divideUp(unscaled, NANO - scale);
    scale = NANO;
  }
  let rounded = new Quantity(unscaled, scale, format);
  if (binary && rounded.cmp(LARGEST_BINARY) > 0) rounded = LARGEST_BINARY;
  const small = binary && rounded.cmp(ONE) < 0 && unscaled !== 0n;
  const value = negative ? -rounded.unscaled : rounded.unscaled;
  return new Quantity(value, rounded.exponent, small ? 'DecimalSI' : format, undefined, true);
}

function canonicalText(q: Quantity): string {
  if (q.unscaled === 0n) return '0';
  if (q.format !== 'BinarySI') return decimalText(q, q.format);
  const large = q.cmp(KIBI) >= 0 || q.negated().cmp(KIBI) >= 0;
  return (large ? binaryText(q) : undefined) ?? decimalText(q, 'DecimalSI');
}

/** The largest exponent that is a multiple of three and needs no fraction. A suffix that does not exist is left out. */
function decimalText(q: Quantity, format: QuantityFormat): string {
  const digits = q.unscaled.toString();
  const significant = digits.replace(/0+$/, '');
  let exponent = q.exponent + digits.length - significant.length;
  let padding = '';
  for (; exponent % 3 !== 0; exponent--) padding += '0';
  const suffix = format === 'DecimalSI' ? decimalSuffixOf.get(exponent) : exponent === 0 ? '' : `e${exponent}`;
  return significant + padding + (suffix ?? '');
}

/** Undefined when the value is not an integer. */
function binaryText(q: Quantity): string | undefined {
  let value = q.exponent >= 0 ? q.unscaled * 10n ** BigInt(q.exponent) : divideUp(q.unscaled, -q.exponent);
  if (new Quantity(value, 0, 'BinarySI').cmp(q) !== 0) return undefined;
  let exponent = 0;
  for (; value % 1024n === 0n; exponent += 10) value /= 1024n;
  return `${value}${binarySuffixOf.get(exponent) ?? ''}`;
}

/** `value / 10^places`, rounded away from zero. */
function divideUp(value: bigint, places: number): bigint {
  if (value === 0n) return 0n;
  const sign = value < 0n ? -1n : 1n;
  if (places > (sign * value).toString().length) return sign;
  const divisor = 10n ** BigInt(places);
  const quotient = value / divisor;
  return quotient * divisor === value ? quotient : quotient + sign;
}

function fitsInt64(value: bigint): boolean {
  return value <= INT64_MAX && value >= -INT64_MAX - 1n;
}

/** The decimal places before the point. */
function magnitude(q: Quantity): number {
  return (q.unscaled < 0n ? -q.unscaled : q.unscaled).toString().length + q.exponent;
}

/** Both unscaled values at their smaller exponent; of two that are worlds apart the smaller counts as zero. */
function align(a: Quantity, b: Quantity): [bigint, bigint, number] {
  if (a.unscaled === 0n || b.unscaled === 0n)
    return [a.unscaled, b.unscaled, a.unscaled === 0n ? b.exponent : a.exponent];
  const shift = a.exponent - b.exponent;
  if (shift > MAX_EXPONENT) return [a.unscaled, 0n, a.exponent];
  if (-shift > MAX_EXPONENT) return [0n, b.unscaled, b.exponent];
  if (shift >= 0) return [a.unscaled * 10n ** BigInt(shift), b.unscaled, b.exponent];
  return [a.unscaled, b.unscaled * 10n ** BigInt(-shift), a.exponent];
}

const ONE = new Quantity(1n, 0, 'DecimalSI');
const KIBI = new Quantity(1024n, 0, 'BinarySI');
const LARGEST_BINARY = new Quantity(INT64_MAX, 0, 'BinarySI');
