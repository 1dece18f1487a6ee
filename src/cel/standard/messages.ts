import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listType,
  mapType,
  nullableType,
  objectType,
  STRING,
  TIMESTAMP,
  UINT,
} from '../type.ts';
import {
  ArrayList,
  CelError,
  type CelValue,
  Duration,
  EntryMap,
  ListValue,
  MapValue,
  ObjectValue,
  Timestamp,
  TypeValue,
  Uint,
} from '../value.ts';

/** A message of protobuf that expressions can write down; its value is one of the language's own. */
export interface WellKnownMessage {
  /** With the fields that can be set. */
  readonly type: CelType;
  /** What an expression that makes it has. */
  readonly result: CelType;
  readonly make: (fields: ReadonlyMap<string, CelValue>) => CelValue;
}

/** The messages that cel-go knows of itself, by their names. */
export const WELL_KNOWN_MESSAGES: ReadonlyMap<string, WellKnownMessage> = new Map([
  wrapper('BoolValue', BOOL, false),
  wrapper('BytesValue', BYTES, new Uint8Array()),
  wrapper('DoubleValue', DOUBLE, 0),
  wrapper('FloatValue', DOUBLE, 0, (value) => Math.fround(value as number)),
  wrapper('Int32Value', INT, 0n, toInt32),
  wrapper('Int64Value', INT, 0n),
  wrapper('StringValue', STRING, ''),
  wrapper('UInt32Value', UINT, new Uint(0n), toUint32),
  wrapper('UInt64Value', UINT, new Uint(0n)),
  message('Any', DYN, {}, () => new CelError('unsupported conversion to ref.Val: (*dynamicpb.Message)')),
  message('Empty', objectType('google.protobuf.Empty'), {}, () => EMPTY),
  message('Duration', DURATION, { seconds: INT, nanos: INT }, (fields) => {
    const { seconds, nanos } = secondsAndNanos(fields);
    return new Duration(seconds * 1_000_000_000n + nanos);
  }),
  message('Timestamp', TIMESTAMP, { seconds: INT, nanos: INT }, (fields) => {
    const { seconds, nanos } = secondsAndNanos(fields);
    return new Timestamp(seconds, Number(nanos));
  }),
  message('ListValue', listType(DYN), { values: listType(DYN) }, (fields) =>
    jsonOf(fields.get('values') ?? new ArrayList([])),
  ),
  message('Struct', mapType(STRING, DYN), { fields: mapType(STRING, DYN) }, (fields) =>
    jsonOf(fields.get('fields') ?? new EntryMap([])),
  ),
  message(
    'Value',
    DYN,
    {
      null_value: INT,
      number_value: DOUBLE,
      string_value: STRING,
      bool_value: BOOL,
      struct_value: mapType(STRING, DYN),
      list_value: listType(DYN),
    },
    (fields) => {
      const [name, value] = [...fields].at(-1) ?? [];
      return value === undefined || name === 'null_value' ? null : jsonOf(value);
    },
  ),
]);

function message(
  name: string,
  result: CelType,
  fields: Readonly<Record<string, CelType>>,
  make: WellKnownMessage['make'],
): [string, WellKnownMessage] {
  const full = `google.protobuf.${name}`;
  const find = (field: string) => (Object.hasOwn(fields, field) ? { type: fields[field]! } : undefined);
  return [full, { type: objectType(full, find), result, make }];
}

/** A message for a value that may be missing; where it is written down it is there. */
function wrapper(
  name: string,
  type: CelType,
  zero: CelValue,
  convert: (value: CelValue) => CelValue = (value) => value,
): [string, WellKnownMessage] {
  const make = (fields: ReadonlyMap<string, CelValue>) => convert(fields.get('value') ?? zero);
  return message(name, nullableType(type), { value: type }, make);
}

function toInt32(value: CelValue): CelValue {
  return BigInt.asIntN(32, value as bigint) === value ? value : overflow('Int32Value', 'integer overflow');
}

function toUint32(value: CelValue): CelValue {
  const fits = BigInt.asUintN(32, (value as Uint).value) === (value as Uint).value;
  return fits ? value : overflow('UInt32Value', 'unsigned integer overflow');
}

function overflow(name: string, why: string): CelError {
  return new CelError(`field type conversion error for google.protobuf.${name}.value value type: ${why}`);
}

function secondsAndNanos(fields: ReadonlyMap<string, CelValue>): { seconds: bigint; nanos: bigint } {
  const { seconds = 0n, nanos = 0n } = Object.fromEntries(fields) as { seconds?: bigint; nanos?: bigint };
  return { seconds, nanos };
}

/** A value as JSON has it: all numbers are doubles, and keys are texts. */
function jsonOf(value: CelValue): CelValue {
  if (value instanceof Uint) return jsonOf(value.value);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof ListValue) return new ArrayList([...value].map(jsonOf));
  if (!(value instanceof MapValue)) return value;
  return new EntryMap([...value.keys()].map((key) => [String(jsonOf(key)), jsonOf(value.find(key)!)] as const));
}

class EmptyMessage extends ObjectValue {
  readonly type = new TypeValue('google.protobuf.Empty');

  equals(other: CelValue): boolean {
    return other === this;
  }
}

const EMPTY = new EmptyMessage();
