import { failure } from '../errno.ts';
import type { Machine } from '../machine.ts';
import { partOf } from '../packet.ts';
import { type Helper, uint } from './helper.ts';

const CARRY = 0x1_0000_0000;

/** The sum of ones' complement of two sums of 32 bits. */
function sumOf(a: number, b: number): number {
  const sum = a + b;
  return sum >= CARRY ? (sum % CARRY) + 1 : sum;
}

const complement = (value: number): number => ~value >>> 0;

/** A sum of 32 bits as one of 16, not inverted. */
function folded(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

/** The sum of bytes as the kernel takes it: words of four bytes, little endian, with the carry brought around. */
export function checksumOf(bytes: Uint8Array, seed = 0): number {
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  let sum = seed;
  for (let at = 0; at < padded.length; at += 4) sum = sumOf(sum, view.getUint32(at, true));
  return sum;
}

const difference: Helper = (machine, fromAt, fromSize, toAt, toSize, seed) => {
  const [fromLength, toLength] = [uint(fromSize), uint(toSize)];
  if ((fromLength | toLength) & 3) return failure('EINVAL');
  const from = machine.memory.slice(fromAt, fromLength);
  const to = machine.memory.slice(toAt, toLength);
  const start = uint(seed);
  if (fromLength && toLength) {
    const removed = complement(checksumOf(from));
    return BigInt(folded(sumOf(checksumOf(to, start), removed)));
  }
  if (toLength) return BigInt(folded(checksumOf(to, start)));
  if (fromLength) return BigInt(folded(complement(checksumOf(from, complement(start)))));
  return BigInt(folded(start));
};

/**
 * Writes a checksum in which a number became another, or to which a difference was added. The kernel inverts numbers of 32 bits,
 * and in the network layer's checksum 16 where 16 are replaced: that decides which of both zeros comes out.
 */
function replace(field: Uint8Array, from: number, to: number, isDifference: boolean, mask = 0xffff_ffff): void {
  const view = new DataView(field.buffer, field.byteOffset, 2);
  const open = (complement(view.getUint16(0, true)) & mask) >>> 0;
  const base = isDifference ? open : sumOf(open, (complement(from) & mask) >>> 0);
  view.setUint16(0, ~folded(sumOf(base, to)) & 0xffff, true);
}

function fieldAt(machine: Machine, offset: bigint): Uint8Array | undefined {
  if (offset > 0xffffn || offset & 1n) return undefined;
  return machine.packet && partOf(machine.packet, offset, 2n);
}

const MANGLED = 0x20;
const ENFORCED = 0x40;
const SIZE_MASK = 0xf;

const layer3: Helper = (machine, _skb, offset, from, to, flags) => {
  if (flags & ~BigInt(SIZE_MASK)) return failure('EINVAL');
  const field = fieldAt(machine, uint64(offset));
  if (field === undefined) return failure('EFAULT');
  return change(field, from, to, Number(flags), flags === 2n ? 0xffff : undefined);
};

const layer4: Helper = (machine, _skb, offset, from, to, flags) => {
  const options = uint(flags);
  if (options & ~(MANGLED | ENFORCED | 0x10 | 0x80 | SIZE_MASK)) return failure('EINVAL');
  const field = fieldAt(machine, uint64(offset));
  if (field === undefined) return failure('EFAULT');
  const isZero = (): boolean => field[0] === 0 && field[1] === 0;
  // UDP without a checksum stays so
  if (options & MANGLED && !(options & ENFORCED) && isZero()) return 0n;
  const result = change(field, from, to, options & SIZE_MASK);
  if (result === 0n && options & MANGLED && isZero()) field.fill(0xff);
  return result;
};

function change(field: Uint8Array, from: bigint, to: bigint, size: number, inverted?: number): bigint {
  if (size !== 0 && size !== 2 && size !== 4) return failure('EINVAL');
  if (size === 0 && from !== 0n) return failure('EINVAL');
  const mask = size === 2 ? 0xffff : 0xffff_ffff;
  replace(field, (uint(from) & mask) >>> 0, (uint(to) & mask) >>> 0, size === 0, inverted);
  return 0n;
}

const uint64 = (value: bigint): bigint => BigInt.asUintN(32, value);

/** Helpers of checksums. */
export const checksumHelpers = {
  csum_diff: difference,
  l3_csum_replace: layer3,
  l4_csum_replace: layer4,
  // what the device knows of checksums is not modelled, so there is nothing to adjust
  csum_update: (): bigint => failure('ENOTSUPP'),
} satisfies Record<string, Helper>;
