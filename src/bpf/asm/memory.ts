import { imm32, type Instruction } from './instruction.ts';
import { ATOMIC, CLASS, LD_IMM64, MODE, PSEUDO, SIZE } from './opcode.ts';
import type { Register } from './register.ts';
import { write } from './write.ts';

/** How many bytes of memory are meant, unsigned. */
export type Size = keyof typeof SIZE;

/** Where something is, from the address in a register; fields of a layout are such places. */
export interface Place {
  /** In bytes. */
  readonly offset: number;
  /** How much of memory. */
  readonly size: Size;
}

/** A place by its numbers, where no layout names it. */
export function at(offset: number, size: Size): Place {
  return { offset, size };
}

/** dst = what is at the place from `base`, extended by zeros. */
export function load(dst: Register, base: Register, { offset, size }: Place): Instruction {
  const opcode = CLASS.ldx | MODE.mem | SIZE[size];
  return write({ opcode, dst: dst.register, src: base.register, offset });
}

/** dst = what is at the place from `base`, extended by its sign (cpu v4). */
export function loadSigned(dst: Register, base: Register, { offset, size }: Place): Instruction {
  if (size === 'u64') throw new TypeError('Cannot load 64 bits extended by their sign: nothing is left to extend');
  const opcode = CLASS.ldx | MODE.memsx | SIZE[size];
  return write({ opcode, dst: dst.register, src: base.register, offset });
}

/** Writes the lowest bytes of `value` to the place from `base`. */
export function store(base: Register, { offset, size }: Place, value: Register): Instruction {
  const opcode = CLASS.stx | MODE.mem | SIZE[size];
  return write({ opcode, dst: base.register, src: value.register, offset });
}

/** Writes a constant to the place from `base`; one of 32 bits, extended by its sign. */
export function storeImm(base: Register, { offset, size }: Place, value: number): Instruction {
  return write({ opcode: CLASS.st | MODE.mem | SIZE[size], dst: base.register, offset, imm: imm32(value) });
}

/** What atomic instructions do to memory. */
export type AtomicOperation = 'add' | 'or' | 'and' | 'xor';

function atomicWord(base: Register, place: Place, value: Register, imm: number): Instruction {
  if (place.size !== 'u32' && place.size !== 'u64') throw new TypeError('Atomic places must be of 32 or 64 bits');
  const opcode = CLASS.stx | MODE.atomic | SIZE[place.size];
  return write({ opcode, dst: base.register, src: value.register, offset: place.offset, imm });
}

/** Changes memory by `value`, as one step. */
export function atomic(operation: AtomicOperation, base: Register, place: Place, value: Register): Instruction {
  return atomicWord(base, place, value, ATOMIC[operation]);
}

/** Changes memory by `value`, as one step; `value` becomes what was there before. */
export function atomicFetch(operation: AtomicOperation, base: Register, place: Place, value: Register): Instruction {
  return atomicWord(base, place, value, ATOMIC[operation] | ATOMIC.fetch);
}

/** Exchanges memory and `value`, as one step. */
export function exchange(base: Register, place: Place, value: Register): Instruction {
  return atomicWord(base, place, value, ATOMIC.exchange);
}

/** If memory is what r0 is, it becomes `value`; r0 becomes what was there before, either way. */
export function compareExchange(base: Register, place: Place, value: Register): Instruction {
  return atomicWord(base, place, value, ATOMIC.compareExchange);
}

/** dst = a constant of 64 bits. Takes two slots; `mov` is shorter where 31 bits are enough. */
export function loadImm64(dst: Register, value: bigint | number): Instruction {
  return write({ opcode: LD_IMM64, dst: dst.register, imm64: BigInt.asUintN(64, BigInt(value)) });
}

/** A name, or what has one: a map's spec. */
export type Named = string | { readonly name: string };

const nameOf = (named: Named): string => (typeof named === 'string' ? named : named.name);

/** dst = the map of that name, as helpers take it. */
export function loadMap(dst: Register, map: Named): Instruction {
  return write({ opcode: LD_IMM64, dst: dst.register, src: PSEUDO.mapFd, imm64: 0n, map: nameOf(map) });
}

/** dst = the address of the only value of an array map, or of `offset` bytes within. */
export function loadMapValue(dst: Register, map: Named, offset = 0): Instruction {
  const imm64 = BigInt(offset) << 32n;
  return write({ opcode: LD_IMM64, dst: dst.register, src: PSEUDO.mapValue, imm64, map: nameOf(map) });
}

/** dst = the address of a function of this program, for helpers that call back. */
export function loadFunction(dst: Register, target: string): Instruction {
  return write({ opcode: LD_IMM64, dst: dst.register, src: PSEUDO.func, imm64: 0n, target });
}

/** dst = the address of a variable of the kernel, by its id in the kernel's BTF. */
export function loadBtfId(dst: Register, id: number): Instruction {
  return write({ opcode: LD_IMM64, dst: dst.register, src: PSEUDO.btfId, imm64: BigInt(id) });
}

/** r0 = the packet's bytes at a constant offset, in the machine's order; ends the program where there are none. Old style. */
export function loadPacket(offset: number, size: 'u8' | 'u16' | 'u32'): Instruction {
  return write({ opcode: CLASS.ld | MODE.abs | SIZE[size], imm: imm32(offset) });
}

/** r0 = the packet's bytes at `index` + offset; as `loadPacket`. */
export function loadPacketAt(index: Register, offset: number, size: 'u8' | 'u16' | 'u32'): Instruction {
  return write({ opcode: CLASS.ld | MODE.ind | SIZE[size], src: index.register, imm: imm32(offset) });
}
