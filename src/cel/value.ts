/**
 * The values of expressions. An int is a `bigint`, a double a `number`, bytes are a `Uint8Array`; bool, string and null
 * are themselves; the others have classes. Errors are values too: nothing is thrown while an expression is evaluated.
 */
export type CelValue =
  | bigint
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | Uint
  | Timestamp
  | Duration
  | ListValue
  | MapValue
  | Optional
  | TypeValue
  | ObjectValue
  | CelError;

/** An unsigned integer of 64 bits; whoever makes one checks its range. */
export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** A point in time with nanoseconds, between the years 1 and 9999. */
export class Timestamp {
  /** Since 1970, rounded down. */
  readonly seconds: bigint;
  /** 0 to 999,999,999. */
  readonly nanos: number;
  /** The zone it was written in, in seconds east of UTC; only its text shows it. */
  readonly offset: number;

  constructor(seconds: bigint, nanos: number, offset = 0) {
    this.seconds = seconds;
    this.nanos = nanos;
    this.offset = offset;
  }
}

/** A span of time, in nanoseconds of an int64. */
export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** What `type(x)` gives: a type by its name, without parameters. */
export class TypeValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Why an evaluation has no value. Operators absorb it or hand it on. */
export class CelError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** A value that may be missing. */
export class Optional {
  /** Undefined for none. */
  readonly value: CelValue | undefined;

  private constructor(value: CelValue | undefined) {
    this.value = value;
  }

  static readonly none: Optional = new Optional(undefined);

  static of(value: CelValue): Optional {
    return new Optional(value);
  }
}

/** A list; elements may be made when they are asked for. */
export abstract class ListValue {
  abstract readonly size: number;

  /** It was made by a schema, and is not compared with what is no list. */
  get hasSchema(): boolean {
    return false;
  }

  /** The element at an index from 0 to `size - 1`. */
  abstract get(index: number): CelValue;

  /** A list with a meaning of equality of its own (sets, keyed lists) says here what it is. Undefined: elementwise. */
  equals(_other: ListValue): boolean | CelError | undefined {
    return undefined;
  }

  /** Likewise for `+`. Undefined: one after the other. */
  concat(_other: ListValue): ListValue | CelError | undefined {
    return undefined;
  }

  *[Symbol.iterator](): Iterator<CelValue> {
    for (let i = 0; i < this.size; i++) yield this.get(i);
  }
}

/** A list of values that are there. */
export class ArrayList extends ListValue {
  readonly elements: readonly CelValue[];

  constructor(elements: readonly CelValue[]) {
    super();
    this.elements = elements;
  }

  get size(): number {
    return this.elements.length;
  }

  get(index: number): CelValue {
    return this.elements[index]!;
  }
}

/** A map, or an object of a schema; values may be made when they are asked for. */
export abstract class MapValue {
  abstract readonly size: number;

  /** It was made by a schema, and is not compared with what is no map. */
  get hasSchema(): boolean {
    return false;
  }

  /** The value of a key; undefined when there is none. Keys are equal as numbers are, whatever their type. */
  abstract find(key: CelValue): CelValue | undefined;

  /** In the order of insertion. */
  abstract keys(): Iterable<CelValue>;
}

/** A map of values that are there. Keys are bool, int, uint or string; others can be listed, and found if simple. */
export class EntryMap extends MapValue {
  readonly #entries = new Map<CelValue, { readonly key: CelValue; readonly value: CelValue }>();

  /** Of equal keys the last counts. */
  constructor(entries: Iterable<readonly [CelValue, CelValue]>) {
    super();
    for (const [key, value] of entries) this.#entries.set(mapKey(key) ?? key, { key, value });
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: CelValue): CelValue | undefined {
    return this.#entries.get(mapKey(key) ?? key)?.value;
  }

  *keys(): Iterable<CelValue> {
    for (const { key } of this.#entries.values()) yield key;
  }
}

/** What a JavaScript Map can look a key up by; undefined for what can be no key. Whole doubles find integers. */
export function mapKey(key: CelValue): string | bigint | boolean | undefined {
  if (typeof key === 'string' || typeof key === 'bigint' || typeof key === 'boolean') return key;
  if (key instanceof Uint) return key.value;
  return typeof key === 'number' && Number.isInteger(key) ? BigInt(key) : undefined;
}

/** A value of a type that only functions know, such as a quantity or an authorizer. */
export abstract class ObjectValue {
  /** What `type(x)` gives. */
  abstract readonly type: TypeValue;

  /** Equality with any value; many types refuse to be compared with others. */
  abstract equals(other: CelValue): boolean | CelError;

  /** For costs; undefined counts as 1. */
  size(): number | undefined {
    return undefined;
  }

  /** Fields can be asked for. */
  get hasFields(): boolean {
    return false;
  }

  /** A field; undefined when it is not set. Types without fields give none. */
  field(_name: string): CelValue | undefined {
    return undefined;
  }

  /** For optional.ofNonZeroValue. */
  isZero(): boolean {
    return false;
  }
}

/** The error of an operand or argument of a type that has no meaning there. */
export function noSuchOverload(): CelError {
  return new CelError('no such overload');
}
