import { imm32, type Instruction } from './instruction.ts';
import { ALU, CLASS, SOURCE_REGISTER } from './opcode.ts';
import { isRegister, type Register } from './register.ts';
import { write } from './write.ts';

/** The second operand: a register, or a constant of 32 bits, which is extended by its sign to 64. */
export type Operand = Register | number;

/** Makes an instruction that changes `dst` by the other operand. */
export type AluInstruction = (dst: Register, operand: Operand) => Instruction;

function alu(class_: number, operation: number, offset = 0): AluInstruction {
  return (dst, operand) => {
    const base = { dst: dst.register, offset };
    return isRegister(operand)
      ? write({ ...base, opcode: class_ | operation | SOURCE_REGISTER, src: operand.register })
      : write({ ...base, opcode: class_ | operation, imm: imm32(operand) });
  };
}

const SIGNED = 1;

/** dst = operand. */
export const mov = alu(CLASS.alu64, ALU.mov);
/** dst += operand. */
export const add = alu(CLASS.alu64, ALU.add);
/** dst -= operand. */
export const sub = alu(CLASS.alu64, ALU.sub);
/** dst *= operand. */
export const mul = alu(CLASS.alu64, ALU.mul);
/** dst /= operand, unsigned; a division by zero gives 0. */
export const div = alu(CLASS.alu64, ALU.div);
/** dst %= operand, unsigned; by zero, dst stays. */
export const mod = alu(CLASS.alu64, ALU.mod);
/** dst /= operand, signed (cpu v4). */
export const sdiv = alu(CLASS.alu64, ALU.div, SIGNED);
/** dst %= operand, signed, with the sign of dst (cpu v4). */
export const smod = alu(CLASS.alu64, ALU.mod, SIGNED);
/** dst |= operand. */
export const or = alu(CLASS.alu64, ALU.or);
/** dst &= operand. */
export const and = alu(CLASS.alu64, ALU.and);
/** dst ^= operand. */
export const xor = alu(CLASS.alu64, ALU.xor);
/** dst <<= operand, of which six bits count. */
export const lsh = alu(CLASS.alu64, ALU.lsh);
/** dst >>= operand, filled with zeros. */
export const rsh = alu(CLASS.alu64, ALU.rsh);
/** dst >>= operand, filled with the sign. */
export const arsh = alu(CLASS.alu64, ALU.arsh);

/** dst = operand, of 32 bits; like all that end in 32, it clears the upper half. */
export const mov32 = alu(CLASS.alu32, ALU.mov);
/** dst += operand, of 32 bits. */
export const add32 = alu(CLASS.alu32, ALU.add);
/** dst -= operand, of 32 bits. */
export const sub32 = alu(CLASS.alu32, ALU.sub);
/** dst *= operand, of 32 bits. */
export const mul32 = alu(CLASS.alu32, ALU.mul);
/** dst /= operand, unsigned, of 32 bits. */
export const div32 = alu(CLASS.alu32, ALU.div);
/** dst %= operand, unsigned, of 32 bits. */
export const mod32 = alu(CLASS.alu32, ALU.mod);
/** dst /= operand, signed, of 32 bits (cpu v4). */
export const sdiv32 = alu(CLASS.alu32, ALU.div, SIGNED);
/** dst %= operand, signed, of 32 bits (cpu v4). */
export const smod32 = alu(CLASS.alu32, ALU.mod, SIGNED);
/** dst |= operand, of 32 bits. */
export const or32 = alu(CLASS.alu32, ALU.or);
/** dst &= operand, of 32 bits. */
export const and32 = alu(CLASS.alu32, ALU.and);
/** dst ^= operand, of 32 bits. */
export const xor32 = alu(CLASS.alu32, ALU.xor);
/** dst <<= operand, of 32 bits. */
export const lsh32 = alu(CLASS.alu32, ALU.lsh);
/** dst >>= operand, of 32 bits, filled with zeros. */
export const rsh32 = alu(CLASS.alu32, ALU.rsh);
/** dst >>= operand, of 32 bits, filled with the sign. */
export const arsh32 = alu(CLASS.alu32, ALU.arsh);

/** dst = -dst. */
export const neg = (dst: Register): Instruction => write({ opcode: CLASS.alu64 | ALU.neg, dst: dst.register });
/** dst = -dst, of 32 bits. */
export const neg32 = (dst: Register): Instruction => write({ opcode: CLASS.alu32 | ALU.neg, dst: dst.register });

/** dst = the lowest `bits` of src, extended by their sign to 64 (cpu v4). */
export function movsx(dst: Register, src: Register, bits: 8 | 16 | 32): Instruction {
  const opcode = CLASS.alu64 | ALU.mov | SOURCE_REGISTER;
  return write({ opcode, dst: dst.register, src: src.register, offset: bits });
}

/** dst = the lowest `bits` of src, extended by their sign to 32 (cpu v4). */
export function movsx32(dst: Register, src: Register, bits: 8 | 16): Instruction {
  const opcode = CLASS.alu32 | ALU.mov | SOURCE_REGISTER;
  return write({ opcode, dst: dst.register, src: src.register, offset: bits });
}

/** How many bits of a register change their order; the others become zero. */
export type SwapBits = 16 | 32 | 64;

/** dst between the machine's order and big endian, which is the network's: swapped where the machine is little endian. */
export const toBig = (dst: Register, bits: SwapBits): Instruction =>
  write({ opcode: CLASS.alu32 | ALU.end | SOURCE_REGISTER, dst: dst.register, imm: bits });
/** dst between the machine's order and little endian; on a little endian machine it only cuts to `bits`. */
export const toLittle = (dst: Register, bits: SwapBits): Instruction =>
  write({ opcode: CLASS.alu32 | ALU.end, dst: dst.register, imm: bits });
/** dst with its bytes in the other order, on every machine (cpu v4). */
export const bswap = (dst: Register, bits: SwapBits): Instruction =>
  write({ opcode: CLASS.alu64 | ALU.end, dst: dst.register, imm: bits });
