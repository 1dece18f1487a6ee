import { helperName } from './helpers.ts';
import type { Instruction } from './instruction.ts';
import { ALU, ATOMIC, CALL, CLASS, JUMP, LD_IMM64, MODE, PSEUDO, SIZE, SOURCE_REGISTER } from './opcode.ts';

const ALU_SIGNS: Readonly<Record<number, string>> = {
  [ALU.add]: '+=',
  [ALU.sub]: '-=',
  [ALU.mul]: '*=',
  [ALU.div]: '/=',
  [ALU.or]: '|=',
  [ALU.and]: '&=',
  [ALU.lsh]: '<<=',
  [ALU.rsh]: '>>=',
  [ALU.mod]: '%=',
  [ALU.xor]: '^=',
  [ALU.arsh]: 's>>=',
};

const JUMP_SIGNS: Readonly<Record<number, string>> = {
  [JUMP.jeq]: '==',
  [JUMP.jgt]: '>',
  [JUMP.jge]: '>=',
  [JUMP.jset]: '&',
  [JUMP.jne]: '!=',
  [JUMP.jsgt]: 's>',
  [JUMP.jsge]: 's>=',
  [JUMP.jlt]: '<',
  [JUMP.jle]: '<=',
  [JUMP.jslt]: 's<',
  [JUMP.jsle]: 's<=',
};

const SIZES: Readonly<Record<number, number>> = { [SIZE.u8]: 8, [SIZE.u16]: 16, [SIZE.u32]: 32, [SIZE.u64]: 64 };

/** An instruction as llvm-objdump prints it: `r1 = *(u32 *)(r2 + 0x4)`. What has no form is printed as its bytes' meaning. */
export function print(one: Instruction): string {
  switch (one.opcode & 7) {
    case CLASS.alu32:
      return printAlu(one, 'w');
    case CLASS.alu64:
      return printAlu(one, 'r');
    case CLASS.jump:
      return printJump(one, 'r');
    case CLASS.jump32:
      return printJump(one, 'w');
    case CLASS.ldx:
      return `${valueRegister(one, one.dst)} = ${memory(one, one.src)}`;
    case CLASS.st:
      return `${memory(one, one.dst)} = ${hex(one.imm)}`;
    case CLASS.stx:
      return isMode(one, MODE.atomic) ? printAtomic(one) : `${memory(one, one.dst)} = ${valueRegister(one, one.src)}`;
    default:
      return one.opcode === LD_IMM64 ? printConstant(one) : printPacketLoad(one);
  }
}

function printAlu(one: Instruction, letter: 'r' | 'w'): string {
  const operation = one.opcode & 0xf0;
  const dst = `${letter}${one.dst}`;
  const isSource = (one.opcode & SOURCE_REGISTER) !== 0;
  if (operation === ALU.end) return printSwap(one, isSource);
  if (operation === ALU.neg) return `${dst} = -${dst}`;
  const operand = isSource ? `${letter}${one.src}` : hex(one.imm);
  if (operation === ALU.mov) return `${dst} = ${one.offset === 0 ? '' : `(s${one.offset})`}${operand}`;
  const sign = ALU_SIGNS[operation];
  if (sign === undefined) return unknown(one);
  return `${dst} ${one.offset === 1 ? 's' : ''}${sign} ${operand}`;
}

function printSwap(one: Instruction, isBig: boolean): string {
  const swap = (one.opcode & 7) === CLASS.alu64 ? 'bswap' : isBig ? 'be' : 'le';
  return `r${one.dst} = ${swap}${one.imm} r${one.dst}`;
}

function printJump(one: Instruction, letter: 'r' | 'w'): string {
  const operation = one.opcode & 0xf0;
  const goal = `goto ${distance(one.offset)}`;
  if (operation === JUMP.ja) return letter === 'r' ? goal : `gotol ${distance(one.imm)}`;
  if (operation === JUMP.exit) return 'exit';
  if (operation === JUMP.mayGoto) return `may_${goal}`;
  if (operation === JUMP.call) return printCall(one);
  const sign = JUMP_SIGNS[operation];
  if (sign === undefined) return unknown(one);
  const right = one.opcode & SOURCE_REGISTER ? `${letter}${one.src}` : hex(one.imm);
  return `if ${letter}${one.dst} ${sign} ${right} ${goal}`;
}

function printCall(one: Instruction): string {
  if (one.src === CALL.helper) return `call ${hex(one.imm)}`;
  return `call ${one.kfunc ?? one.target ?? hex(one.imm)}`;
}

/** The name of the helper that is called, which objdump does not know. */
export function printComment(one: Instruction): string | undefined {
  const isHelper = one.opcode === (CLASS.jump | JUMP.call) && one.src === CALL.helper;
  if (isHelper) return helperName(one.imm);
  if (one.map !== undefined) return one.src === PSEUDO.mapValue ? `value of map ${one.map}` : `map ${one.map}`;
  return one.target;
}

function printAtomic(one: Instruction): string {
  const bits = bitsOf(one);
  const letter = bits === 64 ? 'r' : 'w';
  const value = `${letter}${one.src}`;
  const address = `r${one.dst} ${signed(one.offset)}`;
  if (one.imm === ATOMIC.exchange) return `${value} = xchg${bits === 64 ? '_64' : '32_32'}(${address}, ${value})`;
  if (one.imm === ATOMIC.compareExchange)
    return `${letter}0 = cmpxchg${bits === 64 ? '_64' : '32_32'}(${address}, ${letter}0, ${value})`;
  const operation = one.imm & ~ATOMIC.fetch;
  const sign = ALU_SIGNS[operation];
  if (sign === undefined) return unknown(one);
  if ((one.imm & ATOMIC.fetch) === 0) return `lock *(u${bits} *)(${address}) ${sign} ${value}`;
  const name = Object.entries(ATOMIC).find(([, code]) => code === operation)?.[0];
  return `${value} = atomic_fetch_${name}((u${bits} *)(${address}), ${value})`;
}

function printConstant(one: Instruction): string {
  return `r${one.dst} = ${hex(BigInt.asIntN(64, one.imm64 ?? 0n))} ll`;
}

function printPacketLoad(one: Instruction): string {
  const type = `*(u${bitsOf(one)} *)`;
  if (isMode(one, MODE.abs)) return `r0 = ${type}skb[${hex(one.imm)}]`;
  if (isMode(one, MODE.ind)) return `r0 = ${type}skb[r${one.src}]`;
  return unknown(one);
}

/** A register as memory moves by it: the lower half where the size is not 64 bits, except when the sign is extended. */
function valueRegister(one: Instruction, register: number): string {
  const isWhole = bitsOf(one) === 64 || isMode(one, MODE.memsx);
  return `${isWhole ? 'r' : 'w'}${register}`;
}

function memory(one: Instruction, base: number): string {
  const sign = isMode(one, MODE.memsx) ? 's' : 'u';
  return `*(${sign}${bitsOf(one)} *)(r${base} ${signed(one.offset)})`;
}

const isMode = (one: Instruction, mode: number): boolean => (one.opcode & 0xe0) === mode;
const bitsOf = (one: Instruction): number => SIZES[one.opcode & 0x18]!;
const signed = (offset: number): string => `${offset < 0 ? '-' : '+'} ${hex(Math.abs(offset))}`;
const distance = (slots: number): string => (slots < 0 ? hex(slots) : `+${hex(slots)}`);
const hex = (value: number | bigint): string => (value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`);
const unknown = (one: Instruction): string => `<unknown ${one.opcode.toString(16).padStart(2, '0')}>`;
