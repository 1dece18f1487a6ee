import type { CelType } from './type.ts';
import {
  CelError,
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

/** The name of a value's type at run time, as `type(x)` and messages have it. */
export function typeName(value: CelValue): string {
  switch (typeof value) {
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
  }
  if (value === null) return 'null_type';
  if (value instanceof Uint) return 'uint';
  if (value instanceof ListValue) return 'list';
  if (value instanceof MapValue) return 'map';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof Optional) return 'optional_type';
  if (value instanceof TypeValue) return 'type';
  if (value instanceof ObjectValue) return value.type.name;
  return 'error';
}

/** Whether a value can be an argument where this type is declared. */
export function fits(value: CelValue, type: CelType): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'type_param':
    case 'error':
      return !(value instanceof CelError);
    case 'struct':
      return value instanceof MapValue || (value instanceof ObjectValue && value.type.name === type.name);
    case 'null_type':
      return value === null;
    case 'list':
      return value instanceof ListValue && (value.size === 0 || fits(value.get(0), type.params[0]!));
    case 'map':
      return value instanceof MapValue && entryFits(value, type);
    default:
      return typeName(value) === type.name;
  }
}

/** Of containers the first entry is looked at. */
function entryFits(map: MapValue, { params: [keyType, valueType] }: CelType): boolean {
  for (const key of map.keys()) return fits(key, keyType!) && fits(map.find(key)!, valueType!);
  return true;
}

/** The size that costs go by: characters, bytes, elements or entries; 1 for all else. */
export function sizeOf(value: CelValue): number {
  if (typeof value === 'string') return codePoints(value);
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof ListValue || value instanceof MapValue) return value.size;
  if (value instanceof Optional) return value.value === undefined ? 1 : sizeOf(value.value);
  return value instanceof ObjectValue ? (value.size() ?? 1) : 1;
}

/** How many code points a text has. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(i + 1);
    if (next >= 0xdc00 && next <= 0xdfff) {
      count--;
      i++;
    }
  }
  return count;
}

/** What cel-go calls the type of a value in its own language. */
export function goType(value: CelValue): string {
  const names: Readonly<Record<string, string>> = {
    bool: 'types.Bool',
    bytes: 'types.Bytes',
    double: 'types.Double',
    error: '*types.Err',
    'google.protobuf.Duration': 'types.Duration',
    'google.protobuf.Timestamp': 'types.Timestamp',
    int: 'types.Int',
    list: '*types.baseList',
    map: '*types.baseMap',
    null_type: 'types.Null',
    optional_type: '*types.Optional',
    string: 'types.String',
    type: '*types.Type',
    uint: 'types.Uint',
  };
  const name = typeName(value);
  return names[name] ?? `cel.${name.slice(name.lastIndexOf('.') + 1)}`;
}
