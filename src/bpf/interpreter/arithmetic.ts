import type { Instruction } from '../asm/instruction.ts';
import { ALU, CLASS, JUMP, SOURCE_REGISTER } from '../asm/opcode.ts';
import { InterpreterFault } from './fault.ts';

/** The result of an arithmetic instruction on whole registers. */
export function compute(one: Instruction, dst: bigint, src: bigint): bigint {
  const isWide = (one.opcode & 7) === CLASS.alu64;
  const operation = one.opcode & 0xf0;
  if (operation === ALU.end) return swap(one, dst, isWide);
  const bits = isWide ? 64 : 32;
  const left = BigInt.asUintN(bits, dst);
  const right = operand(one, src, bits);
  return BigInt.asUintN(bits, operate(operation, one.offset, left, right, bits));
}

function operand(one: Instruction, src: bigint, bits: number): bigint {
  if ((one.opcode & SOURCE_REGISTER) === 0) return BigInt.asUintN(bits, BigInt(one.imm));
  const isMove = (one.opcode & 0xf0) === ALU.mov;
  return BigInt.asUintN(bits, isMove && one.offset !== 0 ? BigInt.asIntN(one.offset, src) : src);
}

function operate(operation: number, offset: number, a: bigint, b: bigint, bits: number): bigint {
  const shift = b & BigInt(bits - 1);
  switch (operation) {
    case ALU.mov:
      return b;
    case ALU.add:
      return a + b;
    case ALU.sub:
      return a - b;
    case ALU.mul:
      return a * b;
    case ALU.or:
      return a | b;
    case ALU.and:
      return a & b;
    case ALU.xor:
      return a ^ b;
    case ALU.lsh:
      return a << shift;
    case ALU.rsh:
      return a >> shift;
    case ALU.arsh:
      return BigInt.asIntN(bits, a) >> shift;
    case ALU.neg:
      return -a;
    case ALU.div:
      return divide(a, b, bits, offset === 1);
    case ALU.mod:
      return modulo(a, b, bits, offset === 1);
    default:
      throw new InterpreterFault(`has an unknown operation 0x${operation.toString(16)}`);
  }
}

function divide(a: bigint, b: bigint, bits: number, isSigned: boolean): bigint {
  if (b === 0n) return 0n;
  return isSigned ? BigInt.asIntN(bits, a) / BigInt.asIntN(bits, b) : a / b;
}

function modulo(a: bigint, b: bigint, bits: number, isSigned: boolean): bigint {
  if (b === 0n) return a;
  return isSigned ? BigInt.asIntN(bits, a) % BigInt.asIntN(bits, b) : a % b;
}

function swap(one: Instruction, value: bigint, isAlways: boolean): bigint {
  const bits = one.imm;
  const cut = BigInt.asUintN(bits, value);
  const isSwapped = isAlways || (one.opcode & SOURCE_REGISTER) !== 0;
  return isSwapped ? swapBytes(cut, bits / 8) : cut;
}

/** A number with its bytes in the other order. */
export function swapBytes(value: bigint, size: number): bigint {
  let swapped = 0n;
  for (let i = 0; i < size; i++) swapped = (swapped << 8n) | ((value >> BigInt(8 * i)) & 0xffn);
  return swapped;
}

/** Whether a conditional jump is taken. */
export function holds(one: Instruction, dst: bigint, src: bigint): boolean {
  const bits = (one.opcode & 7) === CLASS.jump32 ? 32 : 64;
  const a = BigInt.asUintN(bits, dst);
  const b = BigInt.asUintN(bits, one.opcode & SOURCE_REGISTER ? src : BigInt(one.imm));
  const signedA = (): bigint => BigInt.asIntN(bits, a);
  const signedB = (): bigint => BigInt.asIntN(bits, b);
  switch (one.opcode & 0xf0) {
    case JUMP.jeq:
      return a === b;
    case JUMP.jne:
      return a !== b;
    case JUMP.jgt:
      return a > b;
    case JUMP.jge:
      return a >= b;
    case JUMP.jlt:
      return a < b;
    case JUMP.jle:
      return a <= b;
    case JUMP.jset:
      return (a & b) !== 0n;
    case JUMP.jsgt:
      return signedA() > signedB();
    case JUMP.jsge:
      return signedA() >= signedB();
    case JUMP.jslt:
      return signedA() < signedB();
    case JUMP.jsle:
      return signedA() <= signedB();
    default:
      throw new InterpreterFault(`has an unknown jump 0x${one.opcode.toString(16)}`);
  }
}
