import {
  type CelValue,
  Duration,
  ListValue,
  MapValue,
  ObjectValue,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from './value.ts';

/** The name of the type of a value, as `type(x)` and messages have it. */
export function typeNameOf(value: CelValue): string {
  if (value === null) return 'null_type';
  const simple = SIMPLE.get(typeof value);
  if (simple !== undefined) return simple;
  if (value instanceof ListValue) return 'list';
  if (value instanceof MapValue) return 'map';
  if (value instanceof ObjectValue) return value.type.name;
  if (value instanceof Uint) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof Optional) return 'optional_type';
  return value instanceof TypeValue ? 'type' : 'error';
}

const SIMPLE = new Map<string, string>([
  ['bigint', 'int'],
  ['number', 'double'],
  ['string', 'string'],
  ['boolean', 'bool'],
]);
