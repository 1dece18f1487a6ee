import * as asm from './index.ts';
import type { Instruction } from './instruction.ts';
import type { Register } from './register.ts';

type Named = Readonly<Record<string, (dst: Register, operand: asm.Operand) => Instruction>>;

const { mov, add, sub, mul, div, mod, sdiv, smod, or, and, xor, lsh, rsh, arsh } = asm;
const { mov32, add32, sub32, mul32, div32, mod32, sdiv32, smod32, or32, and32, xor32, lsh32, rsh32, arsh32 } = asm;
const WIDE: Named = { mov, add, sub, mul, div, mod, sdiv, smod, or, and, xor };
const NARROW: Named = { mov32, add32, sub32, mul32, div32, mod32, sdiv32, smod32, or32, and32, xor32 };
const SHIFTS: Named = { lsh, rsh, arsh, lsh32, rsh32, arsh32 };

const { jeq, jne, jgt, jge, jlt, jle, jsgt, jsge, jslt, jsle, jset } = asm;
const { jeq32, jne32, jgt32, jge32, jlt32, jle32, jsgt32, jsge32, jslt32, jsle32, jset32 } = asm;
const JUMPS = [jeq, jne, jgt, jge, jlt, jle, jsgt, jsge, jslt, jsle, jset];
const JUMPS32 = [jeq32, jne32, jgt32, jge32, jlt32, jle32, jsgt32, jsge32, jslt32, jsle32, jset32];

const CONSTANTS = [0, 1, -1, 0x7f, -0x80, 0x7fff_ffff, -0x8000_0000];
const OFFSETS = [0, 4, -8, 0x7ff8, -0x8000];

/**
 * Every form of instruction with the operands at which encodings break, for comparison with another assembler. Jumps have
 * their distance already: a corpus has no labels.
 */
export function corpus(): Instruction[] {
  return [...arithmetic(), ...memory(), ...atomics(), ...jumps(), ...rest()].map(({ source: _, ...one }) => one);
}

function arithmetic(): Instruction[] {
  const all = Object.values({ ...WIDE, ...NARROW });
  const shifts = Object.values(SHIFTS);
  return [
    ...all.flatMap((make) => [make(asm.r1, asm.r2), make(asm.r9, asm.r0)]),
    ...all.flatMap((make) => CONSTANTS.filter((value) => value !== 0).map((value) => make(asm.r3, value))),
    ...shifts.flatMap((make) => [make(asm.r1, asm.r2), make(asm.r4, 1), make(asm.r5, 31)]),
    ...[asm.neg(asm.r1), asm.neg32(asm.r7), asm.mov(asm.r8, 0), asm.mov32(asm.r8, 0)],
    ...([8, 16, 32] as const).map((bits) => asm.movsx(asm.r1, asm.r2, bits)),
    ...([8, 16] as const).map((bits) => asm.movsx32(asm.r1, asm.r2, bits)),
    ...([16, 32, 64] as const).flatMap((bits) => [
      asm.toBig(asm.r1, bits),
      asm.toLittle(asm.r2, bits),
      asm.bswap(asm.r3, bits),
    ]),
  ];
}

function memory(): Instruction[] {
  const sizes = ['u8', 'u16', 'u32', 'u64'] as const;
  return sizes.flatMap((size) =>
    OFFSETS.flatMap((offset) => [
      asm.load(asm.r1, asm.r2, asm.at(offset, size)),
      asm.store(asm.r3, asm.at(offset, size), asm.r4),
      ...(size === 'u64' ? [] : [asm.loadSigned(asm.r5, asm.r6, asm.at(offset, size))]),
      ...[0x55, -1].map((value) => asm.storeImm(asm.r7, asm.at(offset, size), value)),
    ]),
  );
}

function atomics(): Instruction[] {
  return (['u32', 'u64'] as const).flatMap((size) =>
    [0, -16].flatMap((offset) => [
      ...(['add', 'or', 'and', 'xor'] as const).flatMap((operation) => [
        asm.atomic(operation, asm.r1, asm.at(offset, size), asm.r2),
        asm.atomicFetch(operation, asm.r1, asm.at(offset, size), asm.r2),
      ]),
      asm.exchange(asm.r8, asm.at(offset, size), asm.r9),
      asm.compareExchange(asm.r8, asm.at(offset, size), asm.r9),
    ]),
  );
}

function jumps(): Instruction[] {
  const distances = [0, 5, -2, 0x7fff, -0x8000];
  const near = (one: Instruction, offset: number): Instruction => ({ ...one, target: undefined, offset });
  return [
    ...[...JUMPS, ...JUMPS32].flatMap((make) => [
      ...distances.map((offset) => near(make(asm.r1, asm.r2, ''), offset)),
      ...CONSTANTS.filter((value) => value !== 0).map((value) => near(make(asm.r3, value, ''), 1)),
    ]),
    ...distances.map((offset) => near(asm.goto(''), offset)),
    ...[3, -3, 0x7fff].map((imm) => ({ ...asm.gotol(''), target: undefined, imm })),
    near(asm.mayGoto(''), 2),
  ];
}

function rest(): Instruction[] {
  return [
    ...[0n, 1n, 0x7fff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn, 0x8000_0000n].map((one) => asm.loadImm64(asm.r1, one)),
    ...(['u8', 'u16', 'u32'] as const).flatMap((size) => [asm.loadPacket(12, size), asm.loadPacketAt(asm.r3, 0, size)]),
    asm.call('map_lookup_elem'),
    asm.call('redirect_neigh'),
    { ...asm.callFunction(''), target: undefined, imm: 4 },
    asm.exit(),
  ];
}
