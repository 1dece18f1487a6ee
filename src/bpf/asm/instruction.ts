import type { SourcePosition } from './source.ts';

/**
 * One instruction, as data. What it refers to (labels, maps, functions of the kernel) stands by name until it is assembled
 * or loaded, so instructions can be made, printed and interpreted where there is no kernel.
 */
export interface Instruction {
  /** All eight bits: class, operation or mode, size or source. */
  readonly opcode: number;
  /** Register number. */
  readonly dst: number;
  /** Register number, or what calls and loads of constants say by it. */
  readonly src: number;
  /** Signed, 16 bits: of memory in bytes, of jumps in slots after this one. */
  readonly offset: number;
  /** Signed, 32 bits. */
  readonly imm: number;
  /** The whole constant of a 64-bit load. */
  readonly imm64?: bigint;
  /** The label that is jumped to, called, or taken the address of. */
  readonly target?: string;
  /** The name of the map whose address is loaded. */
  readonly map?: string;
  /** The kernel's function that is called, by name. */
  readonly kfunc?: string;
  /** Where in the program's source this was written. */
  readonly source?: SourcePosition;
}

/** A place in the code that jumps and calls name. */
export interface Label {
  readonly label: string;
  /** Given when a function begins here, one of this program's own. */
  readonly function?: FunctionSignature;
}

/** How many arguments a function of a program takes, for the program's BTF. */
export interface FunctionSignature {
  /** 0 to 5, of 64 bits each. */
  readonly parameters: number;
  /** Seen from outside of the program; such functions are verified apart from their callers. Default: false. */
  readonly global?: boolean;
}

/** Code as it is written: instructions and labels, in lists that may contain lists. */
export type Code = Instruction | Label | readonly Code[];

/** An instruction with zero in all that is not given; checks that what is given fits. */
export function instruction(fields: Partial<Instruction> & { readonly opcode: number }): Instruction {
  const made = { dst: 0, src: 0, offset: 0, imm: 0, ...fields };
  if (made.offset < -0x8000 || made.offset > 0x7fff) throw new RangeError(`Offset ${made.offset} must fit in 16 bits`);
  return made;
}

/** How many slots of eight bytes an instruction takes. */
export function slotsOf({ opcode }: Instruction): number {
  return opcode === 0x18 ? 2 : 1;
}

/** A constant of 32 bits, signed, of a number that is given signed or unsigned. */
export function imm32(value: number): number {
  if (!Number.isInteger(value) || value < -0x8000_0000 || value > 0xffff_ffff)
    throw new RangeError(`Constant ${value} must be an integer of 32 bits`);
  return value | 0;
}

/** Whether this stands for a place, and not for an instruction. */
export function isLabel(code: Instruction | Label): code is Label {
  return 'label' in code;
}
