import * as asm from '../asm/index.ts';
import { type Code, type Instruction, type Register, registers as machine, r0, r10 } from '../asm/index.ts';
import type { Allocation } from './allocate.ts';
import type { Arithmetic, Base, Comparison, Source, Step, Virtual } from './ir.ts';

const WIDE: Readonly<Record<Arithmetic, asm.AluInstruction>> = asm;
const NARROW: Readonly<Record<Arithmetic, asm.AluInstruction>> = {
  add: asm.add32,
  sub: asm.sub32,
  mul: asm.mul32,
  div: asm.div32,
  mod: asm.mod32,
  and: asm.and32,
  or: asm.or32,
  xor: asm.xor32,
  lsh: asm.lsh32,
  rsh: asm.rsh32,
  arsh: asm.arsh32,
};
const JUMPS: Readonly<Record<Comparison, readonly [wide: asm.JumpInstruction, narrow: asm.JumpInstruction]>> = {
  eq: [asm.jeq, asm.jeq32],
  ne: [asm.jne, asm.jne32],
  gt: [asm.jgt, asm.jgt32],
  ge: [asm.jge, asm.jge32],
  lt: [asm.jlt, asm.jlt32],
  le: [asm.jle, asm.jle32],
  sgt: [asm.jsgt, asm.jsgt32],
  sge: [asm.jsge, asm.jsge32],
  slt: [asm.jslt, asm.jslt32],
  sle: [asm.jsle, asm.jsle32],
  set: [asm.jset, asm.jset32],
};

/** The instructions of steps, by the registers that they got. */
export function lower({ steps, registers }: Allocation): Code {
  const register = (one: Virtual): Register => machine[registers.get(one)!]!;
  const operand = (one: Source): Register | number => (typeof one === 'number' ? one : register(one.virtual));
  const base = (one: Base): Register => (one === 'stack' ? r10 : register(one));
  return steps.map((step) => {
    const code = lowerStep(step, register, operand, base);
    return code.map((one) => ('opcode' in one ? { ...one, source: step.source } : one));
  });
}

function lowerStep(
  step: Step,
  register: (one: Virtual) => Register,
  operand: (one: Source) => Register | number,
  base: (one: Base) => Register,
): (Instruction | asm.Label)[] {
  switch (step.kind) {
    case 'parameter':
      return move(register(step.dst), machine[step.index + 1]!, true);
    case 'move':
      return move(register(step.dst), operand(step.from), step.wide);
    case 'constant':
      return [asm.loadImm64(register(step.dst), step.value)];
    case 'map':
      return [asm.loadMap(register(step.dst), step.map)];
    case 'stack':
      return [asm.mov(register(step.dst), r10), asm.add(register(step.dst), step.offset)];
    case 'arithmetic': {
      const dst = register(step.dst);
      const instruction = (step.wide ? WIDE : NARROW)[step.operation];
      return [...move(dst, register(step.left), step.wide), instruction(dst, operand(step.right))];
    }
    case 'cut':
      return [asm.mov32(register(step.dst), register(step.from))];
    case 'swap':
      return [...move(register(step.dst), register(step.from), true), asm.toBig(register(step.dst), step.bits)];
    case 'load':
      return [asm.load(register(step.dst), base(step.base), step.place)];
    case 'store': {
      const value = operand(step.value);
      if (typeof value === 'number') return [asm.storeImm(base(step.base), step.place, value)];
      return [asm.store(base(step.base), step.place, value)];
    }
    case 'atomic':
      return [asm.atomic(step.operation, base(step.base), step.place, register(step.value))];
    case 'call': {
      const args = step.args.map((arg, i) => ({ to: i + 1, from: operand(arg) }));
      return [...parallel(args), asm.call(step.helper), ...move(register(step.dst), r0, true)];
    }
    case 'jump':
      return [JUMPS[step.comparison][step.wide ? 0 : 1](register(step.left), operand(step.right), step.target)];
    case 'goto':
      return [asm.goto(step.target)];
    case 'label':
      return [asm.label(step.name)];
    case 'return':
      return [...move(r0, operand(step.value), true), asm.exit()];
  }
}

/** A move, unless it is already there: 32 bits clear the upper half, but what is narrow here is always clear there. */
function move(dst: Register, from: Register | number, isWide: boolean): Instruction[] {
  if (typeof from !== 'number' && from.register === dst.register) return [];
  return [(isWide ? asm.mov : asm.mov32)(dst, from)];
}

/** Moves that happen at once: one that would overwrite what another still reads waits for that; rings go through r0. */
function parallel(moves: readonly { readonly to: number; readonly from: Register | number }[]): Instruction[] {
  const code: Instruction[] = [];
  let left = moves.filter(({ to, from }) => typeof from === 'number' || from.register !== to);
  while (left.length > 0) {
    const isRead = (to: number): boolean => left.some(({ from }) => typeof from !== 'number' && from.register === to);
    const free = left.find(({ to }) => !isRead(to));
    if (free !== undefined) {
      code.push(asm.mov(machine[free.to]!, free.from));
      left = left.filter((one) => one !== free);
    } else {
      const broken = (left[0]!.from as Register).register;
      code.push(asm.mov(r0, machine[broken]!));
      left = left.map((one) =>
        typeof one.from !== 'number' && one.from.register === broken ? { ...one, from: r0 } : one,
      );
    }
  }
  return code;
}
