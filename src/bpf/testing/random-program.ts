import * as asm from '../asm/index.ts';
import { at, type Code, r0, r1, r10, r2, r3, r4, r5, r6, r7, r8, r9, type Register, type Size } from '../asm/index.ts';
import { SkBuff, XdpMd } from '../layout/contexts.ts';
import { u32 } from '../layout/scalar.ts';
import { bytes } from '../layout/sequence.ts';
import { mapSpec, type ProgramSpec } from '../spec/index.ts';
import type { Random } from './random.ts';

/** Bytes of the value that random programs read and write all over. */
export const VALUE_BYTES = 64;
/** An array of one value. */
export const fuzzArray = mapSpec({ name: 'fuzz_array', type: 'array', value: bytes(VALUE_BYTES), maxEntries: 1 });
/** A hash, from which elements come and go. */
export const fuzzHash = mapSpec({ name: 'fuzz_hash', type: 'hash', key: u32, value: bytes(16), maxEntries: 4 });

/** How much of the packet is known to be there. */
const PACKET_BYTES = 48;
const STACK = 64;
const SCALARS = [r0, r1, r2, r3, r4, r5, r8];
const SIZES: readonly Size[] = ['u8', 'u16', 'u32', 'u64'];
const BYTES = { u8: 1, u16: 2, u32: 4, u64: 8 } as const;

const WIDE = [asm.add, asm.sub, asm.mul, asm.or, asm.and, asm.xor, asm.mov, asm.div, asm.mod, asm.sdiv, asm.smod];
const NARROW = [
  ...[asm.add32, asm.sub32, asm.mul32, asm.or32, asm.and32, asm.xor32, asm.mov32],
  ...[asm.div32, asm.mod32, asm.sdiv32, asm.smod32],
];
const SHIFTS = [asm.lsh, asm.rsh, asm.arsh];
const SHIFTS32 = [asm.lsh32, asm.rsh32, asm.arsh32];
const DIVISIONS = new Set([asm.div, asm.mod, asm.sdiv, asm.smod, asm.div32, asm.mod32, asm.sdiv32, asm.smod32]);
const JUMPS = [
  ...[asm.jeq, asm.jne, asm.jgt, asm.jge, asm.jlt, asm.jle, asm.jsgt, asm.jsge, asm.jslt, asm.jsle, asm.jset],
  ...[asm.jeq32, asm.jne32, asm.jgt32, asm.jge32, asm.jlt32, asm.jle32, asm.jsgt32, asm.jsge32, asm.jslt32, asm.jsle32],
];

/**
 * A random program that the verifier takes: of all our instructions, with branches, loops, functions, maps and helpers, in any
 * order. r6 is the context, r7 the packet, r9 the array's value; all other registers always hold numbers.
 */
export function randomProgram(random: Random, type: 'xdp' | 'sched_cls'): ProgramSpec {
  return new Writer(random, type).program();
}

class Writer {
  readonly #random: Random;
  readonly #type: 'xdp' | 'sched_cls';
  #labels = 0;
  #branches = 0;

  constructor(random: Random, type: 'xdp' | 'sched_cls') {
    this.#random = random;
    this.#type = type;
  }

  program(): ProgramSpec {
    const body = this.#statements(8 + this.#random.below(24), 0);
    const code = [
      asm.mov(r6, r1),
      this.#fill(),
      asm.storeImm(r10, at(-72, 'u32'), 0),
      asm.loadMap(r1, fuzzArray),
      asm.mov(r2, r10),
      asm.add(r2, -72),
      asm.call('map_lookup_elem'),
      asm.jeq(r0, 0, 'out'),
      asm.mov(r9, r0),
      this.#packet(),
      SCALARS.map((register) => this.#scalar(register)),
      body,
      [r0, r2, r5, r8].map((register, i) => asm.store(r9, at(i * 8, 'u64'), register)),
      SCALARS.slice(1).map((register) => asm.xor(r0, register)),
      asm.exit(),
      asm.label('out'),
      asm.mov(r0, 99),
      asm.exit(),
      this.#functions.map((write) => write()),
    ];
    return { name: 'fuzz', type: this.#type, code, maps: [fuzzArray, fuzzHash] };
  }

  readonly #functions: (() => Code)[] = [];

  /** Writes all of the stack that statements use. */
  #fill(): Code {
    return Array.from({ length: STACK / 8 }, (_, i) =>
      asm.storeImm(r10, at(-8 * (i + 1), 'u64'), this.#random.constant()),
    );
  }

  /** r7 = the packet, again, with as much of it as is used. */
  #packet(): Code {
    const context = this.#type === 'xdp' ? XdpMd.at : SkBuff.at;
    return [
      asm.load(r7, r6, context.data),
      asm.load(r1, r6, context.dataEnd),
      asm.mov(r2, r7),
      asm.add(r2, PACKET_BYTES),
      asm.jgt(r2, r1, 'out'),
    ];
  }

  #scalar(register: Register): Code {
    const random = this.#random;
    switch (random.below(4)) {
      case 0:
        return asm.mov(register, random.constant());
      case 1:
        return asm.loadImm64(register, (BigInt(random.constant()) << 32n) | BigInt(random.bits()));
      case 2:
        return asm.load(register, r7, this.#place(random.of(SIZES), 0, PACKET_BYTES));
      default:
        return asm.load(register, r10, this.#place(random.of(SIZES), -STACK, 0));
    }
  }

  /** An aligned place within bounds. */
  #place(size: Size, from: number, to: number): asm.Place {
    const width = BYTES[size];
    return at(from + this.#random.below((to - from) / width) * width, size);
  }

  #statements(count: number, depth: number): Code {
    return Array.from({ length: count }, () => this.#statement(depth));
  }

  #statement(depth: number): Code {
    const kind = this.#random.below(100);
    if (kind < 45) return this.#arithmetic(this.#random.of(SCALARS));
    if (kind < 68) return this.#memory();
    if (kind < 74) return this.#atomic();
    if (kind < 84) return this.#branch(depth);
    if (kind < 87) return depth === 0 ? this.#loop() : this.#memory();
    if (kind < 90) return depth === 0 ? this.#function() : this.#memory();
    return this.#call();
  }

  #arithmetic(dst: Register, operands: readonly Register[] = SCALARS): Code {
    const random = this.#random;
    const src = random.of(operands);
    switch (random.below(8)) {
      case 0: {
        const [operations, bits] = random.chance(50) ? [SHIFTS, 64] : [SHIFTS32, 32];
        return random.of(operations)(dst, random.chance(50) ? src : random.below(bits));
      }
      case 1:
        return random.of([asm.toBig, asm.toLittle, asm.bswap])(dst, random.of([16, 32, 64] as const));
      case 2:
        if (random.chance(50)) return random.of([asm.neg, asm.neg32])(dst);
        if (random.chance(50)) return asm.movsx(dst, src, random.of([8, 16, 32] as const));
        return asm.movsx32(dst, src, random.of([8, 16] as const));
      default: {
        const operation = random.of(random.chance(50) ? WIDE : NARROW);
        if (random.chance(50)) return operation(dst, src);
        const constant = random.constant();
        return operation(dst, DIVISIONS.has(operation) && constant === 0 ? 3 : constant);
      }
    }
  }

  #memory(): Code {
    const random = this.#random;
    const size = random.of(SIZES);
    const [base, from, to] = random.of([
      [r7, 0, PACKET_BYTES],
      [r9, 0, VALUE_BYTES],
      [r10, -STACK, 0],
    ] as const);
    const place = this.#place(size, from, to);
    const register = random.of(SCALARS);
    switch (random.below(6)) {
      case 0:
        return size === 'u64' ? asm.load(register, base, place) : asm.loadSigned(register, base, place);
      case 1:
        return asm.storeImm(base, place, random.constant());
      case 2:
      case 3:
        return asm.store(base, place, register);
      case 4:
        return this.#indexed(register);
      default:
        return asm.load(register, base, place);
    }
  }

  /** The value at an index that only the run knows. */
  #indexed(register: Register): Code {
    const other = register === r5 ? r4 : r5;
    const size = this.#random.of(SIZES);
    return [
      asm.mov(other, register),
      asm.and(other, VALUE_BYTES / 2 - 8),
      asm.mov(register, r9),
      asm.add(register, other),
      asm.load(register, register, this.#place(size, 0, VALUE_BYTES / 2)),
    ];
  }

  #atomic(): Code {
    const random = this.#random;
    const size = random.of(['u32', 'u64'] as const);
    const [base, from, to] = random.of([
      [r9, 0, VALUE_BYTES],
      [r10, -STACK, 0],
    ] as const);
    const place = this.#place(size, from, to);
    const register = random.of(SCALARS);
    const operation = random.of(['add', 'or', 'and', 'xor'] as const);
    // Linux 6.18 takes what such an instruction read from the stack for a constant of another path, and leaves out branches that
    // are then taken: its verifier does not follow the value's precision through the slot. It is right in memory of maps.
    if (base === r10) return asm.atomic(operation, base, place, register);
    switch (random.below(4)) {
      case 0:
        return asm.exchange(base, place, register);
      case 1:
        return asm.compareExchange(base, place, register);
      case 2:
        return asm.atomicFetch(operation, base, place, register);
      default:
        return asm.atomic(operation, base, place, register);
    }
  }

  #branch(depth: number): Code {
    if (depth > 2 || this.#branches++ > 8) return this.#arithmetic(r3);
    const random = this.#random;
    const [skip, end] = [this.#label('else'), this.#label('end')];
    const operand = random.chance(50) ? random.of(SCALARS) : random.constant();
    const jump = random.of(JUMPS)(random.of(SCALARS), operand, skip);
    const inside = this.#statements(1 + random.below(4), depth + 1);
    if (random.chance(60)) return [jump, inside, asm.label(skip)];
    const other = this.#statements(1 + random.below(3), depth + 1);
    return [jump, inside, random.of([asm.goto, asm.gotol])(end), asm.label(skip), other, asm.label(end)];
  }

  #loop(): Code {
    const again = this.#label('again');
    const inside = Array.from({ length: 3 }, () => this.#arithmetic(this.#random.of([r0, r1, r2, r3])));
    return [asm.mov(r8, 2 + this.#random.below(5)), asm.label(again), inside, asm.sub(r8, 1), asm.jne(r8, 0, again)];
  }

  #function(): Code {
    const name = this.#label('fn');
    this.#functions.push(() => [
      asm.functionLabel(name, { parameters: 2 }),
      asm.mov(r0, r1),
      Array.from({ length: 4 }, () => this.#arithmetic(this.#random.of([r0, r1, r2]), [r0, r1, r2])),
      asm.store(r10, at(-8, 'u64'), r1),
      asm.load(r1, r10, this.#place(this.#random.of(SIZES), -8, 0)),
      asm.xor(r0, r1),
      asm.exit(),
    ]);
    return [asm.callFunction(name), this.#restore()];
  }

  /** Numbers for the registers that a call leaves without. */
  #restore(): Code {
    return [r1, r2, r3, r4, r5].map((register) => this.#scalar(register));
  }

  #call(): Code {
    const random = this.#random;
    const general = [this.#lookup, this.#update, this.#delete, this.#difference];
    const special = this.#type === 'xdp' ? [this.#resize] : [this.#layer3, this.#layer4, this.#bytes, this.#room];
    return random.of([...general, ...special]).call(this);
  }

  #key(register: Register): Code {
    const place = this.#place('u32', -STACK, 0);
    return [asm.storeImm(r10, place, this.#random.below(6)), asm.mov(register, r10), asm.add(register, place.offset)];
  }

  #stackBytes(register: Register, length: number): Code {
    const offset = -STACK + this.#random.below(Math.floor((STACK - length) / 8) + 1) * 8;
    return [asm.mov(register, r10), asm.add(register, offset)];
  }

  #lookup(): Code {
    const none = this.#label('none');
    const size = this.#random.of(SIZES);
    return [
      this.#key(r2),
      asm.loadMap(r1, fuzzHash),
      asm.call('map_lookup_elem'),
      asm.jeq(r0, 0, none),
      asm.load(r1, r0, this.#place(size, 0, 16)),
      asm.add(r1, this.#random.constant()),
      asm.store(r0, this.#place(size, 0, 16), r1),
      asm.mov(r0, r1),
      asm.label(none),
      this.#restore(),
    ];
  }

  #update(): Code {
    return [
      this.#key(r2),
      this.#stackBytes(r3, 16),
      asm.mov(r4, this.#random.below(4)),
      asm.loadMap(r1, fuzzHash),
      asm.call('map_update_elem'),
      this.#restore(),
    ];
  }

  #delete(): Code {
    return [this.#key(r2), asm.loadMap(r1, fuzzHash), asm.call('map_delete_elem'), this.#restore()];
  }

  #difference(): Code {
    const [from, to] = [this.#random.below(5) * 4, this.#random.below(5) * 4];
    return [
      asm.mov(r5, this.#random.of([r0, r3, r4, r8])),
      from === 0 ? asm.mov(r1, 0) : this.#stackBytes(r1, from),
      asm.mov(r2, from),
      to === 0 ? asm.mov(r3, 0) : this.#stackBytes(r3, to),
      asm.mov(r4, to),
      asm.call('csum_diff'),
      this.#restore(),
    ];
  }

  #resize(): Code {
    const random = this.#random;
    const helper = random.of(['xdp_adjust_head', 'xdp_adjust_tail'] as const);
    const delta = random.of([-20, -8, 4, 20, -40, 0, 300, -300, 4000]);
    return [asm.mov(r1, r6), asm.mov(r2, delta), asm.call(helper), this.#packet(), this.#restore()];
  }

  #layer3(): Code {
    return this.#checksum('l3_csum_replace', this.#random.of([0, 2, 4]));
  }

  #layer4(): Code {
    const flags = this.#random.of([0, 2, 4]) | this.#random.of([0, 0x10, 0x20, 0x60, 0x30]);
    return this.#checksum('l4_csum_replace', flags);
  }

  #checksum(helper: 'l3_csum_replace' | 'l4_csum_replace', flags: number): Code {
    const random = this.#random;
    const from = flags & 6 && random.chance(70) ? random.of([r0, r8, r4]) : 0;
    return [
      asm.mov(r3, from),
      asm.mov(r4, random.of([r4, r8])),
      asm.mov(r1, r6),
      asm.mov(r2, 14 + random.below(30)),
      asm.mov(r5, flags),
      asm.call(helper),
      this.#packet(),
      this.#restore(),
    ];
  }

  #bytes(): Code {
    const random = this.#random;
    const length = random.of([1, 2, 4, 8, 13, 16]);
    const isLoad = random.chance(50);
    return [
      asm.mov(r1, r6),
      asm.mov(r2, random.of([0, 5, 14, 30, 40, 60, 2000])),
      this.#stackBytes(r3, 16),
      asm.mov(r4, length),
      ...(isLoad ? [asm.call('skb_load_bytes')] : [asm.mov(r5, random.of([0, 1, 2])), asm.call('skb_store_bytes')]),
      this.#packet(),
      this.#restore(),
    ];
  }

  #room(): Code {
    const random = this.#random;
    return [
      asm.mov(r1, r6),
      asm.mov(r2, random.of([20, 8, 40, -8, -20, -40, 0, 5000])),
      asm.mov(r3, random.below(2)),
      asm.mov(r4, 0),
      asm.call('skb_adjust_room'),
      this.#packet(),
      this.#restore(),
    ];
  }

  #label(name: string): string {
    return `${name}${++this.#labels}`;
  }
}
