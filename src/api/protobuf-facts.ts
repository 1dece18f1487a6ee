import { type GoField, goFacts, goFields } from './types/go-types.ts';
import { type Shape, shapeOf } from './types/shape.ts';
import { schemaNameOf } from './types/type.ts';

/** The protobuf messages of all built-in kinds; TypeMeta is in no message, since it travels in the envelope. */
export interface ProtobufFacts {
  /** Message names by `apiVersion/Kind`. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly messages: Readonly<Record<string, ProtobufMessage>>;
}

/** A message: its fields by number, or for a list under a name of its own the type of its `items = 1`. */
export interface ProtobufMessage {
  readonly fields?: readonly ProtobufField[];
  readonly items?: string;
}

/** A field of a protobuf message. */
export interface ProtobufField {
  /** The JSON name; undefined for an embedded struct and in types that JSON shows otherwise. */
  readonly json?: string;
  /** The protobuf name, where it has no JSON name. */
  readonly name?: string;
  readonly num: number;
  readonly wire: 'bytes' | 'varint' | 'fixed64';
  /** `string`, `bytes`, `bool`, `int32`, `int64`, `float64`, or the name of a message. */
  readonly type: string;
  readonly repeated?: boolean;
  /** The type of the keys of a map, whose entries are messages of key = 1 and value = 2. */
  readonly mapKey?: string;
  readonly pointer?: boolean;
  readonly omitempty?: boolean;
  /** An embedded struct: its fields are in the JSON object of the outer one. */
  readonly inline?: boolean;
}

let facts: ProtobufFacts | undefined;

/** The facts by which protobuf is encoded and decoded; derived from the Go types at the first call, then kept. */
export function protobufFacts(): ProtobufFacts {
  facts ??= { kinds: mapValues(goFacts().kinds, messageName), messages: messages() };
  return facts;
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** `k8s.io.api.core.v1.Pod`. */
function messageName(type: string): string {
  return schemaNameOf(type).replace(/^io\.k8s\./, 'k8s.io.');
}

/** All messages by name, each made when it is first asked for. */
function messages(): Readonly<Record<string, ProtobufMessage>> {
  const { structs, custom, named } = goFacts();
  const made: Record<string, ProtobufMessage> = {};
  for (const type in structs) lazily(made, type, () => ({ fields: fieldsOf(type) }));
  for (const type in custom) lazily(made, type, () => customMessage(type));
  for (const type in named) if (named[type] === '[]string') made[messageName(type)] = { items: 'string' };
  return made;
}

function lazily(messages: Record<string, ProtobufMessage>, type: string, make: () => ProtobufMessage): void {
  const name = messageName(type);
  const get = () => {
    const value = make();
    Object.defineProperty(messages, name, { value, enumerable: true });
    return value;
  };
  Object.defineProperty(messages, name, { get, enumerable: true, configurable: true });
}

function customMessage(type: string): ProtobufMessage {
  const fields = fieldsOf(type).map(({ json, ...field }) => ({ name: lowerFirst(json!), ...field }));
  return fields.length === 0 ? {} : { fields };
}

function fieldsOf(type: string): ProtobufField[] {
  const fields = goFields(type).filter((field) => field.number > 0);
  return fields.map(fieldOf).sort((a, b) => a.num - b.num);
}

function fieldOf(field: GoField): ProtobufField {
  const shape = shapeOf(field.type);
  const pointer = shape.kind === 'pointer';
  const inner = pointer ? shape.element : shape;
  const listMessage = inner.kind === 'list' && isNamedList(field.type);
  const repeated = (inner.kind === 'list' && !listMessage) || inner.kind === 'map';
  const element = repeated ? inner.element : inner;
  return {
    ...(field.embedded ? { name: lowerFirst(field.name) } : { json: field.name }),
    num: field.number,
    wire: wireOf(inner),
    type: typeName(element, elementType(field.type)),
    ...(repeated && { repeated }),
    ...(inner.kind === 'map' && { mapKey: 'string' }),
    ...(pointer && { pointer }),
    ...(field.omitEmpty && { omitempty: true }),
    ...(field.embedded && { inline: true }),
  };
}

/** A list under a name of its own is a message that holds the list. */
function isNamedList(type: string): boolean {
  return !type.startsWith('[]') && goFacts().named[type] === '[]string';
}

/** What is left of a Go type without the pointer, list or map around it. */
function elementType(type: string): string {
  const bare = type.replace(/^\*/, '');
  const underlying = bare in goFacts().named && !isNamedList(bare) ? goFacts().named[bare]! : bare;
  return underlying.replace(/^\[\](?!uint8$)/, '').replace(/^map\[[^\]]*\]/, '');
}

function typeName(shape: Shape, type: string): string {
  if (shape.kind === 'struct' || shape.kind === 'custom') return messageName(shape.type);
  if (shape.kind === 'list') return messageName(type);
  return shape.kind;
}

function wireOf(shape: Shape): ProtobufField['wire'] {
  if (shape.kind === 'bool' || shape.kind === 'int32' || shape.kind === 'int64') return 'varint';
  return shape.kind === 'float64' ? 'fixed64' : 'bytes';
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
