import { setMember } from './json.ts';
import type { ProtobufFieldFacts, ProtobufMessages } from './protobuf-facts.ts';
import {
  joinUnion,
  readFields,
  SPECIAL_MESSAGES,
  type SpecialMessage,
  splitUnion,
  type UnionName,
} from './protobuf-special.ts';
import { BYTES, FIXED64, type ProtoReader, type ProtoWriter, VARINT } from './protobuf-wire.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './value.ts';

/** Nested deeper than this no object of the API is, but hostile bytes may be. */
const MAX_DEPTH = 500;

/** A message's compiled form. */
export interface MessageCodec {
  write(w: ProtoWriter, value: JsonValue | undefined): void;
  /** Reads to the end of the message; `into`, when given, is what an earlier part of it read. */
  read(r: ProtoReader, into?: JsonValue): JsonValue;
  zero(): JsonValue;
}

const compiled = new WeakMap<ProtobufMessages, Codecs>();

/** The codecs of the messages in these facts, made once. */
export function protobufCodecs(facts: ProtobufMessages): Codecs {
  let codecs = compiled.get(facts);
  if (codecs === undefined) {
    codecs = new Codecs(facts);
    compiled.set(facts, codecs);
  }
  return codecs;
}

/** The codecs of all messages, each made when it is first needed. */
export class Codecs {
  readonly #facts: ProtobufMessages;
  readonly #made = new Map<string, MessageCodec>();
  /** How deep the message being read is nested. */
  depth = 0;

  constructor(facts: ProtobufMessages) {
    this.#facts = facts;
  }

  message(name: string): MessageCodec {
    const made = this.#made.get(name);
    if (made !== undefined) return made;
    const codec = this.#make(name);
    this.#made.set(name, codec);
    return codec;
  }

  #make(name: string): MessageCodec {
    const special = SPECIAL_MESSAGES[name];
    if (special !== undefined) return specialCodec(special);
    const facts = this.#facts.messages[name];
    if (facts === undefined) throw new TypeError(`no protobuf message ${name}`);
    if (facts.items !== undefined) return listCodec(facts.items, this);
    const union = /\.(JSONSchemaPropsOr(?:Array|Bool|StringArray))$/.exec(name);
    const struct = new StructCodec(name, facts.fields ?? [], this);
    return union === null ? struct : unionCodec(struct, union[1] as UnionName);
  }
}

function specialCodec(special: SpecialMessage): MessageCodec {
  return { write: special.write, read: (r) => special.read(r), zero: () => special.zero };
}

function unionCodec(struct: StructCodec, union: UnionName): MessageCodec {
  return {
    write: (w, value) => struct.write(w, splitUnion(union, value ?? null)),
    read: (r) => joinUnion(union, struct.read(r) as JsonObject),
    zero: () => null,
  };
}

/** A message whose JSON is the list of its field 1. */
function listCodec(type: string, codecs: Codecs): MessageCodec {
  const struct = new StructCodec('', [{ json: 'items', num: 1, type, repeated: true }], codecs);
  return {
    write: (w, value) => struct.write(w, { items: value ?? null }),
    read: (r, into) => (struct.read(r, into === undefined ? undefined : { items: into }) as JsonObject).items ?? [],
    zero: () => null,
  };
}

/** One value of a field, without its key. */
interface ValueCodec {
  readonly wire: number;
  write(w: ProtoWriter, value: JsonValue | undefined): void;
  read(r: ProtoReader, into?: JsonValue): JsonValue;
  zero(): JsonValue;
}

/** Bytes as JSON has them, in base64. */
function bytesOf(value: JsonValue | undefined): Buffer {
  return Buffer.from(typeof value === 'string' ? value : '', 'base64');
}

function lengthPrefixed(w: ProtoWriter, write: () => void): void {
  const before = w.length;
  write();
  w.varint(w.length - before);
}

const integer = (value: JsonValue | undefined) => (typeof value === 'bigint' ? value : Number(value ?? 0));

const SCALARS: Readonly<Record<string, ValueCodec>> = {
  string: {
    wire: BYTES,
    write: (w, v) => lengthPrefixed(w, () => w.string(typeof v === 'string' ? v : '')),
    read: (r) => r.string(),
    zero: () => '',
  },
  bytes: {
    wire: BYTES,
    write: (w, v) => lengthPrefixed(w, () => w.bytes(bytesOf(v))),
    read: (r) => r.bytes().toString('base64'),
    zero: () => null,
  },
  bool: {
    wire: VARINT,
    write: (w, v) => w.varint(v === true ? 1 : 0),
    read: (r) => r.varint() !== 0,
    zero: () => false,
  },
  int32: { wire: VARINT, write: (w, v) => w.int64(integer(v)), read: (r) => r.int32(), zero: () => 0 },
  int64: { wire: VARINT, write: (w, v) => w.int64(integer(v)), read: (r) => r.int64(), zero: () => 0 },
  float64: { wire: FIXED64, write: (w, v) => w.double(Number(v ?? 0)), read: (r) => r.double(), zero: () => 0 },
};

function valueCodec(type: string, codecs: Codecs): ValueCodec {
  const scalar = SCALARS[type];
  if (scalar !== undefined) return scalar;
  let message: MessageCodec | undefined;
  const codec = () => (message ??= codecs.message(type));
  return {
    wire: BYTES,
    write: (w, value) => lengthPrefixed(w, () => codec().write(w, value)),
    read(r, into) {
      if (++codecs.depth > MAX_DEPTH) r.fail('proto: message nested too deep');
      const outer = r.enter();
      const value = codec().read(r, into);
      r.leave(outer);
      codecs.depth--;
      return value;
    },
    zero: () => codec().zero(),
  };
}

/** A field's compiled form. */
interface FieldCodec {
  readonly facts: ProtobufFieldFacts;
  readonly name: string;
  readonly value: ValueCodec;
}

/** A message whose JSON is an object of its fields. */
class StructCodec implements MessageCodec {
  readonly #name: string;
  readonly #fields: readonly FieldCodec[];
  /** The fields in the order in which they are written: by number, the highest first. */
  readonly #descending: readonly FieldCodec[];
  readonly #byNumber: ReadonlyMap<number, FieldCodec>;

  constructor(name: string, fields: readonly ProtobufFieldFacts[], codecs: Codecs) {
    this.#name = name.slice(name.lastIndexOf('.') + 1);
    this.#fields = fields.map((facts) => ({
      facts,
      name: facts.json ?? facts.name ?? '',
      value: valueCodec(facts.type, codecs),
    }));
    this.#descending = [...this.#fields].sort((a, b) => b.facts.num - a.facts.num);
    this.#byNumber = new Map(this.#fields.map((field) => [field.facts.num, field]));
  }

  write(w: ProtoWriter, value: JsonValue | undefined): void {
    const object = isJsonObject(value) ? value : {};
    for (const field of this.#descending) {
      const { inline, mapKey, repeated } = field.facts;
      if (inline) writeField(w, field, object);
      else if (mapKey !== undefined) writeMap(w, field, object[field.name]);
      else if (repeated) writeList(w, field, object[field.name]);
      else writeSingle(w, field, object[field.name]);
    }
  }

  read(r: ProtoReader, into?: JsonValue): JsonValue {
    const found = new Map<FieldCodec, JsonValue>();
    if (isJsonObject(into)) for (const field of this.#fields) keepFound(found, field, into);
    while (!r.done) {
      const key = r.varint();
      const [number, wire] = [Math.floor(key / 8), key % 8];
      if (wire === 4) r.fail(`proto: ${this.#name}: wiretype end group for non-group`);
      if (number <= 0 || number >= 2 ** 29) r.fail(`proto: ${this.#name}: illegal tag ${number} (wire type ${wire})`);
      const field = this.#byNumber.get(number);
      if (field === undefined) r.skip(wire);
      else found.set(field, readField(r, field, wire, found.get(field)));
    }
    return this.#object(found);
  }

  zero(): JsonValue {
    return this.#object(new Map());
  }

  /** The JSON object of the values that were read. */
  #object(found: ReadonlyMap<FieldCodec, JsonValue>): JsonObject {
    const object: JsonObject = {};
    for (const field of this.#fields) {
      const value = found.get(field);
      if (field.facts.inline) Object.assign(object, value ?? field.value.zero());
      else if (value !== undefined && !isOmitted(field, value)) setMember(object, field.name, jsonOf(field, value));
      else if (value === undefined && !isLeftOut(field)) setMember(object, field.name, zeroOf(field));
    }
    return object;
  }
}

/** Takes what an earlier occurrence of the message has read of a field. */
function keepFound(found: Map<FieldCodec, JsonValue>, field: FieldCodec, object: JsonObject): void {
  if (field.facts.inline) found.set(field, object);
  else if (object[field.name] !== undefined && object[field.name] !== null) found.set(field, object[field.name]!);
}

function writeField(w: ProtoWriter, { facts, value: codec }: FieldCodec, value: JsonValue | undefined): void {
  codec.write(w, value);
  w.tag(facts.num, codec.wire);
}

function writeSingle(w: ProtoWriter, field: FieldCodec, value: JsonValue | undefined): void {
  const nil = value === undefined || value === null;
  if (nil && (field.facts.pointer || field.facts.type === 'bytes' || isListType(field))) return;
  writeField(w, field, value);
}

/** A type of its own that is a list (`ExtraValue`); it is a pointer in all but name. */
function isListType(field: FieldCodec): boolean {
  return Array.isArray(field.value.zero());
}

function writeList(w: ProtoWriter, field: FieldCodec, value: JsonValue | undefined): void {
  if (!Array.isArray(value)) return;
  for (let i = value.length - 1; i >= 0; i--) writeField(w, field, value[i]);
}

function writeMap(w: ProtoWriter, field: FieldCodec, value: JsonValue | undefined): void {
  if (!isJsonObject(value)) return;
  for (const key of Object.keys(value).sort(compareBytes).reverse()) {
    const before = w.length;
    if (field.facts.type !== 'bytes' || value[key] !== null) {
      field.value.write(w, value[key]);
      w.tag(2, field.value.wire);
    }
    const beforeKey = w.length;
    w.string(key);
    w.close(1, beforeKey);
    w.close(field.facts.num, before);
  }
}

/** Go's order of strings: by their UTF-8 bytes, which is that of code points. */
function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    const surrogates = x >= 0xd800 && y >= 0xd800;
    return surrogates ? a.codePointAt(i)! - b.codePointAt(i)! : x - y;
  }
  return a.length - b.length;
}

function readField(r: ProtoReader, field: FieldCodec, wire: number, before: JsonValue | undefined): JsonValue {
  const { facts, value: codec } = field;
  if (facts.mapKey !== undefined) return readEntry(r, field, wire, (before ?? {}) as JsonObject);
  if (facts.repeated && wire === BYTES && codec.wire !== BYTES) return readPacked(r, codec, before);
  if (wire !== codec.wire) wrongWire(r, field, wire);
  if (!facts.repeated) return codec.read(r, before);
  const list = (before ?? []) as JsonValue[];
  list.push(codec.read(r));
  return list;
}

function readPacked(r: ProtoReader, codec: ValueCodec, before: JsonValue | undefined): JsonValue {
  const list = (before ?? []) as JsonValue[];
  const outer = r.enter();
  while (!r.done) list.push(codec.read(r));
  r.leave(outer);
  return list;
}

function readEntry(r: ProtoReader, field: FieldCodec, wire: number, map: JsonObject): JsonObject {
  if (wire !== BYTES) wrongWire(r, field, wire);
  let key = '';
  let value: JsonValue | undefined;
  const outer = r.enter();
  readFields(r, (number, entryWire) => {
    if (number === 1 && entryWire === BYTES) key = r.string();
    else if (number === 2 && entryWire === field.value.wire) value = field.value.read(r);
    else return false;
    return true;
  });
  r.leave(outer);
  setMember(map, key, value ?? (field.facts.type === 'bytes' ? '' : field.value.zero()));
  return map;
}

function wrongWire(r: ProtoReader, { name, facts }: FieldCodec, wire: number): never {
  return r.fail(`proto: wrong wireType = ${wire} for field ${goName(name, facts.type)}`);
}

/** The name of the Go field: embedded metadata are named for their type. */
function goName(name: string, type: string): string {
  if (name === 'metadata') return type.slice(type.lastIndexOf('.') + 1);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** JSON leaves out a value that was read, since it is zero. */
function isOmitted({ facts }: FieldCodec, value: JsonValue): boolean {
  if (!facts.omitempty || facts.pointer) return isZeroCreation(facts, value);
  return value === '' || value === 0 || value === false || isZeroCreation(facts, value);
}

/** The one field whose zero JSON leaves out although it is a struct. */
function isZeroCreation(facts: ProtobufFieldFacts, value: JsonValue): boolean {
  return value === null && facts.json === 'creationTimestamp';
}

/** JSON leaves out a field that was not read. */
function isLeftOut(field: FieldCodec): boolean {
  const { facts } = field;
  if (facts.json === 'creationTimestamp') return true;
  if (!facts.omitempty) return false;
  return facts.pointer === true || facts.repeated === true || facts.type in SCALARS || isListType(field);
}

function zeroOf({ facts, value }: FieldCodec): JsonValue {
  return facts.pointer || facts.repeated ? null : value.zero();
}

/** Maps are shown sorted. */
function jsonOf({ facts }: FieldCodec, value: JsonValue): JsonValue {
  if (facts.mapKey === undefined || !isJsonObject(value)) return value;
  const sorted: JsonObject = {};
  for (const key of Object.keys(value).sort(compareBytes)) setMember(sorted, key, value[key]!);
  return sorted;
}
