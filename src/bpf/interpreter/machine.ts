import { type Assembled, assemble } from '../asm/assemble.ts';
import { type HelperName, helperName } from '../asm/helpers.ts';
import type { Instruction } from '../asm/instruction.ts';
import { CALL, CLASS, JUMP, LD_IMM64, MODE, PSEUDO } from '../asm/opcode.ts';
import { sourceLine } from '../asm/source.ts';
import type { MapSpec } from '../spec/map-spec.ts';
import type { ProgramSpec } from '../spec/program-spec.ts';
import { compute, holds } from './arithmetic.ts';
import { atomic } from './atomic.ts';
import { Context, packetContext } from './context.ts';
import { InterpreterFault } from './fault.ts';
import { helpers } from './helpers/index.ts';
import { ByteRegion, Memory, type Region, STACK_BYTES, StackRegion } from './memory.ts';
import { memoryMap } from './maps/index.ts';
import type { MemoryMap } from './maps/memory-map.ts';
import { Packet } from './packet.ts';
import type { World } from './world.ts';

const SIZES = [4, 2, 1, 8];
const HIGHEST_DEPTH = 8;
const TAIL_CALLS = 33;
/** Far beyond what the verifier allows: only a loop without end comes there. */
const HIGHEST_STEPS = 4_000_000;

/** What a program did with a packet or a context. */
export interface InterpretedRun {
  /** Its result as a number without sign, of 32 bits. */
  readonly result: number;
  readonly data: Uint8Array;
  readonly context: Uint8Array;
  /** Where it sent the packet, if it asked for that. */
  readonly redirect: Redirect | undefined;
  /** What the call would end with at which a program of a cgroup is run, by `set_retval`. */
  readonly retval: number;
  /** How many instructions it took. */
  readonly steps: number;
}

/** Where a packet is sent. */
export interface Redirect {
  readonly by: HelperName;
  readonly ifindex: number;
  readonly flags: number;
  /** The next hop that the program gave to `redirect_neigh`. */
  readonly nextHop?: Uint8Array;
}

interface Frame {
  readonly returnTo: number;
  readonly saved: readonly bigint[];
}

/** The maps of an interpreter, by name, made when they are first asked for. */
export class MemoryMaps {
  readonly #maps = new Map<string, MemoryMap>();

  /** The map of that spec. */
  get<K, V>(spec: MapSpec<K, V>): MemoryMap<K, V> {
    let map = this.#maps.get(spec.name);
    if (map === undefined) {
      map = memoryMap(spec) as MemoryMap;
      this.#maps.set(spec.name, map);
    }
    return map as unknown as MemoryMap<K, V>;
  }
}

/** The address of a map, for helpers; programs can neither read nor write it. */
export class MapRegion implements Region {
  readonly map: MemoryMap;
  readonly name: string;

  constructor(map: MemoryMap) {
    this.map = map;
    this.name = `map ${map.spec.name}`;
  }

  load(): bigint {
    throw new InterpreterFault(`reads ${this.name} itself`);
  }

  store(): void {
    throw new InterpreterFault(`writes to ${this.name} itself`);
  }

  slice(): Uint8Array {
    throw new InterpreterFault(`gives ${this.name} itself to a helper that wants bytes`);
  }
}

const assembled = new WeakMap<ProgramSpec, Assembled>();

function assembledOf(spec: ProgramSpec): Assembled {
  let program = assembled.get(spec);
  if (program === undefined) {
    program = assemble(spec.name, spec.code);
    assembled.set(spec, program);
  }
  return program;
}

/** One run of a program: registers, memory, and what helpers need to know. */
export class Machine {
  readonly memory = new Memory();
  readonly registers = new BigUint64Array(11);
  readonly world: World;
  readonly packet: Packet | undefined;
  readonly context: Context;
  readonly maps: MemoryMaps;
  redirect: Redirect | undefined;
  /** What the call ends with at which a program of a cgroup is run: zero, or an error's negative number. */
  retval = 0;
  /** The hash of an skb, once it is known. */
  hash = 0;
  spec: ProgramSpec;
  #program: Assembled;
  #slot = 0;
  #steps = 0;
  #tailCalls = 0;
  readonly #frames: Frame[] = [];

  constructor(
    spec: ProgramSpec,
    maps: MemoryMaps,
    world: World,
    input: { data?: Uint8Array | undefined; context?: Uint8Array | undefined },
  ) {
    this.spec = spec;
    this.#program = assembledOf(spec);
    this.maps = maps;
    this.world = world;
    this.packet = input.data && new Packet(this.memory, input.data);
    const context = input.context?.slice() ?? packetContext(spec.type, input.data ?? new Uint8Array(0));
    this.context = new Context(spec.type, context, this.packet);
    this.registers[1] = this.memory.add(this.context);
  }

  /** Runs to the end. */
  run(): InterpretedRun {
    try {
      this.registers[10] = this.#newStack();
      while (this.#step()) if (++this.#steps > HIGHEST_STEPS) throw new InterpreterFault('does not end');
    } catch (error) {
      throw error instanceof InterpreterFault ? this.#placed(error) : error;
    }
    return {
      result: Number(BigInt.asUintN(32, this.registers[0]!)),
      data: this.packet?.bytes.slice() ?? new Uint8Array(0),
      context: this.context.bytes,
      redirect: this.redirect,
      retval: this.retval,
      steps: this.#steps,
    };
  }

  /** The map that an address stands for. */
  mapAt(address: bigint): MemoryMap {
    const region = this.memory.regionAt(address);
    if (!(region instanceof MapRegion)) throw new InterpreterFault(`gives ${region.name} to a helper that wants a map`);
    return region.map;
  }

  /** The address of a map. */
  mapAddress(map: MemoryMap): bigint {
    return this.memory.addressOf(map, () => new MapRegion(map));
  }

  /** The address of a value that is in a map; the same as long as it is there. */
  valueAddress(map: MemoryMap, value: Uint8Array): bigint {
    const isWritable = !map.spec.flags.includes('rdonly_prog');
    return this.memory.addressOf(value, () => new ByteRegion(`a value of ${map.spec.name}`, value, isWritable));
  }

  /** Goes on with another program, in the same frame; false when that was done too often. */
  tailCall(spec: ProgramSpec): boolean {
    if (this.#tailCalls++ >= TAIL_CALLS) return false;
    this.spec = spec;
    this.#program = assembledOf(spec);
    this.#slot = -1;
    this.registers[1] = this.memory.addressOf(this.context, () => this.context);
    return true;
  }

  /** Runs a function of the program to its end, for helpers that call back. */
  callBack(slot: number, ...values: readonly bigint[]): bigint {
    const kept = this.registers.slice();
    const [from, depth] = [this.#slot, this.#frames.length];
    this.#enter(slot);
    for (const [i, value] of values.entries()) this.registers[i + 1] = value;
    while (this.#frames.length > depth) this.#step();
    const result = this.registers[0]!;
    this.registers.set(kept);
    this.#slot = from;
    return result;
  }

  #placed(error: InterpreterFault): InterpreterFault {
    const source = this.#program.slots[this.#slot]?.source;
    const place = { program: this.spec.name, slot: this.#slot, source: source && sourceLine(source) };
    return new InterpreterFault(error.message, place);
  }

  #newStack(): bigint {
    return this.memory.add(new StackRegion()) + BigInt(STACK_BYTES);
  }

  /** One instruction; false after the last. */
  #step(): boolean {
    const one = this.#program.slots[this.#slot];
    if (one === undefined) throw new InterpreterFault('runs beyond its end');
    switch (one.opcode & 7) {
      case CLASS.alu32:
      case CLASS.alu64:
        this.registers[one.dst] = compute(one, this.registers[one.dst]!, this.registers[one.src]!);
        break;
      case CLASS.ldx:
        this.#load(one);
        break;
      case CLASS.st:
        this.memory.store(this.#address(one, one.dst), SIZES[(one.opcode >> 3) & 3]!, BigInt(one.imm));
        break;
      case CLASS.stx:
        this.#store(one);
        break;
      case CLASS.ld:
        this.#loadConstant(one);
        break;
      default:
        return this.#jump(one);
    }
    this.#slot++;
    return true;
  }

  #address(one: Instruction, base: number): bigint {
    return BigInt.asUintN(64, this.registers[base]! + BigInt(one.offset));
  }

  #load(one: Instruction): void {
    const size = SIZES[(one.opcode >> 3) & 3]!;
    const value = this.memory.load(this.#address(one, one.src), size);
    const isSigned = (one.opcode & 0xe0) === MODE.memsx;
    this.registers[one.dst] = isSigned ? BigInt.asIntN(size * 8, value) : value;
  }

  #store(one: Instruction): void {
    const size = SIZES[(one.opcode >> 3) & 3]!;
    const address = this.#address(one, one.dst);
    if ((one.opcode & 0xe0) === MODE.atomic) atomic(this.memory, this.registers, one, address, size);
    else this.memory.store(address, size, this.registers[one.src]!);
  }

  #loadConstant(one: Instruction): void {
    if (one.opcode !== LD_IMM64)
      throw new InterpreterFault('loads from the packet in the old style, which is not interpreted');
    if (one.map !== undefined) this.registers[one.dst] = this.#mapConstant(one, one.map);
    else if (one.src === PSEUDO.func) this.registers[one.dst] = BigInt(this.#slot + 1) + BigInt.asIntN(32, one.imm64!);
    else if (one.src === 0) this.registers[one.dst] = one.imm64!;
    else throw new InterpreterFault('loads the address of something in the kernel');
    this.#slot++;
  }

  #mapConstant(one: Instruction, name: string): bigint {
    const spec = this.spec.maps?.find((map) => map.name === name);
    if (spec === undefined) throw new InterpreterFault(`refers to map ${name}, which its spec does not have`);
    const map = this.maps.get(spec);
    if (one.src === PSEUDO.mapFd) return this.mapAddress(map);
    const value = map.lookup(new Uint8Array(4));
    if (value === undefined) throw new InterpreterFault(`takes the address of a value of ${name}, which is no array`);
    return this.valueAddress(map, value) + (one.imm64! >> 32n);
  }

  #jump(one: Instruction): boolean {
    const operation = one.opcode & 0xf0;
    if (operation === JUMP.exit) return this.#return();
    if (operation === JUMP.call) return this.#call(one);
    if (operation === JUMP.ja) this.#slot += (one.opcode & 7) === CLASS.jump32 ? one.imm : one.offset;
    // a loop is never told to end early here: it must end by itself
    else if (operation !== JUMP.mayGoto && holds(one, this.registers[one.dst]!, this.registers[one.src]!))
      this.#slot += one.offset;
    this.#slot++;
    return true;
  }

  #call(one: Instruction): boolean {
    if (one.src === CALL.local) {
      this.#enter(this.#slot + 1 + one.imm);
      return true;
    }
    const name = one.src === CALL.helper ? helperName(one.imm) : undefined;
    const helper = name && helpers[name];
    if (helper === undefined)
      throw new InterpreterFault(
        `calls ${name ?? one.kfunc ?? `helper ${one.imm}`}, which the interpreter does not have`,
      );
    const [, a1, a2, a3, a4, a5] = this.registers;
    this.registers[0] = helper(this, a1!, a2!, a3!, a4!, a5!);
    this.#slot++;
    return true;
  }

  #enter(slot: number): void {
    if (this.#frames.length + 1 >= HIGHEST_DEPTH) throw new InterpreterFault(`calls functions ${HIGHEST_DEPTH} deep`);
    this.#frames.push({ returnTo: this.#slot + 1, saved: [...this.registers.subarray(6, 11)] });
    this.registers[10] = this.#newStack();
    this.#slot = slot;
  }

  #return(): boolean {
    const frame = this.#frames.pop();
    if (frame === undefined) return false;
    this.memory.remove(this.registers[10]! - BigInt(STACK_BYTES));
    this.registers.set(frame.saved, 6);
    this.#slot = frame.returnTo;
    return true;
  }
}
