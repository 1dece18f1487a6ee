// The parts of an opcode: a class in the lowest three bits, and what that class makes of the other five.

/** The class of an instruction: the lowest three bits of its opcode. */
export const CLASS = { ld: 0, ldx: 1, st: 2, stx: 3, alu32: 4, jump: 5, jump32: 6, alu64: 7 } as const;

/** The second operand is a register, not the immediate. */
export const SOURCE_REGISTER = 0x08;

/** Arithmetic, in the upper four bits. */
export const ALU = {
  add: 0x00,
  sub: 0x10,
  mul: 0x20,
  div: 0x30,
  or: 0x40,
  and: 0x50,
  lsh: 0x60,
  rsh: 0x70,
  neg: 0x80,
  mod: 0x90,
  xor: 0xa0,
  mov: 0xb0,
  arsh: 0xc0,
  end: 0xd0,
} as const;

/** Jumps, in the upper four bits. */
export const JUMP = {
  ja: 0x00,
  jeq: 0x10,
  jgt: 0x20,
  jge: 0x30,
  jset: 0x40,
  jne: 0x50,
  jsgt: 0x60,
  jsge: 0x70,
  call: 0x80,
  exit: 0x90,
  jlt: 0xa0,
  jle: 0xb0,
  jslt: 0xc0,
  jsle: 0xd0,
  /** Leaves a loop when the kernel finds that it has run long enough. */
  mayGoto: 0xe0,
} as const;

/** How memory is meant, in the upper three bits of loads and stores. */
export const MODE = { imm: 0x00, abs: 0x20, ind: 0x40, mem: 0x60, memsx: 0x80, atomic: 0xc0 } as const;

/** How many bytes a load or store moves, in bits three and four. */
export const SIZE = { u32: 0x00, u16: 0x08, u8: 0x10, u64: 0x18 } as const;

/** What an atomic instruction does; it stands in the immediate. */
export const ATOMIC = {
  add: 0x00,
  or: 0x40,
  and: 0x50,
  xor: 0xa0,
  /** Also gives the old value. */
  fetch: 0x01,
  exchange: 0xe1,
  compareExchange: 0xf1,
} as const;

/** What `src` of a 64-bit load of a constant says of the constant. */
export const PSEUDO = {
  /** A map's file descriptor. */
  mapFd: 1,
  /** A map's file descriptor, and an offset into its only value. */
  mapValue: 2,
  /** A variable of the kernel, by its id in the kernel's BTF. */
  btfId: 3,
  /** A function of this program, as an argument of helpers that call back. */
  func: 4,
} as const;

/** What `src` of a call says of the immediate. */
export const CALL = { helper: 0, local: 1, kfunc: 2 } as const;

/** The opcode of the 64-bit load of a constant, the only instruction of two slots. */
export const LD_IMM64 = CLASS.ld | MODE.imm | SIZE.u64;
