/** What a type is made of; `struct` has fields or is opaque but comparable, `opaque` may have parameters. */
export type TypeKind =
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'dyn'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null_type'
  | 'opaque'
  | 'string'
  | 'struct'
  | 'timestamp'
  | 'type'
  | 'type_param'
  | 'uint';

/** The field of a struct. */
export interface FieldType {
  readonly type: CelType;
}

/** Looks the fields of a struct up; undefined for a field that does not exist. */
export type Fields = (name: string) => FieldType | undefined;

/** A static type. Types are shared and never changed; {@link sameType} compares them. */
export class CelType {
  readonly kind: TypeKind;
  /** The name at run time, without parameters: `list`, `kubernetes.Quantity`; of a parameter its letter. */
  readonly name: string;
  /** Element, or key and value, or the parameters of an opaque type. */
  readonly params: readonly CelType[];
  /** Null can be assigned to it. */
  readonly nullable: boolean;
  /** Of a struct whose fields are known. */
  readonly fields: Fields | undefined;

  constructor(
    kind: TypeKind,
    name: string,
    params: readonly CelType[] = [],
    { nullable = false, fields }: { nullable?: boolean; fields?: Fields } = {},
  ) {
    this.kind = kind;
    this.name = name;
    this.params = params;
    this.nullable = nullable;
    this.fields = fields;
  }

  /** As messages show it: `list(int)`, `wrapper(string)`. */
  toString(): string {
    if (this.params.length > 0) return `${this.name}(${this.params.join(', ')})`;
    return this.nullable && PRIMITIVES.has(this.kind) ? `wrapper(${this.name})` : this.name;
  }
}

const PRIMITIVES: ReadonlySet<TypeKind> = new Set(['bool', 'bytes', 'double', 'int', 'string', 'uint']);

/** true and false. */
export const BOOL: CelType = new CelType('bool', 'bool');
/** Bytes. */
export const BYTES: CelType = new CelType('bytes', 'bytes');
/** Floating point of 64 bits. */
export const DOUBLE: CelType = new CelType('double', 'double');
/** A span of time, or null. */
export const DURATION: CelType = new CelType('duration', 'google.protobuf.Duration', [], { nullable: true });
/** Anything; checked when it is evaluated. */
export const DYN: CelType = new CelType('dyn', 'dyn');
/** What a wrong expression has; it goes with everything, so that one mistake is told once. */
export const ERROR: CelType = new CelType('error', '!error!');
/** Signed integers of 64 bits. */
export const INT: CelType = new CelType('int', 'int');
/** Only null. */
export const NULL: CelType = new CelType('null_type', 'null_type');
/** Text. */
export const STRING: CelType = new CelType('string', 'string');
/** A point in time, or null. */
export const TIMESTAMP: CelType = new CelType('timestamp', 'google.protobuf.Timestamp', [], { nullable: true });
/** Types as values, of which it is not known what they are the types of. */
export const TYPE: CelType = new CelType('type', 'type');
/** Unsigned integers of 64 bits. */
export const UINT: CelType = new CelType('uint', 'uint');

/** `list(element)`. */
export function listType(element: CelType): CelType {
  return new CelType('list', 'list', [element]);
}

/** `map(key, value)`. */
export function mapType(key: CelType, value: CelType): CelType {
  return new CelType('map', 'map', [key, value]);
}

/** `optional_type(value)`. */
export function optionalType(value: CelType): CelType {
  return new CelType('opaque', 'optional_type', [value]);
}

/** `type(of)`: the type of a type. */
export function typeType(of: CelType): CelType {
  return new CelType('type', 'type', [of]);
}

/** A type that is known by its name and parameters only. */
export function opaqueType(name: string, ...params: CelType[]): CelType {
  return new CelType('opaque', name, params);
}

/** An object; without `fields` nothing can be selected from it. */
export function objectType(name: string, fields?: Fields): CelType {
  return new CelType('struct', name, [], { nullable: true, ...(fields && { fields }) });
}

/** A parameter of an overload, bound anew at each call. */
export function typeParam(name: string): CelType {
  return new CelType('type_param', name);
}

/** A primitive type whose values may be null. */
export function nullableType(type: CelType): CelType {
  return new CelType(type.kind, type.name, type.params, { nullable: true });
}

/** True for the same type, parameters included; whether its values may be null does not count. */
export function sameType(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.name !== b.name || a.params.length !== b.params.length) return false;
  return a.params.every((param, i) => sameType(param, b.params[i]!));
}
