import { type Instruction, instruction } from './instruction.ts';
import { callerPosition } from './source.ts';

/** An instruction, with the line of the program that asks for it. */
export function write(fields: Partial<Instruction> & { readonly opcode: number }): Instruction {
  return instruction({ ...fields, source: fields.source ?? callerPosition() });
}
