import { parseJson, stringifyUnescaped } from './json.ts';
import { BYTES, type ProtoReader, type ProtoWriter, VARINT } from './protobuf-wire.ts';
import { canonicalQuantity } from './quantity.ts';
import { formatMicroTime, formatTime, type Instant, parseMicroTime, parseTime } from './time.ts';
import { isJsonObject, type JsonValue } from './value.ts';

/** How a message is written and read whose JSON form is not an object of its fields. */
export interface SpecialMessage {
  /** Writes the content of the message; `undefined` and null are the zero value. */
  write(w: ProtoWriter, value: JsonValue | undefined): void;
  /** Reads up to the end of the message. */
  read(r: ProtoReader): JsonValue;
  /** The JSON of the zero value. */
  readonly zero: JsonValue;
}

/** Calls `field` with each field's number and wire type; it returns false for one that is not known. */
export function readFields(r: ProtoReader, field: (number: number, wire: number) => boolean): void {
  while (!r.done) {
    const key = r.varint();
    const wire = key % 8;
    if (!field(Math.floor(key / 8), wire)) r.skip(wire);
  }
}

const quantity: SpecialMessage = {
  zero: '0',
  write(w, value) {
    const before = w.length;
    w.string(value === undefined || value === null ? '0' : canonicalQuantity(String(value).trim()));
    w.close(1, before);
  },
  read(r) {
    let text = '';
    readFields(r, (number, wire) => number === 1 && wire === BYTES && ((text = r.string()), true));
    return text === '' ? '0' : canonicalQuantity(text);
  },
};

function timestamp(parse: (text: string) => Instant, format: (time: Instant) => string, unit: number): SpecialMessage {
  return {
    zero: null,
    write(w, value) {
      if (typeof value !== 'string') return;
      const time = parse(value);
      if (format(time).startsWith('0001-01-01T00:00:00') && time.nanos === 0) return;
      w.varint(unit === 0 ? 0 : Math.floor(time.nanos / unit) * unit);
      w.tag(2, VARINT);
      w.int64(time.seconds);
      w.tag(1, VARINT);
    },
    read(r) {
      if (r.done) return null;
      let seconds = 0;
      let nanos = 0;
      readFields(r, (number, wire) => {
        if (wire !== VARINT || number < 1 || number > 2) return false;
        if (number === 1) seconds = Number(r.int64());
        else nanos = r.int32();
        return true;
      });
      if (Math.abs(seconds) > 8.64e12) r.fail('proto: time out of range');
      return format({ seconds, nanos });
    },
  };
}

const intOrString: SpecialMessage = {
  zero: 0,
  write(w, value) {
    const before = w.length;
    w.string(typeof value === 'string' ? value : '');
    w.close(3, before);
    w.int64(typeof value === 'number' || typeof value === 'bigint' ? value : 0);
    w.tag(2, VARINT);
    w.varint(typeof value === 'string' ? 1 : 0);
    w.tag(1, VARINT);
  },
  read(r) {
    let type = 0;
    let number = 0;
    let text = '';
    readFields(r, (field, wire) => {
      if (wire === BYTES && field === 3) text = r.string();
      else if (wire === VARINT && field === 1) type = r.varint();
      else if (wire === VARINT && field === 2) number = r.int32();
      else return false;
      return true;
    });
    return type === 1 ? text : number;
  },
};

/** JSON text in a field of bytes; a Uint8Array is taken as such text already. */
const rawJson: SpecialMessage = {
  zero: null,
  write(w, value) {
    if (value === undefined || value === null) return;
    const before = w.length;
    if ((value as unknown) instanceof Uint8Array) w.bytes(value as unknown as Uint8Array);
    else w.string(stringifyUnescaped(value));
    w.close(1, before);
  },
  read(r) {
    let value: JsonValue = null;
    readFields(r, (number, wire) => {
      if (number !== 1 || wire !== BYTES) return false;
      const bytes = r.bytes();
      value = bytes.length === 0 ? null : parseJson(bytes);
      return true;
    });
    return value;
  },
};

/** Messages of special JSON form, by name. */
export const SPECIAL_MESSAGES: Readonly<Record<string, SpecialMessage>> = {
  'k8s.io.apimachinery.pkg.api.resource.Quantity': quantity,
  'k8s.io.apimachinery.pkg.apis.meta.v1.Time': timestamp(parseTime, formatTime, 0),
  'k8s.io.apimachinery.pkg.apis.meta.v1.MicroTime': timestamp(parseMicroTime, formatMicroTime, 1000),
  'k8s.io.apimachinery.pkg.util.intstr.IntOrString': intOrString,
  'k8s.io.apimachinery.pkg.runtime.RawExtension': rawJson,
  'k8s.io.apimachinery.pkg.apis.meta.v1.FieldsV1': rawJson,
  'k8s.io.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': rawJson,
  'k8s.io.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.JSON': rawJson,
};

/** The messages of a JSON schema that stand for one of two JSON types: the fields that carry each. */
export type UnionName = 'JSONSchemaPropsOrArray' | 'JSONSchemaPropsOrBool' | 'JSONSchemaPropsOrStringArray';

/** Brings the JSON of a union into the form of an object of the message's fields. */
export function splitUnion(union: UnionName, value: JsonValue): Record<string, JsonValue> {
  if (union === 'JSONSchemaPropsOrBool')
    return isJsonObject(value) ? { allows: true, schema: value } : { allows: value === true };
  if (isJsonObject(value)) return { schema: value };
  return { [union === 'JSONSchemaPropsOrArray' ? 'jSONSchemas' : 'property']: value };
}

/** The reverse of {@link splitUnion}. */
export function joinUnion(union: UnionName, fields: Readonly<Record<string, JsonValue>>): JsonValue {
  if (isJsonObject(fields.schema)) return fields.schema;
  if (union === 'JSONSchemaPropsOrBool') return fields.allows === true;
  return (union === 'JSONSchemaPropsOrArray' ? fields.jSONSchemas : fields.property) ?? null;
}
