import { callerPosition } from '../asm/source.ts';
import type { HelperName } from '../asm/helpers.ts';
import { SkBuff, XdpMd } from '../layout/contexts.ts';
import type { ScalarName } from '../layout/scalar.ts';
import type { Struct } from '../layout/struct.ts';
import type { MapSpec } from '../spec/map-spec.ts';
import { type ProgramSpec, programSpec } from '../spec/program-spec.ts';
import type { ProgramType } from '../spec/program-types.ts';
import { allocate } from './allocate.ts';
import type { Source, Step, Virtual } from './ir.ts';
import { withoutDead } from './liveness.ts';
import { lower } from './lower.ts';
import { PacketView } from './packet.ts';
import { type Condition, type Emitter, type Given, type Like, operandOf, opposite, Value } from './value.ts';
import { type FieldName, type Located, type NumberField, View } from './view.ts';

/** Helpers after which the packet is elsewhere. */
const MOVES_PACKET: readonly HelperName[] = [
  'xdp_adjust_head',
  'xdp_adjust_tail',
  'xdp_adjust_meta',
  'skb_adjust_room',
  'skb_change_head',
  'skb_change_tail',
  'skb_change_proto',
  'skb_pull_data',
  'skb_store_bytes',
  'l3_csum_replace',
  'l4_csum_replace',
  'skb_vlan_push',
  'skb_vlan_pop',
];
const STACK_BYTES = 512;

/** An argument of a helper: a value, a number, an address. */
export type Argument = Value | Located | MapSpec | number;

/**
 * Writes a program as its author thinks it: values with types, memory with names, `if` and `while`. What it is given is turned
 * into steps at once; registers are given out at the end.
 */
export class Builder implements Emitter {
  readonly #type: ProgramType;
  readonly #maps = new Map<string, MapSpec>();
  #steps: Step[] = [];
  /** Blocks that end the program, behind everything else: the way of most packets has no jumps. */
  readonly #cold: Step[][] = [];
  readonly #endings = new Map<number, string>();
  #virtuals = 0;
  #labels = 0;
  #stackBytes = 0;
  #context: Value<'u64'> | undefined;
  /** Counts how often the packet's bounds changed. */
  packetEpoch = 0;

  constructor(type: ProgramType) {
    this.#type = type;
  }

  emit(step: Step): void {
    this.#steps.push({ ...step, source: callerPosition() });
  }

  fresh(): Virtual {
    return this.#virtuals++;
  }

  /** The program's context, as its layout has it. */
  context<F>(struct: Struct<F>): View<F> {
    this.#context ??= this.#parameter();
    return new View(this, struct, this.#context.virtual, 0);
  }

  /** The packet, from its Ethernet header on. */
  packet(): PacketView {
    const isXdp = this.#type === 'xdp';
    const context = isXdp ? this.context(XdpMd) : this.context(SkBuff);
    const [data, end] = (['data', 'dataEnd'] as const).map((field) =>
      (context as View<typeof XdpMd.fields>).get(field),
    );
    return new PacketView(this, data!.as('u64'), end!.as('u64'), this.packetEpoch);
  }

  /** A value of a constant, where a number does not do. */
  constant<N extends ScalarName>(name: N, value: number | bigint): Value<N> {
    const dst = this.fresh();
    if (typeof value === 'bigint') this.emit({ kind: 'constant', dst, value });
    else this.emit({ kind: 'move', dst, from: operandOf(name, value), wide: false });
    return new Value(this, name, dst);
  }

  /** A value that can be given others later (`assign`). */
  variable<N extends ScalarName>(value: Value<N>): Value<N> {
    const dst = this.fresh();
    this.emit({ kind: 'move', dst, from: { virtual: value.virtual }, wide: true });
    return new Value(this, value.name, dst);
  }

  /** Memory on the stack, zeros but for the fields that are given: also its gaps, since maps compare them. */
  stack<F>(struct: Struct<F>, values: { readonly [K in NumberField<F>]?: Given<Like<FieldName<F, K>>> } = {}): View<F> {
    const size = (struct.size + 7) & ~7;
    this.#stackBytes += size;
    if (this.#stackBytes > STACK_BYTES)
      throw new RangeError(`The stack has ${STACK_BYTES} bytes, not ${this.#stackBytes}`);
    const offset = -this.#stackBytes;
    const view = new View<F>(this, struct, 'stack', offset);
    const covered = coveredBytes(struct as unknown as Struct, Object.keys(values));
    for (let at = 0; at < size; at += 8)
      if (!isCovered(covered, at, Math.min(struct.size, at + 8)))
        this.emit({ kind: 'store', base: 'stack', place: { offset: offset + at, size: 'u64' }, value: 0 });
    return view.fill(values as never);
  }

  /** Calls a helper; what it gives is a number of 64 bits. */
  call(helper: HelperName, ...args: readonly Argument[]): Value<'u64'> {
    const sources = args.map((arg) => this.#argument(arg));
    const dst = this.fresh();
    this.emit({ kind: 'call', dst, helper, args: sources });
    if (MOVES_PACKET.includes(helper)) this.packetEpoch++;
    return new Value(this, 'u64', dst);
  }

  /** The value of a key in a map; where there is none, does something that ends the program. */
  lookup<F>(map: MapSpec, key: Located, value: Struct<F>, missing: () => void): View<F> {
    const found = this.call('map_lookup_elem', map, key);
    this.if(found.eq(0), missing);
    return new View(this, value, found.virtual, 0);
  }

  /** The map of a key in a map of maps, as `lookupIn` takes it. */
  lookupMap(map: MapSpec, key: Located, missing: () => void): Value<'u64'> {
    const found = this.call('map_lookup_elem', map, key);
    this.if(found.eq(0), missing);
    return found;
  }

  /** Memory of a form at an address; the verifier checks that it is there. */
  view<F>(address: Value<'u64'>, struct: Struct<F>, offset = 0): View<F> {
    return new View(this, struct, address.virtual, offset);
  }

  /** Does something if a condition holds, and perhaps something else if not. */
  if(condition: Condition, then: () => void, otherwise?: () => void): void {
    const block = this.#block(then);
    if (endsProgram(block) && otherwise === undefined) return this.#jump(condition, this.#outside(block));
    const [elseLabel, end] = [this.#label('else'), this.#label('end')];
    this.#jumpUnless(condition, otherwise ? elseLabel : end);
    this.#steps.push(...block);
    if (otherwise) {
      this.emit({ kind: 'goto', target: end });
      this.emit({ kind: 'label', name: elseLabel });
      this.#steps.push(...this.#block(otherwise));
    }
    this.emit({ kind: 'label', name: end });
  }

  /** Repeats something as long as a condition holds; the verifier must see that it ends. */
  while(condition: () => Condition, body: () => void): void {
    const [again, end] = [this.#label('again'), this.#label('end')];
    this.emit({ kind: 'label', name: again });
    this.#jumpUnless(condition(), end);
    body();
    this.emit({ kind: 'goto', target: again });
    this.emit({ kind: 'label', name: end });
  }

  /** Ends the program with a result. */
  return(value: Given<'u32'> | Value<'u64'>): void {
    this.emit({ kind: 'return', value: typeof value === 'number' ? value : { virtual: value.virtual } });
  }

  /** The program that was written. */
  finish(name: string, options: Omit<ProgramSpec, 'name' | 'type' | 'code' | 'maps'>): ProgramSpec {
    const steps = withoutDead([...this.#steps, ...this.#cold.flat()]);
    const allocation = allocate(steps, this.#stackBytes, () => this.fresh());
    if (allocation.stackBytes > STACK_BYTES)
      throw new RangeError(`Program ${name} needs ${allocation.stackBytes} bytes of stack`);
    return programSpec({ ...options, name, type: this.#type, code: lower(allocation), maps: [...this.#maps.values()] });
  }

  #parameter(): Value<'u64'> {
    const dst = this.fresh();
    // at the very start, wherever it is first asked for
    this.#first({ kind: 'parameter', dst, index: 0 });
    return new Value(this, 'u64', dst);
  }

  #first(step: Step): void {
    this.#prologue.push({ ...step, source: callerPosition() });
  }

  readonly #prologue: Step[] = [];

  #argument(arg: Argument): Source {
    if (typeof arg === 'number') return arg;
    if (arg instanceof Value) return { virtual: arg.virtual };
    if ('base' in arg && arg.base !== 'stack' && arg.offset === 0) return { virtual: arg.base };
    const dst = this.fresh();
    if (!('base' in arg)) {
      this.#maps.set(arg.name, arg);
      this.emit({ kind: 'map', dst, map: arg.name });
    } else if (arg.base === 'stack') this.emit({ kind: 'stack', dst, offset: arg.offset });
    else this.emit({ kind: 'arithmetic', dst, operation: 'add', left: arg.base, right: arg.offset, wide: true });
    return { virtual: dst };
  }

  /** The steps that something writes, apart from the others. */
  #block(write: () => void): Step[] {
    const outer = this.#steps;
    this.#steps = [];
    write();
    const block = this.#steps;
    this.#steps = outer;
    return block;
  }

  /** The label of a block that ends the program; those that only return a constant are shared. */
  #outside(block: Step[]): string {
    const [only] = block;
    const constant =
      block.length === 1 && only?.kind === 'return' && typeof only.value === 'number' ? only.value : undefined;
    const known = constant === undefined ? undefined : this.#endings.get(constant);
    if (known !== undefined) return known;
    const name = this.#label('out');
    if (constant !== undefined) this.#endings.set(constant, name);
    this.#cold.push([{ kind: 'label', name }, ...block]);
    return name;
  }

  #jump({ left, comparison, right, wide }: Condition, target: string): void {
    this.emit({ kind: 'jump', left, comparison, right, wide, target });
  }

  #jumpUnless(condition: Condition, target: string): void {
    const not = opposite(condition);
    if (not) return this.#jump(not, target);
    const inside = this.#label('then');
    this.#jump(condition, inside);
    this.emit({ kind: 'goto', target });
    this.emit({ kind: 'label', name: inside });
  }

  #label(name: string): string {
    return `${name}${++this.#labels}`;
  }

  /** What stands before everything else. */
  prologue(): void {
    this.#steps.unshift(...this.#prologue);
  }
}

function endsProgram(block: readonly Step[]): boolean {
  const last = block.at(-1)?.kind;
  return last === 'return';
}

/** Which bytes of a struct are written by fields. */
function coveredBytes(struct: Struct, fields: readonly string[]): Set<number> {
  const covered = new Set<number>();
  const { offsets, fields: layouts } = struct;
  for (const field of fields) for (let i = 0; i < layouts[field]!.size; i++) covered.add(offsets[field]! + i);
  return covered;
}

function isCovered(covered: ReadonlySet<number>, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!covered.has(at)) return false;
  return true;
}

/** What a program is besides its steps. */
export interface BuildOptions extends Omit<ProgramSpec, 'code' | 'maps'> {}

/**
 * Builds a program: `write` is called once, and says what the program does. It must end the program on every way.
 *
 * @throws TypeError what is written cannot be right: a packet from before its bounds changed, a header beyond what was required.
 */
export function build({ name, type, ...options }: BuildOptions, write: (b: Builder) => void): ProgramSpec {
  const builder = new Builder(type);
  write(builder);
  builder.prologue();
  return builder.finish(name, options);
}
