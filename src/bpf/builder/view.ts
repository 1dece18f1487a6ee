import type { Place, Size } from '../asm/memory.ts';
import type { Scalar, ScalarName } from '../layout/scalar.ts';
import type { FieldPlace, FieldRange, Fields, Struct } from '../layout/struct.ts';
import type { Base } from './ir.ts';
import { type Emitter, type Given, type Like, operandOf, Value } from './value.ts';

/** The names of fields that are numbers. */
export type NumberField<F> = { [K in keyof F]: F[K] extends Scalar ? K : never }[keyof F] & string;
/** The type of a field that is a number. */
export type FieldName<F, K extends keyof F> = F[K] extends Scalar<infer N> ? N : never;

/** Memory of any form, for what takes only its address. */
export interface Located {
  readonly base: Base;
  /** From the base, in bytes. */
  readonly offset: number;
  /** Where a field is, from the base. */
  range(field: string): FieldRange;
}

/** Memory that has the form of a struct: in a packet, on the stack, in a map. Fields are read when `get` is called. */
export class View<F = Fields> implements Located {
  readonly struct: Struct<F>;
  readonly base: Base;
  /** Where the struct begins, from the base. */
  readonly offset: number;
  readonly #emitter: Emitter;
  readonly #check: () => void;

  constructor(emitter: Emitter, struct: Struct<F>, base: Base, offset: number, check: () => void = () => {}) {
    this.#emitter = emitter;
    this.struct = struct;
    this.base = base;
    this.offset = offset;
    this.#check = check;
  }

  /** Loads a field. */
  get<K extends NumberField<F>>(field: K): Value<FieldName<F, K>> {
    this.#check();
    const dst = this.#emitter.fresh();
    const place = this.place(field);
    this.#emitter.emit({ kind: 'load', dst, base: this.base, place });
    return new Value(this.#emitter, place.scalar as FieldName<F, K>, dst);
  }

  /** Stores into a field. */
  set<K extends NumberField<F>>(field: K, value: Given<Like<FieldName<F, K>>>): void {
    this.#check();
    const place = this.place(field);
    const source = operandOf(place.scalar, value as Given<ScalarName>);
    this.#emitter.emit({ kind: 'store', base: this.base, place, value: source });
  }

  /** Adds to a field as one step, so that no other CPU's addition is lost. */
  increment<K extends NumberField<F>>(field: K, by: Value<FieldName<F, K>>): void {
    this.#check();
    const value = by.virtual;
    this.#emitter.emit({ kind: 'atomic', operation: 'add', base: this.base, place: this.place(field), value });
  }

  /** Stores into several fields. */
  fill(values: { readonly [K in NumberField<F>]?: Given<Like<FieldName<F, K>>> }): this {
    for (const [field, value] of Object.entries(values)) this.set(field as NumberField<F>, value as never);
    return this;
  }

  /** Loads four bytes of a field of bytes, counted in words from its start: a part of an IPv6 address. */
  word(field: keyof F & string, index: number): Value<'be32'> {
    this.#check();
    const dst = this.#emitter.fresh();
    this.#emitter.emit({ kind: 'load', dst, base: this.base, place: this.#wordPlace(field, index) });
    return new Value(this.#emitter, 'be32', dst);
  }

  /** Stores four bytes of a field of bytes. */
  setWord(field: keyof F & string, index: number, value: Given<'be32'>): void {
    this.#check();
    const place = this.#wordPlace(field, index);
    this.#emitter.emit({ kind: 'store', base: this.base, place, value: operandOf('be32', value) });
  }

  /** Copies a field of bytes from another view, in the largest pieces that its length and the stack allow. */
  copy(field: keyof F & string, from: Located, fromField: string): void {
    this.#check();
    const [to, start] = [this.range(field), from.range(fromField)];
    for (let done = 0; done < to.length; ) {
      const left = to.length - done;
      // the stack, alone of all memory, is read and written aligned
      const fits = (bytes: number): boolean =>
        left >= bytes &&
        (this.base !== 'stack' || (to.offset + done) % bytes === 0) &&
        (from.base !== 'stack' || (start.offset + done) % bytes === 0);
      const bytes = [8, 4, 2].find(fits) ?? 1;
      const size = `u${bytes * 8}` as Size;
      const dst = this.#emitter.fresh();
      this.#emitter.emit({ kind: 'load', dst, base: from.base, place: { offset: start.offset + done, size } });
      const place = { offset: to.offset + done, size };
      this.#emitter.emit({ kind: 'store', base: this.base, place, value: { virtual: dst } });
      done += bytes;
    }
  }

  /** Where a field is, from the base. */
  place(field: keyof F & string): FieldPlace {
    const place = (this.struct.at as Readonly<Record<string, FieldPlace>>)[field];
    if (place?.scalar === undefined) throw new TypeError(`${this.struct.name}.${field} is no number`);
    return { ...place, offset: place.offset + this.offset };
  }

  #wordPlace(field: string, index: number): Place {
    const { offset, length } = this.range(field);
    if (index * 4 + 4 > length) throw new TypeError(`${this.struct.name}.${field} has no word ${index}`);
    return { offset: offset + index * 4, size: 'u32' };
  }

  range(field: string): FieldRange {
    const offset = (this.struct.offsets as Readonly<Record<string, number>>)[field];
    if (offset === undefined) throw new TypeError(`${this.struct.name} has no field ${field}`);
    return { offset: offset + this.offset, length: (this.struct.fields as Fields)[field]!.size };
  }
}
