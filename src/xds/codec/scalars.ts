import { BYTES, FIXED32, FIXED64, type ProtoReader, type ProtoWriter, VARINT } from 'nekube/protobuf';
import { ResourceError, shown } from './resource-error.ts';
import type { ValueCodec } from './value-codec.ts';

const INT32 = { name: 'int32', least: -(2 ** 31), most: 2 ** 31 - 1 };
const UINT32 = { name: 'uint32', least: 0, most: 2 ** 32 - 1 };

/** An integer of 32 bits; JSON may have it as a text. */
function small(value: unknown, { name, least, most }: typeof INT32): number {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most)
    throw new ResourceError(`must be an ${name}, but is ${shown(value)}`);
  return number;
}

const INT64 = { name: 'int64', least: -(2n ** 63n), most: 2n ** 63n - 1n };
const UINT64 = { name: 'uint64', least: 0n, most: 2n ** 64n - 1n };

/** An integer of 64 bits: a number that is exact, a text or a bigint. */
function large(value: unknown, { name, least, most }: typeof INT64): bigint {
  const isExact =
    typeof value === 'bigint' ||
    (typeof value === 'number' && Number.isSafeInteger(value)) ||
    (typeof value === 'string' && /^-?\d+$/.test(value));
  const exact = isExact ? BigInt(value) : undefined;
  if (exact === undefined || exact < least || exact > most)
    throw new ResourceError(`must be an ${name}, but is ${shown(value)}`);
  return exact;
}

function real(value: unknown): number {
  const number = value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value;
  if (typeof number !== 'number') throw new ResourceError(`must be a number, but is ${shown(value)}`);
  return number;
}

/** JSON has no infinity. */
const realJson = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

/** A float as the shortest number that is the same float. */
function floatJson(value: number): number | string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return realJson(value);
}

const isNumericZero = (value: unknown): boolean => value === 0 || value === '0' || value === 0n;

/** A codec of integers that are varints. */
function varint(
  write: (writer: ProtoWriter, value: unknown) => void,
  read: (reader: ProtoReader) => unknown,
): ValueCodec {
  return { wire: VARINT, write, read, isZero: isNumericZero };
}

const zigzag32 = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;
const zigzag64 = (value: bigint): bigint => BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));

const bool: ValueCodec = {
  wire: VARINT,
  write(writer, value) {
    if (typeof value !== 'boolean') throw new ResourceError(`must be true or false, but is ${shown(value)}`);
    writer.varint(value ? 1 : 0);
  },
  read: (reader) => reader.varint() !== 0,
  isZero: (value) => value === false,
};

const string: ValueCodec = {
  wire: BYTES,
  write(writer, value) {
    if (typeof value !== 'string') throw new ResourceError(`must be a text, but is ${shown(value)}`);
    writer.string(value);
  },
  read: (reader) => reader.rest().toString('utf8'),
  isZero: (value) => value === '',
};

const bytes: ValueCodec = {
  wire: BYTES,
  write(writer, value) {
    if (typeof value !== 'string' || !/^[\w+/-]*={0,2}$/.test(value))
      throw new ResourceError(`must be bytes in base64, but is ${shown(value)}`);
    writer.bytes(Buffer.from(value, 'base64'));
  },
  read: (reader) => reader.rest().toString('base64'),
  isZero: (value) => value === '',
};

/** The codecs of scalars by the names that .proto files have for them. */
export const SCALARS: Readonly<Record<string, ValueCodec>> = {
  bool,
  string,
  bytes,
  int32: varint(
    (writer, value) => writer.int64(small(value, INT32)),
    (reader) => reader.int32(),
  ),
  uint32: varint(
    (writer, value) => writer.varint(small(value, UINT32)),
    (reader) => Number(BigInt.asUintN(32, BigInt(reader.int64()))),
  ),
  sint32: varint(
    (writer, value) => writer.varint(zigzag32(small(value, INT32))),
    (reader) => {
      const value = reader.varint();
      return (value >>> 1) ^ -(value & 1);
    },
  ),
  int64: varint(
    (writer, value) => writer.int64(large(value, INT64)),
    (reader) => String(reader.int64()),
  ),
  uint64: varint(
    (writer, value) => writer.int64(large(value, UINT64)),
    (reader) => String(BigInt.asUintN(64, BigInt(reader.int64()))),
  ),
  sint64: varint(
    (writer, value) => writer.int64(zigzag64(large(value, INT64))),
    (reader) => {
      const value = BigInt.asUintN(64, BigInt(reader.int64()));
      return String((value >> 1n) ^ -(value & 1n));
    },
  ),
  fixed32: {
    wire: FIXED32,
    write: (writer, value) => writer.fixed32(small(value, UINT32)),
    read: (reader) => reader.fixed32(),
    isZero: isNumericZero,
  },
  sfixed32: {
    wire: FIXED32,
    write: (writer, value) => writer.fixed32(small(value, INT32)),
    read: (reader) => reader.fixed32() | 0,
    isZero: isNumericZero,
  },
  fixed64: {
    wire: FIXED64,
    write: (writer, value) => writer.fixed64(large(value, UINT64)),
    read: (reader) => String(reader.fixed64()),
    isZero: isNumericZero,
  },
  sfixed64: {
    wire: FIXED64,
    write: (writer, value) => writer.fixed64(large(value, INT64)),
    read: (reader) => String(BigInt.asIntN(64, reader.fixed64())),
    isZero: isNumericZero,
  },
  float: {
    wire: FIXED32,
    write: (writer, value) => writer.float(real(value)),
    read: (reader) => floatJson(reader.float()),
    isZero: (value) => value === 0,
  },
  double: {
    wire: FIXED64,
    write: (writer, value) => writer.double(real(value)),
    read: (reader) => realJson(reader.double()),
    isZero: (value) => value === 0,
  },
};

/** An enum, whose values are names; a number stands for one that has no name here. */
export function enumCodec(name: string, values: Readonly<Record<string, number>>): ValueCodec {
  const numbers = new Map(Object.entries(values));
  const names = new Map([...numbers].reverse().map(([key, number]) => [number, key]));
  const numberOf = (value: unknown): number => {
    const number = typeof value === 'string' ? numbers.get(value) : value;
    if (typeof number === 'number' && Number.isInteger(number)) return number;
    throw new ResourceError(`must be one of ${[...numbers.keys()].join(', ')} (${name}), but is ${shown(value)}`);
  };
  return {
    wire: VARINT,
    write: (writer, value) => writer.int64(numberOf(value)),
    read(reader) {
      const number = reader.int32();
      return names.get(number) ?? number;
    },
    isZero: (value) => value === 0 || numbers.get(value as string) === 0,
  };
}
