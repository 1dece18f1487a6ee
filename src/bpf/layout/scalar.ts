import type { Size } from '../asm/memory.ts';

/**
 * The names of scalars. Those of the network (`be…`) are types of their own in programs: a value of `be16` is neither compared
 * with one of `u16` nor added to it, but converted before. In user space all are numbers that mean what they say.
 */
export type ScalarName = 'u8' | 'u16' | 'u32' | 'u64' | 'i8' | 'i16' | 'i32' | 'i64' | 'be16' | 'be32' | 'be64';

/** What a scalar is in user space: 64 bits need a bigint. */
export type ScalarValue<N extends ScalarName> = N extends 'u64' | 'i64' | 'be64' ? bigint : number;

/** A type of memory: how large it is, where it may stand, and how a value of user space is written and read. */
export interface Layout<V = unknown> {
  readonly kind: 'scalar' | 'bytes' | 'array' | 'struct';
  /** In bytes. */
  readonly size: number;
  /** Its offsets are multiples of this. */
  readonly align: number;
  /** Writes the value at an offset; what does not fit is a RangeError. */
  write(view: DataView, offset: number, value: V): void;
  read(view: DataView, offset: number): V;
}

/** A number in memory. */
export interface Scalar<N extends ScalarName = ScalarName> extends Layout<ScalarValue<N>> {
  readonly kind: 'scalar';
  readonly name: N;
  /** The size as instructions name it. */
  readonly width: Size;
}

/** The value of user space that a layout reads and writes. */
export type ValueOf<L> = L extends Layout<infer V> ? V : never;

type Getter = 'getUint8' | 'getUint16' | 'getUint32' | 'getInt8' | 'getInt16' | 'getInt32';

type Setter = (view: DataView, offset: number, value: number, isLittle: boolean) => void;

/** By bits; what has a sign is written as what has none. */
const SETTERS: Readonly<Record<8 | 16 | 32, Setter>> = {
  8: (view, offset, value) => view.setUint8(offset, value),
  16: (view, offset, value, isLittle) => view.setUint16(offset, value, isLittle),
  32: (view, offset, value, isLittle) => view.setUint32(offset, value, isLittle),
};

function scalar<N extends ScalarName>(name: N, bits: 8 | 16 | 32, isSigned: boolean, isLittle: boolean): Scalar<N> {
  const get = `get${isSigned ? 'Int' : 'Uint'}${bits}` as Getter;
  const set = SETTERS[bits];
  const lowest = isSigned ? -(2 ** (bits - 1)) : 0;
  const highest = lowest + 2 ** bits - 1;
  const write = (view: DataView, offset: number, value: number): void => {
    if (!Number.isInteger(value) || value < lowest || value > highest)
      throw new RangeError(`${value} must be an integer from ${lowest} to ${highest} to be written as ${name}`);
    set(view, offset, value, isLittle);
  };
  const read = (view: DataView, offset: number): number =>
    (view[get] as DataView['getUint16']).call(view, offset, isLittle);
  const made = { kind: 'scalar', name, width: `u${bits}`, size: bits / 8, align: bits / 8, write, read } as const;
  return Object.freeze(made) as unknown as Scalar<N>;
}

function scalar64<N extends 'u64' | 'i64' | 'be64'>(name: N, isLittle: boolean): Scalar<N> {
  const isSigned = name === 'i64';
  const write = (view: DataView, offset: number, value: bigint): void => {
    if ((isSigned ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) !== value)
      throw new RangeError(`${value} must be an integer of 64 bits to be written as ${name}`);
    view.setBigUint64(offset, BigInt.asUintN(64, value), isLittle);
  };
  const read = (view: DataView, offset: number): bigint =>
    isSigned ? view.getBigInt64(offset, isLittle) : view.getBigUint64(offset, isLittle);
  return Object.freeze({ kind: 'scalar', name, width: 'u64', size: 8, align: 8, write, read }) as unknown as Scalar<N>;
}

/** One byte. */
export const u8 = scalar('u8', 8, false, true);
/** Two bytes in the machine's order, which is little endian. */
export const u16 = scalar('u16', 16, false, true);
/** Four bytes in the machine's order. */
export const u32 = scalar('u32', 32, false, true);
/** Eight bytes in the machine's order; a bigint. */
export const u64 = scalar64('u64', true);
/** One byte with a sign. */
export const i8 = scalar('i8', 8, true, true);
/** Two bytes with a sign, in the machine's order. */
export const i16 = scalar('i16', 16, true, true);
/** Four bytes with a sign, in the machine's order. */
export const i32 = scalar('i32', 32, true, true);
/** Eight bytes with a sign, in the machine's order; a bigint. */
export const i64 = scalar64('i64', true);
/** Two bytes in the network's order. */
export const be16 = scalar('be16', 16, false, false);
/** Four bytes in the network's order. */
export const be32 = scalar('be32', 32, false, false);
/** Eight bytes in the network's order; a bigint. */
export const be64 = scalar64('be64', false);
