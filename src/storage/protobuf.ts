import { BYTES, ProtoReader, ProtoWriter, VARINT } from 'nekube/apimachinery';

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
    const writer = new ProtoWriter();
    this.write(message as Readonly<Record<string, unknown>>, writer);
    return writer.finish();
  }

  /** Reads a message; unknown fields are skipped, absent ones are zeros. @throws ParseError */
  decode(bytes: Uint8Array): T {
    return this.read(new ProtoReader(bytes), 0) as T;
  }

  write(message: Readonly<Record<string, unknown>>, writer: ProtoWriter): void {
    for (let i = this.#fields.length - 1; i >= 0; i--) {
      const field = this.#fields[i]!;
      const value = message[field.name];
      if (value === undefined || value === null) continue;
      if (!field.repeated) writeField(writer, field, value, false);
      else
        for (let j = (value as unknown[]).length - 1; j >= 0; j--)
          writeField(writer, field, (value as unknown[])[j], true);
    }
  }

  read(reader: ProtoReader, depth: number): Record<string, unknown> {
    if (depth > MOST_DEPTH) reader.fail('nested too deep');
    const message: Record<string, unknown> = {};
    for (const field of this.#fields) message[field.name] = zeroOf(field);
    while (!reader.done) {
      const tag = reader.varint();
      if (tag < 8) reader.fail(`${this.name}: illegal tag ${tag}`);
      const field = this.#byId.get(Math.floor(tag / 8));
      if (field === undefined) reader.skip(tag & 7);
      else readField(reader, field, tag & 7, message, depth);
    }
    return message;
  }
}

/** The fields of a message by name: number, type, and `repeated` where it is a list. */
export type Fields = Readonly<Record<string, readonly [id: number, type: FieldType, repeated?: 'repeated']>>;

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

/** A field with its tag; where `always` is false a zero is left out. */
function writeField(writer: ProtoWriter, { id, type }: Field, value: unknown, always: boolean): void {
  if (isNumeric(type)) {
    if (!value && !always) return;
    writer.int64(typeof value === 'boolean' ? Number(value) : (value as number | bigint));
    return writer.tag(id, VARINT);
  }
  const end = writer.length;
  if (type === 'bytes') writer.bytes(value as Uint8Array);
  else if (type === 'key') writer.bytes(Buffer.from(value as string, 'latin1'));
  else if (type === 'string') writer.string(value as string);
  else type.write(value as Record<string, unknown>, writer);
  // an empty message is there, an empty text is not
  if (writer.length === end && !always && typeof type === 'string') return;
  writer.close(id, end);
}

function readField(
  reader: ProtoReader,
  { name, type, repeated }: Field,
  wire: number,
  message: Record<string, unknown>,
  depth: number,
): void {
  const list = message[name] as unknown[];
  const numeric = isNumeric(type);
  if (numeric && repeated && wire === BYTES) return readPacked(reader, type, list);
  if (wire !== (numeric ? VARINT : BYTES)) reader.fail(`wrong wireType = ${wire} for field ${name}`);
  const value = numeric ? readNumber(reader, type) : readBytes(reader, type, depth);
  if (repeated) list.push(value);
  else message[name] = value;
}

function readBytes(reader: ProtoReader, type: Exclude<FieldType, NumericType>, depth: number): unknown {
  if (type === 'bytes') return reader.bytes();
  if (type === 'string') return reader.string();
  if (type === 'key') return reader.bytes().toString('latin1');
  const outer = reader.enter();
  const message = type.read(reader, depth + 1);
  reader.leave(outer);
  return message;
}

function readPacked(reader: ProtoReader, type: NumericType, list: unknown[]): void {
  const outer = reader.enter();
  while (!reader.done) list.push(readNumber(reader, type));
  reader.leave(outer);
}

/** What does not fit into 2^53 is exact as an `id` alone. */
function readNumber(reader: ProtoReader, type: NumericType): number | boolean | bigint {
  const value = reader.int64();
  if (type === 'id') return BigInt(value);
  return type === 'bool' ? Boolean(value) : Number(value);
}

type NumericType = 'int' | 'id' | 'bool';

function isNumeric(type: FieldType): type is NumericType {
  return type === 'int' || type === 'id' || type === 'bool';
}
