import { type Instruction, instruction } from './instruction.ts';
import { LD_IMM64 } from './opcode.ts';

/** Bytes of one slot. */
export const SLOT_BYTES = 8;

/** Instructions by slot as a little endian machine's kernel reads them. */
export function encode(slots: readonly (Instruction | undefined)[]): Uint8Array {
  const bytes = new Uint8Array(slots.length * SLOT_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [slot, one] of slots.entries()) {
    if (one === undefined) continue;
    const at = slot * SLOT_BYTES;
    view.setUint8(at, one.opcode);
    view.setUint8(at + 1, one.dst | (one.src << 4));
    view.setInt16(at + 2, one.offset, true);
    if (one.opcode === LD_IMM64) {
      const value = one.imm64 ?? 0n;
      view.setUint32(at + 4, Number(value & 0xffff_ffffn), true);
      view.setUint32(at + 12, Number(value >> 32n), true);
    } else view.setInt32(at + 4, one.imm, true);
  }
  return bytes;
}

/**
 * Instructions by slot of a program's bytes, the inverse of `encode`. The second slot of a 64-bit load is undefined.
 *
 * @throws RangeError the bytes end within an instruction.
 */
export function decode(bytes: Uint8Array): (Instruction | undefined)[] {
  if (bytes.length % SLOT_BYTES !== 0) throw new RangeError(`${bytes.length} bytes must be whole slots of eight`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const slots: (Instruction | undefined)[] = [];
  for (let at = 0; at < bytes.length; at += SLOT_BYTES) {
    const opcode = view.getUint8(at);
    const registers = view.getUint8(at + 1);
    const offset = view.getInt16(at + 2, true);
    const base = { opcode, dst: registers & 15, src: registers >> 4, offset };
    if (opcode !== LD_IMM64) {
      slots.push(instruction({ ...base, imm: view.getInt32(at + 4, true) }));
      continue;
    }
    if (at + 2 * SLOT_BYTES > bytes.length) throw new RangeError('The bytes end within a 64-bit load');
    const imm64 = BigInt(view.getUint32(at + 4, true)) | (BigInt(view.getUint32(at + 12, true)) << 32n);
    slots.push(instruction({ ...base, imm64 }), undefined);
    at += SLOT_BYTES;
  }
  return slots;
}
