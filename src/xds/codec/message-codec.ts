import { BYTES, type ProtoReader, type ProtoWriter } from 'nekube/protobuf';
import { isShared, writeKnownList } from './known-lists.ts';
import { ResourceError, shown, within } from './resource-error.ts';
import type { ValueCodec } from './value-codec.ts';

/** One field of a message. */
export interface Field {
  readonly number: number;
  /** As in the .proto file. */
  readonly name: string;
  readonly shape: 'one' | 'list' | 'map';
  /** What a value is written by, or each of a list or map. */
  readonly codec: ValueCodec;
  /** The codec of a map's keys. */
  readonly key: ValueCodec | undefined;
  /** Zeros are written, since they differ from none. */
  readonly hasPresence: boolean;
  /** The fields of which one may be set have the same name here. */
  readonly oneof: string | undefined;
  /** Null is a value. */
  readonly isNullable: boolean;
  /** The value must not be shown. */
  readonly isSensitive: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** Messages may nest so deep; those of Envoy's do not, but bytes may come from anywhere. */
const MOST_DEPTH = 100;
let depth = 0;

/** What is still to be written of the messages that are being written, the outermost first: no lists are made for each. */
const pendingFields: Field[] = [];
const pendingValues: unknown[] = [];
let pending = 0;

/** Messages with fields: objects whose keys are the fields' names, also in lowerCamelCase when they are written. */
export class MessageCodec implements ValueCodec {
  readonly wire = BYTES;
  readonly name: string;
  readonly #describe: () => readonly Field[];
  #fields: readonly Field[] | undefined;
  #byName = new Map<string, Field>();
  #byNumber: (Field | undefined)[] = [];

  /** @param describe asked when the first message is written or read: messages hold each other */
  constructor(name: string, describe: () => readonly Field[]) {
    this.name = name;
    this.#describe = describe;
  }

  /** All fields, by their numbers. */
  get fields(): readonly Field[] {
    if (this.#fields === undefined) {
      this.#fields = this.#describe();
      for (const field of this.#fields) {
        this.#byName.set(field.name, field);
        this.#byName.set(camelCase(field.name), field);
        this.#byNumber[field.number] = field;
      }
    }
    return this.#fields;
  }

  /** The field of a name, in either form. */
  field(name: string): Field | undefined {
    return this.fields && this.#byName.get(name);
  }

  write(writer: ProtoWriter, value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ResourceError(`must be an object (${this.name}), but is ${shown(value)}`);
    if (++depth > MOST_DEPTH) {
      depth = 0;
      throw new ResourceError(`is nested deeper than ${MOST_DEPTH} messages`);
    }
    const base = pending;
    let field: Field | undefined;
    try {
      this.#present(value as Fields);
      while (pending > base) {
        pending--;
        field = pendingFields[pending]!;
        const of = pendingValues[pending];
        // what is written is held by nobody here
        pendingValues[pending] = undefined;
        writeField(writer, field, of);
      }
    } catch (error) {
      depth = 0;
      pending = 0;
      throw field === undefined ? error : within(field.name, error);
    }
    depth--;
  }

  read(reader: ProtoReader): Record<string, unknown> {
    if (this.#fields === undefined) void this.fields;
    if (++depth > MOST_DEPTH) {
      depth = 0;
      throw new ResourceError(`is nested deeper than ${MOST_DEPTH} messages`);
    }
    const message: Record<string, unknown> = {};
    while (!reader.done) {
      const tag = reader.varint();
      if (tag < 8) reader.fail(`proto: illegal tag ${tag}`);
      const field = this.#byNumber[Math.floor(tag / 8)];
      if (field === undefined || !readField(reader, field, tag % 8, message)) reader.skip(tag % 8);
    }
    depth--;
    return message;
  }

  /** Adds the fields that are there to those that are to be written, by number. @throws ResourceError */
  #present(message: Fields): void {
    if (this.#fields === undefined) void this.fields;
    const base = pending;
    for (const key in message) {
      const value = message[key];
      const field = this.#byName.get(key);
      if (field === undefined) {
        // the type of an Any stands beside the fields
        if (value === undefined || key === '@type') continue;
        throw new ResourceError(`${this.name} has no field ${JSON.stringify(key)}`);
      }
      if (value === undefined || (value === null && !field.isNullable)) continue;
      if (field.oneof !== undefined) checkOneof(field, base);
      let at = pending++;
      for (; at > base && pendingFields[at - 1]!.number > field.number; at--) {
        pendingFields[at] = pendingFields[at - 1]!;
        pendingValues[at] = pendingValues[at - 1];
      }
      if (at > base && pendingFields[at - 1] === field) throw new ResourceError(`${field.name} is given twice`);
      pendingFields[at] = field;
      pendingValues[at] = value;
    }
  }
}

function checkOneof({ name, oneof }: Field, base: number): void {
  for (let at = base; at < pending; at++) {
    const other = pendingFields[at]!;
    if (other.oneof === oneof && other.name !== name)
      throw new ResourceError(`one of ${oneof} may be set, but ${other.name} and ${name} are`);
  }
}

/** `max_age` → `maxAge`, as protobuf does it. */
function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function writeField(writer: ProtoWriter, field: Field, value: unknown): void {
  if (field.shape === 'map') return writeMap(writer, field, value);
  if (field.shape === 'list') return writeList(writer, field, value);
  const { codec, number } = field;
  const end = writer.length;
  codec.write(writer, value);
  if (codec.wire !== BYTES) {
    if (!field.hasPresence && codec.isZero!(value)) return writer.take(end);
    return writer.tag(number, codec.wire);
  }
  // an empty message is there, an empty text is not
  if (writer.length === end && !field.hasPresence && codec.isZero !== undefined) return;
  writer.close(number, end);
}

function writeList(writer: ProtoWriter, field: Field, list: unknown): void {
  const { codec, number } = field;
  if (!Array.isArray(list)) throw new ResourceError(`must be a list, but is ${shown(list)}`);
  const writeElement = (element: unknown, index: number): void => {
    const end = writer.length;
    try {
      codec.write(writer, element);
    } catch (error) {
      throw within(`[${index}]`, error);
    }
    if (codec.wire === BYTES) writer.close(number, end);
  };
  if (codec instanceof MessageCodec && isShared(list)) return writeKnownList(writer, field, list, writeElement);
  const begin = writer.length;
  for (let i = list.length - 1; i >= 0; i--) writeElement(list[i], i);
  // numbers are packed
  if (codec.wire !== BYTES && list.length > 0) writer.close(number, begin);
}

/** The entries of a map are messages of key and value; they are sorted, so that equal maps are equal bytes. */
function writeMap(writer: ProtoWriter, { codec, key: keyCodec, number }: Field, map: unknown): void {
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw new ResourceError(`must be an object, but is ${shown(map)}`);
  const entries = Object.entries(map).filter(([, value]) => value !== undefined);
  for (const [key, value] of entries.sort(([a], [b]) => (a < b ? 1 : -1))) {
    const end = writer.length;
    try {
      writeEntryPart(writer, codec, value, 2);
      writeEntryPart(writer, keyCodec!, key === 'true' || key === 'false' ? boolKey(keyCodec!, key) : key, 1);
    } catch (error) {
      throw within(`[${JSON.stringify(key)}]`, error);
    }
    writer.close(number, end);
  }
}

function boolKey(codec: ValueCodec, key: string): unknown {
  return codec.isZero!(false) ? key === 'true' : key;
}

function writeEntryPart(writer: ProtoWriter, codec: ValueCodec, value: unknown, number: number): void {
  const end = writer.length;
  codec.write(writer, value);
  if (codec.wire === BYTES) writer.close(number, end);
  else writer.tag(number, codec.wire);
}

/** False when the field is not of this wire type. */
function readField(reader: ProtoReader, field: Field, wire: number, message: Record<string, unknown>): boolean {
  const { codec, name } = field;
  if (field.shape === 'list') {
    const list = (message[name] ??= []) as unknown[];
    if (wire === codec.wire) list.push(readOne(reader, codec));
    else if (wire === BYTES) readPacked(reader, codec, list);
    else return false;
    return true;
  }
  if (field.shape === 'map') {
    if (wire !== BYTES) return false;
    readEntry(reader, field, (message[name] ??= {}) as Record<string, unknown>);
    return true;
  }
  if (wire !== codec.wire) return false;
  message[name] = readOne(reader, codec);
  return true;
}

function readOne(reader: ProtoReader, codec: ValueCodec): unknown {
  if (codec.wire !== BYTES) return codec.read(reader);
  const outer = reader.enter();
  const value = codec.read(reader);
  reader.leave(outer);
  return value;
}

function readPacked(reader: ProtoReader, codec: ValueCodec, list: unknown[]): void {
  const outer = reader.enter();
  while (!reader.done) list.push(codec.read(reader));
  reader.leave(outer);
}

function readEntry(reader: ProtoReader, { codec, key: keyCodec }: Field, map: Record<string, unknown>): void {
  const outer = reader.enter();
  let key: unknown = '';
  let value: unknown = codec.isZero === undefined ? {} : codec.isZero('') ? '' : 0;
  while (!reader.done) {
    const tag = reader.varint();
    if (tag === 8 + keyCodec!.wire) key = readOne(reader, keyCodec!);
    else if (tag === 16 + codec.wire) value = readOne(reader, codec);
    else reader.skip(tag % 8);
  }
  reader.leave(outer);
  Object.defineProperty(map, String(key), { value, enumerable: true, configurable: true, writable: true });
}
