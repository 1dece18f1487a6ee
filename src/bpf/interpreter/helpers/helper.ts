import type { Machine } from '../machine.ts';

/** What a call does: arguments as registers hold them, and the result. */
export type Helper = (machine: Machine, a: bigint, b: bigint, c: bigint, d: bigint, e: bigint) => bigint;

/** A register's lower half as a number with a sign. */
export const int = (value: bigint): number => Number(BigInt.asIntN(32, value));
/** A register's lower half as a number without a sign. */
export const uint = (value: bigint): number => Number(BigInt.asUintN(32, value));
