import type { ScalarName } from '../layout/scalar.ts';
import type { Arithmetic, Comparison, Source, Step, Virtual } from './ir.ts';

/** What values need of the builder that made them. */
export interface Emitter {
  emit(step: Step): void;
  fresh(): Virtual;
}

/** Scalars of the machine's order, with which one can calculate. */
export type HostName = Exclude<ScalarName, `be${string}`>;

/** A value or a number that stands for one; a number of the network's types means what it says, and is put into their order. */
export type Given<N extends ScalarName> = Value<N> | number;

/** A test of two values, for `if` and `while`. */
export interface Condition {
  readonly left: Virtual;
  readonly comparison: Comparison;
  readonly right: Source;
  readonly wide: boolean;
}

/** What may meet a type: scalars of the machine's order all others of it, those of the network only themselves. */
export type Like<N extends ScalarName> = N extends HostName ? HostName : N;

/** What a calculation gives: small numbers are calculated with as 32 bits, as in C. */
type Wider<N extends ScalarName> = N extends 'u64' | 'i64' | 'be16' | 'be32' | 'be64' ? N : 'u32';

/**
 * A number that a program will have. It has the type of where it comes from: values of the network's order are neither added to nor
 * compared with those of the machine, which TypeScript refuses, but converted by `toHost` before.
 */
export class Value<N extends ScalarName = ScalarName> {
  readonly name: N;
  readonly virtual: Virtual;
  readonly #emitter: Emitter;

  constructor(emitter: Emitter, name: N, virtual: Virtual) {
    this.#emitter = emitter;
    this.name = name;
    this.virtual = virtual;
  }

  add(this: Value<HostName>, right: Given<HostName>): Value<Wider<N>> {
    return this.#calculate('add', right);
  }
  sub(this: Value<HostName>, right: Given<HostName>): Value<Wider<N>> {
    return this.#calculate('sub', right);
  }
  mul(this: Value<HostName>, right: Given<HostName>): Value<Wider<N>> {
    return this.#calculate('mul', right);
  }
  /** The remainder; by zero, the value itself. */
  mod(this: Value<HostName>, right: Given<HostName>): Value<Wider<N>> {
    return this.#calculate('mod', right);
  }
  shl(this: Value<HostName>, right: Given<HostName>): Value<Wider<N>> {
    return this.#calculate('lsh', right);
  }
  shr(this: Value<HostName>, right: Given<HostName>): Value<Wider<N>> {
    return this.#calculate('rsh', right);
  }
  and(right: Given<Like<N>>): Value<Wider<N>> {
    return this.#calculate('and', right);
  }
  or(right: Given<Like<N>>): Value<Wider<N>> {
    return this.#calculate('or', right);
  }
  xor(right: Given<Like<N>>): Value<Wider<N>> {
    return this.#calculate('xor', right);
  }

  /** The 32 bits turned to the left. */
  rotate(this: Value<'u32'>, bits: number): Value<'u32'> {
    return this.shl(bits).or(this.shr(32 - bits));
  }

  eq(right: Given<Like<N>>): Condition {
    return this.#compare('eq', right);
  }
  ne(right: Given<Like<N>>): Condition {
    return this.#compare('ne', right);
  }
  gt(this: Value<HostName>, right: Given<HostName>): Condition {
    return this.#compare('gt', right);
  }
  ge(this: Value<HostName>, right: Given<HostName>): Condition {
    return this.#compare('ge', right);
  }
  lt(this: Value<HostName>, right: Given<HostName>): Condition {
    return this.#compare('lt', right);
  }
  le(this: Value<HostName>, right: Given<HostName>): Condition {
    return this.#compare('le', right);
  }
  /** Whether any of these bits is set. */
  has(bits: Given<Like<N>>): Condition {
    return this.#compare('set', bits);
  }

  /** The number in the machine's order. */
  toHost(): Value<N extends 'be16' ? 'u16' : N extends 'be32' ? 'u32' : N extends 'be64' ? 'u64' : N> {
    return this.#swapped(this.name.replace('be', 'u') as ScalarName) as never;
  }

  /** The number in the network's order. */
  toNetwork(): Value<N extends 'u16' ? 'be16' : N extends 'u32' ? 'be32' : N extends 'u64' ? 'be64' : N> {
    return this.#swapped(this.name.replace('u', 'be') as ScalarName) as never;
  }

  /**
   * The same bits by another type, for those who know what they do: checksums and hashes do not care for order. Of 64 bits the lower
   * 32 are taken; within these nothing is cut.
   */
  as<M extends ScalarName>(name: M): Value<M> {
    if (!isWide(this.name) || isWide(name)) return new Value(this.#emitter, name, this.virtual);
    const dst = this.#emitter.fresh();
    this.#emitter.emit({ kind: 'cut', dst, from: this.virtual });
    return new Value(this.#emitter, name, dst);
  }

  /** Gives a variable another value. */
  assign(value: Given<Like<N>>): void {
    this.#emitter.emit({ kind: 'move', dst: this.virtual, from: operandOf(this.name, value), wide: isWide(this.name) });
  }

  #swapped(name: ScalarName): Value {
    if (name === this.name) return this as unknown as Value;
    const dst = this.#emitter.fresh();
    const bits = Number(/\d+$/.exec(name)![0]) as 16 | 32 | 64;
    this.#emitter.emit({ kind: 'swap', dst, from: this.virtual, bits });
    return new Value(this.#emitter, name, dst);
  }

  // the methods above say which types may meet; here they are all numbers
  #calculate<M extends ScalarName>(operation: Arithmetic, right: Given<never> | Given<ScalarName>): Value<M> {
    const dst = this.#emitter.fresh();
    const wide = isWide(this.name) || (typeof right !== 'number' && isWide(right.name));
    const from = operandOf(this.name, right);
    this.#emitter.emit({ kind: 'arithmetic', dst, operation, left: this.virtual, right: from, wide });
    const name = wide ? 'u64' : this.name.startsWith('be') ? this.name : 'u32';
    return new Value(this.#emitter, name as ScalarName as M, dst);
  }

  #compare(comparison: Comparison, right: Given<never> | Given<ScalarName>): Condition {
    const from = operandOf(this.name, right);
    return { left: this.virtual, comparison, right: from, wide: isWide(this.name) };
  }
}

/** Whether a type has more than 32 bits. */
export function isWide(name: ScalarName): boolean {
  return name.endsWith('64');
}

/** A value's register, or the constant of a number in the order of its type. */
export function operandOf(name: ScalarName, given: Given<ScalarName>): Source {
  if (typeof given !== 'number') return { virtual: given.virtual };
  if (name === 'be16') return ((given & 0xff) << 8) | ((given >>> 8) & 0xff);
  if (isWide(name) && given !== (given | 0))
    throw new RangeError(`${given} must have 31 bits, or be made by constant()`);
  if (name !== 'be32') return given | 0;
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, given, false);
  return view.getInt32(0, true);
}

const OPPOSITE: Readonly<Record<Exclude<Comparison, 'set'>, Comparison>> = {
  eq: 'ne',
  ne: 'eq',
  gt: 'le',
  le: 'gt',
  ge: 'lt',
  lt: 'ge',
  sgt: 'sle',
  sle: 'sgt',
  sge: 'slt',
  slt: 'sge',
};

/** The condition that holds when this one does not; undefined for bits, of which the machine has no opposite. */
export function opposite(condition: Condition): Condition | undefined {
  if (condition.comparison === 'set') return undefined;
  return { ...condition, comparison: OPPOSITE[condition.comparison] };
}
