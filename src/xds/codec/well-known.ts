import { BYTES, FIXED64, type ProtoReader, type ProtoWriter, VARINT } from 'nekube/protobuf';
import { ResourceError, shown, within } from './resource-error.ts';
import { SCALARS } from './scalars.ts';
import type { ValueCodec } from './value-codec.ts';

/** The codecs of google.protobuf's messages that have forms of their own in JSON, all but Any. */
export const WELL_KNOWN: Readonly<Record<string, ValueCodec>> = {
  Duration: { wire: BYTES, write: writeDuration, read: (reader) => durationText(readInstant(reader)) },
  Timestamp: { wire: BYTES, write: writeTimestamp, read: (reader) => timestampText(readInstant(reader)) },
  Empty: { wire: BYTES, write: writeEmpty, read: (reader) => skipAll(reader, {}) },
  FieldMask: { wire: BYTES, write: writeFieldMask, read: readFieldMask },
  Struct: { wire: BYTES, write: writeStruct, read: readStruct },
  Value: { wire: BYTES, write: writeValue, read: readValue },
  ListValue: { wire: BYTES, write: writeList, read: readList },
  BoolValue: wrapper('bool'),
  BytesValue: wrapper('bytes'),
  DoubleValue: wrapper('double'),
  FloatValue: wrapper('float'),
  Int32Value: wrapper('int32'),
  Int64Value: wrapper('int64'),
  StringValue: wrapper('string'),
  UInt32Value: wrapper('uint32'),
  UInt64Value: wrapper('uint64'),
};

/** A message whose one field is a scalar, so that none differs from zero. */
function wrapper(name: string): ValueCodec {
  const scalar = SCALARS[name]!;
  const zero = { bool: false, string: '', bytes: '', int64: '0', uint64: '0' }[name] ?? 0;
  return {
    wire: BYTES,
    write(writer, value) {
      if (scalar.isZero!(value)) return;
      const end = writer.length;
      scalar.write(writer, value);
      if (scalar.wire === BYTES) writer.close(1, end);
      else writer.tag(1, scalar.wire);
    },
    read(reader) {
      let value: unknown = zero;
      eachField(reader, (number, wire) => {
        if (number !== 1 || wire !== scalar.wire) return false;
        value = wire === BYTES ? inside(reader, () => scalar.read(reader)) : scalar.read(reader);
        return true;
      });
      return value;
    },
  };
}

/** Hands all fields to `take`; those that it does not take are skipped. */
function eachField(reader: ProtoReader, take: (number: number, wire: number) => boolean): void {
  while (!reader.done) {
    const tag = reader.varint();
    if (tag < 8) reader.fail(`proto: illegal tag ${tag}`);
    if (!take(Math.floor(tag / 8), tag % 8)) reader.skip(tag % 8);
  }
}

function inside<T>(reader: ProtoReader, read: () => T): T {
  const outer = reader.enter();
  const value = read();
  reader.leave(outer);
  return value;
}

function skipAll<T>(reader: ProtoReader, value: T): T {
  reader.rest();
  return value;
}

interface Instant {
  readonly seconds: bigint;
  readonly nanos: number;
}

function writeInstant(writer: ProtoWriter, { seconds, nanos }: Instant): void {
  if (nanos !== 0) {
    writer.int64(nanos);
    writer.tag(2, VARINT);
  }
  if (seconds !== 0n) {
    writer.int64(seconds);
    writer.tag(1, VARINT);
  }
}

function readInstant(reader: ProtoReader): Instant {
  let seconds = 0n;
  let nanos = 0;
  eachField(reader, (number, wire) => {
    if (wire !== VARINT || number > 2) return false;
    if (number === 1) seconds = BigInt(reader.int64());
    else nanos = reader.int32();
    return true;
  });
  return { seconds, nanos };
}

function writeDuration(writer: ProtoWriter, value: unknown): void {
  const match = typeof value === 'string' ? /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(value) : null;
  if (match === null) throw new ResourceError(`must be seconds as "1.5s", but is ${shown(value)}`);
  const sign = match[1] === '-' ? -1 : 1;
  const nanos = Number((match[3] ?? '').padEnd(9, '0'));
  writeInstant(writer, { seconds: BigInt(sign) * BigInt(match[2]!), nanos: sign * nanos });
}

/** Digits behind a point, in threes, or nothing. */
function fraction(nanos: number): string {
  if (nanos === 0) return '';
  return `.${String(Math.abs(nanos))
    .padStart(9, '0')
    .replace(/(000){1,2}$/, '')}`;
}

function durationText({ seconds, nanos }: Instant): string {
  const sign = seconds < 0n || nanos < 0 ? '-' : '';
  return `${sign}${seconds < 0n ? -seconds : seconds}${fraction(nanos)}s`;
}

function writeTimestamp(writer: ProtoWriter, value: unknown): void {
  const match =
    typeof value === 'string'
      ? /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(value)
      : null;
  const milliseconds = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`);
  if (match === null || Number.isNaN(milliseconds))
    throw new ResourceError(`must be a time of RFC 3339, but is ${shown(value)}`);
  writeInstant(writer, { seconds: BigInt(milliseconds / 1000), nanos: Number((match[2] ?? '').padEnd(9, '0')) });
}

function timestampText({ seconds, nanos }: Instant): string {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) throw new ResourceError(`a time of ${seconds} seconds is out of range`);
  return `${date.toISOString().slice(0, 19)}${fraction(nanos)}Z`;
}

function writeEmpty(_writer: ProtoWriter, value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.keys(value).length > 0)
    throw new ResourceError(`must be an empty object, but is ${shown(value)}`);
}

function writeFieldMask(writer: ProtoWriter, value: unknown): void {
  if (typeof value !== 'string') throw new ResourceError(`must be a text of paths, but is ${shown(value)}`);
  for (const path of value
    .split(',')
    .filter((one) => one !== '')
    .reverse()) {
    const end = writer.length;
    writer.string(path.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
    writer.close(1, end);
  }
}

function readFieldMask(reader: ProtoReader): string {
  const paths: string[] = [];
  eachField(reader, (number, wire) => {
    if (number !== 1 || wire !== BYTES) return false;
    paths.push(reader.string().replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
    return true;
  });
  return paths.join(',');
}

function writeStruct(writer: ProtoWriter, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ResourceError(`must be an object, but is ${shown(value)}`);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  for (const [key, one] of entries.sort(([a], [b]) => (a < b ? 1 : -1))) {
    const end = writer.length;
    try {
      writeValue(writer, one);
    } catch (error) {
      throw within(`[${JSON.stringify(key)}]`, error);
    }
    writer.close(2, end);
    const afterValue = writer.length;
    writer.string(key);
    writer.close(1, afterValue);
    writer.close(1, end);
  }
}

function readStruct(reader: ProtoReader): Record<string, unknown> {
  const struct: Record<string, unknown> = {};
  eachField(reader, (number, wire) => {
    if (number !== 1 || wire !== BYTES) return false;
    inside(reader, () => {
      let key = '';
      let value: unknown = null;
      eachField(reader, (part, partWire) => {
        if (partWire !== BYTES || part > 2) return false;
        if (part === 1) key = reader.string();
        else value = inside(reader, () => readValue(reader));
        return true;
      });
      Object.defineProperty(struct, key, { value, enumerable: true, configurable: true, writable: true });
    });
    return true;
  });
  return struct;
}

function writeValue(writer: ProtoWriter, value: unknown): void {
  const end = writer.length;
  if (value === null) {
    writer.varint(0);
    writer.tag(1, VARINT);
  } else if (typeof value === 'number') {
    writer.double(value);
    writer.tag(2, FIXED64);
  } else if (typeof value === 'string') {
    writer.string(value);
    writer.close(3, end);
  } else if (typeof value === 'boolean') {
    writer.varint(value ? 1 : 0);
    writer.tag(4, VARINT);
  } else if (Array.isArray(value)) {
    writeList(writer, value);
    writer.close(6, end);
  } else {
    writeStruct(writer, value);
    writer.close(5, end);
  }
}

function readValue(reader: ProtoReader): unknown {
  let value: unknown = null;
  eachField(reader, (number, wire) => {
    if (number === 1 && wire === VARINT) {
      reader.varint();
      value = null;
    } else if (number === 2 && wire === FIXED64) value = reader.double();
    else if (number === 3 && wire === BYTES) value = reader.string();
    else if (number === 4 && wire === VARINT) value = reader.varint() !== 0;
    else if (number === 5 && wire === BYTES) value = inside(reader, () => readStruct(reader));
    else if (number === 6 && wire === BYTES) value = inside(reader, () => readList(reader));
    else return false;
    return true;
  });
  return value;
}

function writeList(writer: ProtoWriter, value: unknown): void {
  if (!Array.isArray(value)) throw new ResourceError(`must be a list, but is ${shown(value)}`);
  for (let i = value.length - 1; i >= 0; i--) {
    const end = writer.length;
    try {
      writeValue(writer, value[i]);
    } catch (error) {
      throw within(`[${i}]`, error);
    }
    writer.close(1, end);
  }
}

function readList(reader: ProtoReader): unknown[] {
  const list: unknown[] = [];
  eachField(reader, (number, wire) => {
    if (number !== 1 || wire !== BYTES) return false;
    list.push(inside(reader, () => readValue(reader)));
    return true;
  });
  return list;
}
