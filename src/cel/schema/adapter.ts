import { isJsonObject, type JsonObject, jsonEqual, type JsonValue } from 'nekube/apimachinery';
import { CelError, type CelValue, ListValue, MapValue, noSuchOverload } from '../value.ts';
import { escapeName, isReserved } from './escape.ts';
import { bytesOf, dateOf, dateTimeOf, durationOf } from './formats.ts';
import { PreservedValue, toJson } from './native.ts';
import { type Schema, valueSchema, withTypeAndObjectMeta } from './schema.ts';

/** Makes a value of what stands in JSON. */
export type Adapter = (raw: JsonValue) => CelValue;

const adapters = new WeakMap<Schema, Adapter>();

/**
 * How values of a schema are seen by expressions. Nothing is converted before it is asked for. The schema of a whole
 * resource must have its type and object metadata (see {@link withTypeAndObjectMeta}).
 */
export function adapterOf(schema: Schema): Adapter {
  const known = adapters.get(schema);
  if (known !== undefined) return known;
  const adapt = ofType(schema);
  const whenNull = schema.nullable ? null : new CelError('invalid data, got null for schema with nullable=false');
  const adapter: Adapter = (raw) => (raw === null ? whenNull : adapt(raw));
  adapters.set(schema, adapter);
  return adapter;
}

function ofType(schema: Schema): Adapter {
  if (schema['x-kubernetes-int-or-string']) return intOrString;
  switch (schema.type) {
    case 'object':
      return ofObject(schema);
    case 'array':
      return ofArray(schema);
    case 'string':
      return ofText(schema);
    case 'number':
      return (raw) => (isNumber(raw) ? Number(raw) : unexpected('float', raw));
    case 'integer':
      return (raw) => (isInteger(raw) ? BigInt(raw) : unexpected('int', raw));
    case 'boolean':
      return (raw) => (typeof raw === 'boolean' ? raw : unexpected('bool', raw));
    default:
      if (schema['x-kubernetes-preserve-unknown-fields']) return (raw) => new PreservedValue(raw);
      return () => new CelError(`${NO_TYPE}${schema.type ?? ''}`);
  }
}

const NO_TYPE =
  'invalid type, expected object, array, number, integer, boolean or string, or no type with x-kubernetes-int-or-string or x-kubernetes-preserve-unknown-fields is true, got ';

function intOrString(raw: JsonValue): CelValue {
  if (typeof raw === 'string') return raw;
  if (isInteger(raw)) return BigInt(raw);
  return new CelError('invalid data, expected XIntOrString value to be either a string or integer');
}

function ofText({ format }: Schema): Adapter {
  const read = TEXT_FORMATS[format ?? ''];
  return (raw) => {
    if (typeof raw !== 'string') return unexpected('string', raw);
    return read === undefined ? raw : read(raw);
  };
}

const TEXT_FORMATS: Readonly<Record<string, ((text: string) => CelValue) | undefined>> = {
  duration: durationOf,
  date: dateOf,
  'date-time': dateTimeOf,
  byte: bytesOf,
};

function isNumber(raw: JsonValue): raw is number | bigint {
  return typeof raw === 'number' || typeof raw === 'bigint';
}

function isInteger(raw: JsonValue): raw is number | bigint {
  return Number.isInteger(raw) || typeof raw === 'bigint';
}

function unexpected(expected: string, raw: JsonValue): CelError {
  return new CelError(`invalid data, expected ${expected}, got ${goType(raw)}`);
}

function goType(raw: JsonValue): string {
  if (Array.isArray(raw)) return '[]interface {}';
  if (typeof raw === 'boolean') return 'bool';
  if (typeof raw === 'string') return 'string';
  if (isNumber(raw)) return isInteger(raw) ? 'int64' : 'float64';
  return 'map[string]interface {}';
}

/** A field of an object, by its name in JSON. */
interface Field {
  readonly name: string;
  readonly adapt: Adapter;
}

function ofObject(schema: Schema): Adapter {
  const values = valueSchema(schema);
  const embedded = schema['x-kubernetes-embedded-resource'] ?? false;
  const described = embedded ? withTypeAndObjectMeta(schema) : schema;
  const wrong = new CelError('invalid data, expected a map for the provided schema with type=object');
  if (described.properties === undefined && values !== undefined) {
    const adapt = adapterOf(values);
    return (raw) => (isJsonObject(raw) ? new SchemaMap(raw, adapt) : wrong);
  }
  const fields = fieldsOf(described);
  return (raw) => (isJsonObject(raw) ? new SchemaObject(raw, fields) : wrong);
}

function fieldsOf({ properties = {} }: Schema): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  for (const [name, schema] of Object.entries(properties)) {
    // What has no name in expressions is a key all the same, of an object that is taken for a map.
    fields.set(escapeName(name) ?? name, { name, adapt: adapterOf(schema) });
  }
  return fields;
}

/** An object whose fields are known; a field that is null is not there. */
class SchemaObject extends MapValue {
  readonly raw: JsonObject;
  readonly #fields: ReadonlyMap<string, Field>;

  override get hasSchema(): boolean {
    return true;
  }

  constructor(raw: JsonObject, fields: ReadonlyMap<string, Field>) {
    super();
    this.raw = raw;
    this.#fields = fields;
  }

  get size(): number {
    return Object.keys(this.raw).length;
  }

  find(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return key instanceof CelError ? key : noSuchOverload();
    // Words that are no names can be selected as they are, too.
    const field = this.#fields.get(key) ?? (isReserved(key) ? this.#fields.get(`__${key}__`) : undefined);
    if (field === undefined) return undefined;
    const raw = this.raw[field.name];
    // What objects inherit is no field.
    if (raw === undefined || raw === null || typeof raw === 'function') return undefined;
    return field.adapt(raw);
  }

  *keys(): Iterable<CelValue> {
    for (const escaped of this.#fields.keys()) if (this.find(escaped) !== undefined) yield escaped;
  }
}

/** A map whose values have a schema. */
class SchemaMap extends MapValue {
  readonly raw: JsonObject;
  readonly #adapt: Adapter;

  override get hasSchema(): boolean {
    return true;
  }

  constructor(raw: JsonObject, adapt: Adapter) {
    super();
    this.raw = raw;
    this.#adapt = adapt;
  }

  get size(): number {
    return Object.keys(this.raw).length;
  }

  find(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return key instanceof CelError ? key : noSuchOverload();
    return Object.hasOwn(this.raw, key) ? this.#adapt(this.raw[key]!) : undefined;
  }

  keys(): Iterable<CelValue> {
    return Object.keys(this.raw);
  }
}

function ofArray(schema: Schema): Adapter {
  const wrong = new CelError('invalid data, expected an array for the provided schema with type=array');
  if (schema.items === undefined)
    return () => new CelError('invalid array type, expected Items with a non-empty Schema');
  const adapt = adapterOf(schema.items);
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []).map((name) => escapeName(name) ?? name);
  switch (schema['x-kubernetes-list-type']) {
    case 'map':
      return (raw) => (Array.isArray(raw) ? new KeyedList(raw, adapt, keys) : wrong);
    case 'set':
      return (raw) => (Array.isArray(raw) ? new SetList(raw, adapt) : wrong);
    default:
      return (raw) => (Array.isArray(raw) ? new SchemaList(raw, adapt) : wrong);
  }
}

/** A list whose elements have a schema. */
class SchemaList extends ListValue {
  readonly raw: readonly JsonValue[];
  protected readonly adapt: Adapter;

  override get hasSchema(): boolean {
    return true;
  }

  constructor(raw: readonly JsonValue[], adapt: Adapter) {
    super();
    this.raw = raw;
    this.adapt = adapt;
  }

  get size(): number {
    return this.raw.length;
  }

  get(index: number): CelValue {
    return this.adapt(this.raw[index]!);
  }
}

/** The elements of any list as JSON. */
function rawElements(list: ListValue): readonly JsonValue[] {
  return 'raw' in list ? (list.raw as readonly JsonValue[]) : [...list].map((element) => toJson(element) ?? null);
}

/** A list with `x-kubernetes-list-type: set`: its order does not matter, and `+` adds what is not there yet. */
class SetList extends SchemaList {
  override equals(other: ListValue): boolean {
    if (other.size !== this.size) return false;
    const members = new Set(this.raw.map(scalarKey));
    return rawElements(other).every((element) => members.has(scalarKey(element)));
  }

  override concat(other: ListValue): ListValue {
    const members = new Map(this.raw.map((element) => [scalarKey(element), element]));
    const elements = [...this.raw];
    for (const element of rawElements(other)) {
      const key = scalarKey(element);
      if (members.has(key)) continue;
      members.set(key, element);
      elements.push(element);
    }
    return new SetList(elements, this.adapt);
  }
}

/** A list with `x-kubernetes-list-type: map`: elements are found by their keys, and `+` replaces those of equal keys. */
class KeyedList extends SchemaList {
  readonly #keys: readonly string[];

  constructor(raw: readonly JsonValue[], adapt: Adapter, keys: readonly string[]) {
    super(raw, adapt);
    this.#keys = keys;
  }

  override equals(other: ListValue): boolean {
    if (other.size !== this.size) return false;
    const members = new Map(this.raw.map((element) => [this.#keyOf(element), element]));
    return rawElements(other).every((element) => jsonEqual(members.get(this.#keyOf(element)), element));
  }

  override concat(other: ListValue): ListValue {
    const elements = [...this.raw];
    const positions = new Map(elements.map((element, i) => [this.#keyOf(element), i]));
    for (const element of rawElements(other)) {
      const position = positions.get(this.#keyOf(element));
      if (position === undefined) elements.push(element);
      else elements[position] = element;
    }
    return new KeyedList(elements, this.adapt, this.#keys);
  }

  #keyOf(element: JsonValue): string {
    return isJsonObject(element) ? this.#keys.map((key) => scalarKey(element[key] ?? null)).join('\0') : '';
  }
}

function scalarKey(value: JsonValue): string {
  return `${typeof value} ${String(value)}`;
}
