// Values of CEL as JSON, as tools/cel-oracle has them: bool, string and null are themselves, a list is an array, and all
// else an object of one member, {"int": "1"} or {"map": [[KEY, VALUE]…]}.
import * as cel from '../../dist/cel/index.js';
import { typeName } from '../../dist/cel/kind.js';

const bits = new DataView(new ArrayBuffer(8));

function printDouble(value) {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Inf' : '-Inf';
  bits.setFloat64(0, value);
  return bits.getBigUint64(0).toString(16);
}

/** RFC 3339 with as many digits as needed. */
function printTime({ seconds, nanos }) {
  const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
  return `${date}${fraction}Z`;
}

const byText = ([a], [b]) => {
  const [x, y] = [JSON.stringify(a), JSON.stringify(b)];
  return x < y ? -1 : Number(x > y);
};

/** The JSON of a value. */
export function printValue(value) {
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number') return { double: printDouble(value) };
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof cel.Uint) return { uint: String(value.value) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (value instanceof cel.Timestamp) return { timestamp: printTime(value) };
  if (value instanceof cel.Duration) return { duration: String(value.nanos) };
  if (value instanceof cel.TypeValue) return { type: value.name };
  if (value instanceof cel.Optional) return { optional: value.value === undefined ? [] : [printValue(value.value)] };
  if (value instanceof cel.ListValue) return [...value].map(printValue);
  if (value instanceof cel.MapValue)
    return { map: [...value.keys()].map((key) => [printValue(key), printValue(value.find(key))]).sort(byText) };
  return { object: typeName(value) };
}

/** The value of what {@link printValue} made. */
export function readValue(json) {
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return new cel.ArrayList(json.map(readValue));
  const [[kind, content]] = Object.entries(json);
  switch (kind) {
    case 'int':
      return BigInt(content);
    case 'uint':
      return new cel.Uint(BigInt(content));
    case 'double':
      return readDouble(content);
    case 'bytes':
      return new Uint8Array(Buffer.from(content, 'base64'));
    case 'timestamp': {
      const [, whole, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(content);
      return new cel.Timestamp(BigInt(Date.parse(`${whole}Z`)) / 1000n, Number(fraction.padEnd(9, '0')));
    }
    case 'duration':
      return new cel.Duration(BigInt(content));
    case 'type':
      return new cel.TypeValue(content);
    case 'optional':
      return content.length === 0 ? cel.Optional.none : cel.Optional.of(readValue(content[0]));
    case 'map':
      return new cel.EntryMap(content.map(([key, value]) => [readValue(key), readValue(value)]));
    default:
      throw new TypeError(`no kind of value: ${kind}`);
  }
}

function readDouble(text) {
  if (text.endsWith('Inf')) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^[0-9a-f]{1,16}$/.test(text) && text !== 'NaN' && !/^\d\.?\d*$/.test(text)) {
    bits.setBigUint64(0, BigInt(`0x${text}`));
    return bits.getFloat64(0);
  }
  return Number(text);
}

const TYPES = {
  bool: cel.BOOL,
  bytes: cel.BYTES,
  double: cel.DOUBLE,
  dyn: cel.DYN,
  int: cel.INT,
  null_type: cel.NULL,
  string: cel.STRING,
  uint: cel.UINT,
  type: cel.TYPE,
  'google.protobuf.Timestamp': cel.TIMESTAMP,
  'google.protobuf.Duration': cel.DURATION,
};

/** A type of its text: `list(int)`, `optional_type(string)`. */
export function readType(text) {
  const known = TYPES[text];
  if (known !== undefined) return known;
  const [, name, inner] = /^([\w.]+)\((.*)\)$/.exec(text) ?? [undefined, text, ''];
  switch (name) {
    case 'list':
      return cel.listType(readType(inner));
    case 'map': {
      const at = inner.indexOf(', ');
      return cel.mapType(readType(inner.slice(0, at)), readType(inner.slice(at + 2)));
    }
    case 'optional_type':
      return cel.optionalType(readType(inner));
    case 'wrapper':
      return cel.nullableType(readType(inner));
    case 'type':
      return cel.typeType(readType(inner));
    default:
      return cel.objectType(name);
  }
}
