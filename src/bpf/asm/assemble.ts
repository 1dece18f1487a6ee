import { type Code, type FunctionSignature, type Instruction, isLabel, type Label, slotsOf } from './instruction.ts';
import { encode } from './encode.ts';
import { CALL, CLASS, JUMP, LD_IMM64, PSEUDO } from './opcode.ts';

/** A function of a program, by the slot at which it begins. */
export interface ProgramFunction extends FunctionSignature {
  readonly name: string;
  /** In slots of eight bytes. */
  readonly slot: number;
}

/** A thing outside of the program that an instruction refers to; the loader writes it into the bytes. */
export interface Reference {
  /** In slots of eight bytes. */
  readonly slot: number;
  readonly kind: 'map' | 'kfunc';
  readonly name: string;
}

/** A program with all its labels resolved. */
export interface Assembled {
  /** As instructions, with the distances in them, by slot; the second slot of a 64-bit load is undefined. */
  readonly slots: readonly (Instruction | undefined)[];
  /** Starting with the program itself. */
  readonly functions: readonly ProgramFunction[];
  readonly references: readonly Reference[];
  /** Labels by slot. */
  readonly labels: ReadonlyMap<string, number>;
  /** What the kernel is given, once the references are filled in. */
  readonly bytes: Uint8Array;
}

/**
 * Resolves the labels of a program called `name`.
 *
 * @throws RangeError a label that is missing or stands twice, or a distance that does not fit its jump.
 */
export function assemble(name: string, code: Code): Assembled {
  const slots: (Instruction | undefined)[] = [];
  const labels = new Map<string, number>();
  const functions: ProgramFunction[] = [{ name, slot: 0, parameters: 1 }];
  for (const part of flatten(code)) {
    if (isLabel(part)) {
      if (labels.has(part.label)) throw new RangeError(`Cannot assemble ${name}: label "${part.label}" stands twice`);
      labels.set(part.label, slots.length);
      if (part.function !== undefined) functions.push({ ...part.function, name: part.label, slot: slots.length });
    } else {
      slots.push(part);
      if (slotsOf(part) === 2) slots.push(undefined);
    }
  }
  const resolved = slots.map((one, slot) => one && resolveTarget(name, one, slot, labels));
  return { slots: resolved, functions, references: resolved.flatMap(referenceOf), labels, bytes: encode(resolved) };
}

/** The instructions and labels of code in their order. */
export function* flatten(code: Code): Generator<Instruction | Label> {
  if (!Array.isArray(code)) yield code as Instruction | Label;
  else for (const part of code as readonly Code[]) yield* flatten(part);
}

function resolveTarget(
  program: string,
  one: Instruction,
  slot: number,
  labels: ReadonlyMap<string, number>,
): Instruction {
  if (one.target === undefined) return one;
  const target = labels.get(one.target);
  if (target === undefined) throw new RangeError(`Cannot assemble ${program}: there is no label "${one.target}"`);
  const distance = target - slot - 1;
  if (one.opcode === LD_IMM64) return { ...one, src: PSEUDO.func, imm64: BigInt.asUintN(32, BigInt(distance)) };
  if (one.opcode === (CLASS.jump | JUMP.call) || one.opcode === (CLASS.jump32 | JUMP.ja))
    return { ...one, imm: distance };
  if (distance < -0x8000 || distance > 0x7fff)
    throw new RangeError(`Cannot assemble ${program}: "${one.target}" is ${distance} slots away, use gotol`);
  return { ...one, offset: distance };
}

function referenceOf(one: Instruction | undefined, slot: number): Reference[] {
  if (one?.map !== undefined) return [{ slot, kind: 'map', name: one.map }];
  const isKfunc = one?.opcode === (CLASS.jump | JUMP.call) && one.src === CALL.kfunc && one.kfunc !== undefined;
  return isKfunc ? [{ slot, kind: 'kfunc', name: one.kfunc! }] : [];
}
