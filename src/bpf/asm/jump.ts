import type { Operand } from './alu.ts';
import { helperId, type HelperName } from './helpers.ts';
import { type FunctionSignature, imm32, type Instruction, type Label } from './instruction.ts';
import { CALL, CLASS, JUMP, SOURCE_REGISTER } from './opcode.ts';
import { isRegister, type Register } from './register.ts';
import { write } from './write.ts';

/** Makes a jump to `target` that is taken if the comparison holds. */
export type JumpInstruction = (left: Register, right: Operand, target: string) => Instruction;

function jump(class_: number, operation: number): JumpInstruction {
  return (left, right, target) => {
    const base = { dst: left.register, target };
    return isRegister(right)
      ? write({ ...base, opcode: class_ | operation | SOURCE_REGISTER, src: right.register })
      : write({ ...base, opcode: class_ | operation, imm: imm32(right) });
  };
}

/** Jumps if both are equal. */
export const jeq = jump(CLASS.jump, JUMP.jeq);
/** Jumps if they differ. */
export const jne = jump(CLASS.jump, JUMP.jne);
/** Jumps if left > right, unsigned. */
export const jgt = jump(CLASS.jump, JUMP.jgt);
/** Jumps if left >= right, unsigned. */
export const jge = jump(CLASS.jump, JUMP.jge);
/** Jumps if left < right, unsigned. */
export const jlt = jump(CLASS.jump, JUMP.jlt);
/** Jumps if left <= right, unsigned. */
export const jle = jump(CLASS.jump, JUMP.jle);
/** Jumps if left > right, signed. */
export const jsgt = jump(CLASS.jump, JUMP.jsgt);
/** Jumps if left >= right, signed. */
export const jsge = jump(CLASS.jump, JUMP.jsge);
/** Jumps if left < right, signed. */
export const jslt = jump(CLASS.jump, JUMP.jslt);
/** Jumps if left <= right, signed. */
export const jsle = jump(CLASS.jump, JUMP.jsle);
/** Jumps if they have a bit in common. */
export const jset = jump(CLASS.jump, JUMP.jset);

/** `jeq` of the lower 32 bits. */
export const jeq32 = jump(CLASS.jump32, JUMP.jeq);
/** `jne` of the lower 32 bits. */
export const jne32 = jump(CLASS.jump32, JUMP.jne);
/** `jgt` of the lower 32 bits. */
export const jgt32 = jump(CLASS.jump32, JUMP.jgt);
/** `jge` of the lower 32 bits. */
export const jge32 = jump(CLASS.jump32, JUMP.jge);
/** `jlt` of the lower 32 bits. */
export const jlt32 = jump(CLASS.jump32, JUMP.jlt);
/** `jle` of the lower 32 bits. */
export const jle32 = jump(CLASS.jump32, JUMP.jle);
/** `jsgt` of the lower 32 bits. */
export const jsgt32 = jump(CLASS.jump32, JUMP.jsgt);
/** `jsge` of the lower 32 bits. */
export const jsge32 = jump(CLASS.jump32, JUMP.jsge);
/** `jslt` of the lower 32 bits. */
export const jslt32 = jump(CLASS.jump32, JUMP.jslt);
/** `jsle` of the lower 32 bits. */
export const jsle32 = jump(CLASS.jump32, JUMP.jsle);
/** `jset` of the lower 32 bits. */
export const jset32 = jump(CLASS.jump32, JUMP.jset);

/** Jumps always. */
export const goto = (target: string): Instruction => write({ opcode: CLASS.jump | JUMP.ja, target });
/** Jumps always, and farther than 32,767 slots (cpu v4). */
export const gotol = (target: string): Instruction => write({ opcode: CLASS.jump32 | JUMP.ja, target });
/** Jumps when the kernel finds that a loop ran long enough; it bounds loops that the verifier cannot follow (6.9). */
export const mayGoto = (target: string): Instruction => write({ opcode: CLASS.jump | JUMP.mayGoto, target });

/** Calls a helper of the kernel: arguments in r1 to r5, which are lost, the result in r0. */
export function call(helper: HelperName): Instruction {
  return write({ opcode: CLASS.jump | JUMP.call, src: CALL.helper, imm: helperId(helper) });
}

/** Calls a function of this program, by the label at which it begins. */
export function callFunction(target: string): Instruction {
  return write({ opcode: CLASS.jump | JUMP.call, src: CALL.local, target });
}

/** Calls a function that the kernel or a module exports to programs, by its name. */
export function callKernel(kfunc: string): Instruction {
  return write({ opcode: CLASS.jump | JUMP.call, src: CALL.kfunc, kfunc });
}

/** Returns r0 to the caller, or ends the program. */
export const exit = (): Instruction => write({ opcode: CLASS.jump | JUMP.exit });

/** The place of the next instruction, by a name that is the program's own. */
export const label = (name: string): Label => ({ label: name });

/** The beginning of a function of this program. */
export function functionLabel(name: string, signature: FunctionSignature): Label {
  return { label: name, function: signature };
}
