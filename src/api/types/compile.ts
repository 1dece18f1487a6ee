import { isJsonObject, type JsonObject, type JsonValue, setMember } from 'nekube/apimachinery';
import { type Codec, type DecodeState, Mismatch } from './codec.ts';
import { type GoField, goFields } from './go-types.ts';
import {
  anyCodec,
  boolCodec,
  bytesCodec,
  float64Codec,
  int32Codec,
  int64Codec,
  intOrStringCodec,
  jsonCodec,
  microTime,
  quantityCodec,
  rawCodec,
  stringCodec,
  time,
  uint8Codec,
} from './scalars.ts';
import { type Shape, shapeOf } from './shape.ts';

/** A field of a compiled struct. */
interface Slot {
  readonly index: number;
  readonly name: string;
  readonly codec: Codec;
  /** What is written when the input has nothing: undefined for nothing, else the zero value. */
  readonly absent: ((state: DecodeState) => JsonValue) | undefined;
  readonly omits: (written: JsonValue) => boolean;
}

const structs = new Map<string, Codec>();

/** The codec of a struct or custom type, by its short Go name; compiled at the first call, with what it reaches. */
export function codecOf(type: string): Codec {
  let codec = structs.get(type);
  if (codec === undefined) {
    codec = lazily(() => compileStruct(type));
    structs.set(type, codec);
  }
  return codec;
}

/** A codec that is made at its first use, since types may contain themselves. */
function lazily(make: () => Codec): Codec {
  let made: Codec | undefined;
  const get = () => {
    made ??= make();
    return made;
  };
  return {
    decode: (value, state) => get().decode(value, state),
    zero: (state) => get().zero(state),
    isEmpty: (written) => get().isEmpty(written),
  };
}

function codecOfShape(shape: Shape): Codec {
  switch (shape.kind) {
    case 'struct':
      return codecOf(shape.type);
    case 'custom':
      return customCodec(shape.type);
    case 'pointer':
      return codecOfShape(shape.element);
    case 'list':
      return listCodec(codecOfShape(shape.element));
    case 'map':
      return mapCodec(mapValueCodec(shape.element));
    default:
      return scalars[shape.kind];
  }
}

const scalars = {
  string: stringCodec,
  bool: boolCodec,
  int32: int32Codec,
  int64: int64Codec,
  uint8: uint8Codec,
  float64: float64Codec,
  bytes: bytesCodec,
  any: anyCodec,
};

function customCodec(type: string): Codec {
  const codec = customs[type];
  if (codec === undefined) throw new TypeError(`no codec for the Go type "${type}"`);
  return codec;
}

const isEmptyCollection = (written: JsonValue) =>
  written === null || (Array.isArray(written) ? written.length === 0 : Object.keys(written as JsonObject).length === 0);

function listCodec(element: Codec): Codec {
  return {
    decode(value, state) {
      if (!Array.isArray(value)) throw new Mismatch();
      if (value.length === 0 && state.stored) return null;
      const out: JsonValue[] = new Array(value.length);
      for (let i = 0; i < value.length; i++) {
        const item = value[i]!;
        out[i] = item === null ? element.zero(state) : element.decode(item, state);
      }
      return out;
    },
    zero: () => null,
    isEmpty: isEmptyCollection,
  };
}

function mapCodec(element: Codec): Codec {
  return {
    decode(value, state) {
      if (!isJsonObject(value)) throw new Mismatch();
      const keys = Object.keys(value);
      if (keys.length === 0 && state.stored) return null;
      if (keys.length > 1) keys.sort();
      const out: JsonObject = {};
      for (const key of keys) {
        const item = value[key]!;
        setMember(out, key, item === null ? element.zero(state) : element.decode(item, state));
      }
      return out;
    },
    zero: () => null,
    isEmpty: isEmptyCollection,
  };
}

/** In the values of a map, protobuf has no null. */
function mapValueCodec(shape: Shape): Codec {
  const codec = codecOfShape(shape);
  if (shape.kind !== 'bytes' && shape.kind !== 'list') return codec;
  const empty = (state: DecodeState) => (state.stored ? (shape.kind === 'list' ? [] : '') : null);
  return { ...codec, decode: (value, state) => codec.decode(value, state) ?? empty(state), zero: empty };
}

function compileStruct(type: string): Codec {
  const slots = flatFields(type).map(slotOf);
  const byName = new Map(slots.map((slot) => [slot.name, slot]));
  const write = (values: readonly (JsonValue | undefined)[], state: DecodeState): JsonObject => {
    const out: JsonObject = {};
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      const value = values[i];
      if (value === undefined) {
        if (slot.absent !== undefined) out[slot.name] = slot.absent(state);
      } else if (!slot.omits(value)) out[slot.name] = value;
    }
    return out;
  };
  return {
    decode(value, state) {
      if (!isJsonObject(value)) throw new Mismatch();
      const values: (JsonValue | undefined)[] = new Array(slots.length);
      for (const key in value) {
        const slot = byName.get(key);
        const item = value[key]!;
        if (slot === undefined) state.unknown = true;
        else if (item !== null) values[slot.index] = slot.codec.decode(item, state);
      }
      return write(values, state);
    },
    zero: (state) => write([], state),
    isEmpty: () => false,
  };
}

/** The fields of a struct, with those of embedded structs in their place. */
export function flatFields(type: string): GoField[] {
  return goFields(type).flatMap((field) => (field.embedded ? flatFields(field.type) : [field]));
}

function slotOf(field: GoField, index: number): Slot {
  const shape = shapeOf(field.type);
  const codec = codecOfShape(shape);
  return { index, name: field.name, codec, absent: absentOf(field, shape, codec), omits: omitsOf(field, shape, codec) };
}

function absentOf(field: GoField, shape: Shape, codec: Codec): Slot['absent'] {
  if (field.omitZero) return undefined;
  if (shape.kind === 'pointer') return field.omitEmpty ? undefined : () => null;
  if (!field.omitEmpty) return (state) => codec.zero(state);
  // omitempty does nothing for a struct, also for one with a JSON form of its own
  return shape.kind === 'struct' || shape.kind === 'custom' ? (state) => codec.zero(state) : undefined;
}

function omitsOf(field: GoField, shape: Shape, codec: Codec): Slot['omits'] {
  if (field.omitZero) return (written) => written === null;
  if (!field.omitEmpty || shape.kind === 'pointer') return () => false;
  return (written) => codec.isEmpty(written);
}

/** Decodes apart from the outer value: what is unknown in there goes unnoticed, as Go decodes it on its own. */
function apart(codec: Codec): Codec {
  return { ...codec, decode: (value, state) => codec.decode(value, { ...state, unknown: false, fromMap: false }) };
}

const schemaProps = apart(codecOf('apiextensions/v1.JSONSchemaProps'));
const schemaList = listCodec(schemaProps);
const stringList = listCodec(stringCodec);

/** The types with a JSON form of their own. */
const customs: Readonly<Record<string, Codec>> = {
  'resource.Quantity': quantityCodec,
  'meta/v1.Time': time,
  'meta/v1.MicroTime': microTime,
  'meta/v1.FieldsV1': rawCodec,
  'intstr.IntOrString': intOrStringCodec,
  'runtime.RawExtension': rawCodec,
  'runtime.Unknown': rawCodec,
  'apiextensions/v1.JSON': jsonCodec,
  'apiextensions/v1.JSONSchemaPropsOrBool': union((value, state) => {
    if (typeof value === 'boolean') return value;
    return schemaProps.decode(value, state);
  }, false),
  'apiextensions/v1.JSONSchemaPropsOrArray': union((value, state) => {
    if (Array.isArray(value)) return value.length === 0 ? null : schemaList.decode(value, state);
    return isJsonObject(value) ? schemaProps.decode(value, state) : null;
  }, null),
  'apiextensions/v1.JSONSchemaPropsOrStringArray': union((value, state) => {
    if (Array.isArray(value)) return value.length === 0 ? null : stringList.decode(value, state);
    return isJsonObject(value) ? schemaProps.decode(value, state) : null;
  }, null),
};

function union(decode: Codec['decode'], zero: JsonValue): Codec {
  return { decode, zero: () => zero, isEmpty: () => false };
}
