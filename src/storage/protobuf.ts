/**
 * What a field holds. `int` is an int64, uint64, int32 or enum that fits into a JavaScript number; `id` is an int64 of any
 * size; `key` is bytes as a string of one character a byte, which sorts as the bytes do.
 */
export type FieldType = 'int' | 'id' | 'bool' | 'bytes' | 'key' | 'string' | MessageType<object>;

/** One field of a message. */
export interface Field {
  readonly id: number;
  readonly name: string;
  readonly type: FieldType;
  readonly repeated: boolean;
}

/** A message as its fields, in the order of their numbers. */
export class MessageType<T extends object> {
  readonly name: string;
  #fields: readonly Field[] = [];
  #byId = new Map<number, Field>();

  constructor(name: string, fields: Fields) {
    this.name = name;
    this.define(fields);
  }

  /** Says what the fields are, where they could not be said before: a message may hold itself. */
  define(fields: Fields): void {
    this.#fields = Object.entries(fields)
      .map(([name, [id, type, repeated]]) => ({ id, name, type, repeated: repeated === 'repeated' }))
      .sort((a, b) => a.id - b.id);
    this.#byId = new Map(this.#fields.map((field) => [field.id, field]));
  }

  /** The bytes of a message; absent fields and zeros are left out, as proto3 has it. */
  encode(message: Partial<T>): Buffer {
    const writer = new Writer();
    this.write(message as Readonly<Record<string, unknown>>, writer);
    return writer.bytes();
  }

  /** Reads a message; unknown fields are skipped, absent ones are zeros. @throws MessageError */
  decode(bytes: Buffer): T {
    return this.read(new Reader(bytes), bytes.length, 0) as T;
  }

  write(message: Readonly<Record<string, unknown>>, writer: Writer): void {
    for (let i = this.#fields.length - 1; i >= 0; i--) {
      const field = this.#fields[i]!;
      const value = message[field.name];
      if (value === undefined || value === null) continue;
      if (!field.repeated) writer.field(field, value, false);
      else
        for (let j = (value as unknown[]).length - 1; j >= 0; j--) writer.field(field, (value as unknown[])[j], true);
    }
  }

  read(reader: Reader, end: number, depth: number): Record<string, unknown> {
    if (depth > MOST_DEPTH) throw new MessageError('nested too deep');
    const message: Record<string, unknown> = {};
    for (const field of this.#fields) message[field.name] = zeroOf(field);
    while (reader.at < end) {
      const tag = reader.varint();
      const field = this.#byId.get(Math.floor(tag / 8));
      const wire = tag & 7;
      if (tag < 8) throw new MessageError(`${this.name}: illegal tag ${tag}`);
      if (field === undefined) reader.skip(wire, end);
      else reader.field(message, field, wire, end, depth);
    }
    if (reader.at > end) throw new MessageError('unexpected EOF');
    return message;
  }
}

/** The fields of a message by name: number, type, and `repeated` where it is a list. */
export type Fields = Readonly<Record<string, readonly [id: number, type: FieldType, repeated?: 'repeated']>>;

/** Bytes that are no such message. */
export class MessageError extends Error {}

/** Messages of etcd's nest in transactions only, which may hold so many of each other here. */
const MOST_DEPTH = 100;
const NOTHING = Buffer.alloc(0);

function zeroOf({ type, repeated }: Field): unknown {
  if (repeated) return [];
  if (type === 'int') return 0;
  if (type === 'id') return 0n;
  if (type === 'bool') return false;
  if (type === 'bytes') return NOTHING;
  return type === 'key' || type === 'string' ? '' : undefined;
}

/** Writes from the end to the beginning, so that a length is known when it is written. */
class Writer {
  #buffer = Buffer.allocUnsafe(256);
  #at = 256;

  bytes(): Buffer {
    return this.#buffer.subarray(this.#at);
  }

  /** A field with its tag; where `always` is false a zero is left out. */
  field({ id, type }: Field, value: unknown, always: boolean): void {
    if (type === 'int' || type === 'bool' || type === 'id') {
      if (!value && !always) return;
      this.#number(value as number | bigint | boolean);
      return this.#varint(id * 8);
    }
    const end = this.#length;
    if (type === 'bytes') this.#bytes(value as Uint8Array);
    else if (type === 'key') this.#text(value as string, 'latin1');
    else if (type === 'string') this.#text(value as string, 'utf8');
    else type.write(value as Record<string, unknown>, this);
    const length = this.#length - end;
    if (length === 0 && !always && typeof type === 'string') return;
    this.#varint(length);
    this.#varint(id * 8 + 2);
  }

  get #length(): number {
    return this.#buffer.length - this.#at;
  }

  #bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#at -= value.length;
    this.#buffer.set(value, this.#at);
  }

  #text(value: string, encoding: 'latin1' | 'utf8'): void {
    const length = encoding === 'latin1' ? value.length : Buffer.byteLength(value);
    this.#reserve(length);
    this.#at -= length;
    this.#buffer.write(value, this.#at, encoding);
  }

  #number(value: number | bigint | boolean): void {
    if (typeof value === 'bigint') this.#big(BigInt.asUintN(64, value));
    else if (Number(value) < 0) this.#big(BigInt.asUintN(64, BigInt(Number(value))));
    else this.#varint(Number(value));
  }

  #big(value: bigint): void {
    if (value <= 0xffff_ffffn) return this.#varint(Number(value));
    const digits: number[] = [];
    for (let rest = value; rest > 0n; rest >>= 7n) digits.push(Number(rest & 0x7fn));
    this.#digits(digits);
  }

  #varint(value: number): void {
    if (value < 0x80) {
      this.#reserve(1);
      this.#buffer[--this.#at] = value;
      return;
    }
    const digits: number[] = [];
    for (let rest = value; rest > 0; rest = Math.floor(rest / 128)) digits.push(rest % 128);
    this.#digits(digits);
  }

  #digits(digits: readonly number[]): void {
    this.#reserve(digits.length);
    for (let i = digits.length - 1; i >= 0; i--)
      this.#buffer[--this.#at] = i === digits.length - 1 ? digits[i]! : digits[i]! | 0x80;
  }

  #reserve(count: number): void {
    if (count <= this.#at) return;
    const used = this.#length;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, used + count + 256));
    this.#buffer.copy(larger, larger.length - used, this.#at);
    this.#at = larger.length - used;
    this.#buffer = larger;
  }
}

/** Reads one after another. */
class Reader {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** A varint as a number; what does not fit into 2^53 loses its last digits. */
  varint(): number {
    let value = 0;
    for (let shift = 1, count = 0; count < 10; count++, shift *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return count === 9 ? this.#negative() : value;
    }
    throw new MessageError('integer overflow');
  }

  /** The ten bytes that were read last as an int64, which is below zero if it takes so many. */
  #negative(): number {
    this.at -= 10;
    return Number(this.#number('id'));
  }

  field(message: Record<string, unknown>, field: Field, wire: number, end: number, depth: number): void {
    const value = this.#value(field, wire, end, depth);
    if (!field.repeated) message[field.name] = value;
    else if (Array.isArray(value)) (message[field.name] as unknown[]).push(...value);
    else (message[field.name] as unknown[]).push(value);
  }

  /** Goes past a field that is not known. */
  skip(wire: number, end: number): void {
    if (wire === 0) this.varint();
    else if (wire === 1) this.at += 8;
    else if (wire === 2) this.at = this.#end(end);
    else if (wire === 5) this.at += 4;
    else throw new MessageError(`illegal wireType ${wire}`);
    if (this.at > end) throw new MessageError('unexpected EOF');
  }

  #value({ name, type, repeated }: Field, wire: number, end: number, depth: number): unknown {
    const isNumber = type === 'int' || type === 'bool' || type === 'id';
    if (isNumber && wire === 0) return this.#number(type);
    if (wire !== 2 || (isNumber && !repeated)) throw new MessageError(`wrong wireType = ${wire} for field ${name}`);
    const stop = this.#end(end);
    if (isNumber) return this.#packed(type, stop);
    const from = this.at;
    if (typeof type !== 'string') return type.read(this, stop, depth + 1);
    this.at = stop;
    if (type === 'key') return this.#bytes.toString('latin1', from, stop);
    return type === 'string' ? this.#bytes.toString('utf8', from, stop) : this.#bytes.subarray(from, stop);
  }

  #packed(type: 'int' | 'bool' | 'id', end: number): unknown[] {
    const values: unknown[] = [];
    while (this.at < end) values.push(this.#number(type));
    return values;
  }

  #number(type: 'int' | 'bool' | 'id'): number | boolean | bigint {
    if (type === 'int') return this.varint();
    if (type === 'bool') return this.varint() !== 0;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new MessageError('integer overflow');
  }

  /** Where what has a length ends. */
  #end(end: number): number {
    const length = this.varint();
    if (length < 0 || length > end - this.at) throw new MessageError('unexpected EOF');
    return this.at + length;
  }

  #byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new MessageError('unexpected EOF');
    return byte;
  }
}
