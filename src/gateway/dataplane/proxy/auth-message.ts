import { offWire } from '../http/wire-text.ts';
import type { Incoming } from './incoming.ts';

/** What a service of authorization decided. */
export type AuthVerdict =
  | {
      readonly allowed: true;
      /** That the backend gets. */
      readonly headers: readonly (readonly [string, string])[];
      readonly remove: readonly string[];
    }
  | {
      readonly allowed: false;
      readonly status: number;
      readonly body: string;
      readonly headers: readonly (readonly [string, string])[];
    };

/** A frame of gRPC with an `envoy.service.auth.v3.CheckRequest`. */
export function encodeCheckRequest(incoming: Incoming, body: Buffer): Buffer {
  const { method, path, query, host, authority, scheme, headers, client } = incoming;
  const fields: Buffer[] = [text(2, method)];
  for (let i = 0; i < headers.flat.length; i += 2) {
    fields.push(bytes(3, Buffer.concat([text(1, headers.flat[i]!), text(2, headers.flat[i + 1]!)])));
  }
  for (const [name, value] of [
    [':method', method],
    [':path', path],
    [':authority', authority],
    [':scheme', scheme],
  ] as const) {
    fields.push(bytes(3, Buffer.concat([text(1, name), text(2, value)])));
  }
  fields.push(text(4, query === '' ? path : `${path}?${query}`), text(5, host), text(6, scheme), text(7, query));
  fields.push(text(10, 'HTTP/1.1'), text(11, body.toString('utf8')));
  const request = bytes(4, bytes(2, Buffer.concat(fields)));
  const source = bytes(1, bytes(1, bytes(1, text(2, client))));
  const message = bytes(1, Buffer.concat([source, request]));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Reads the frame of a `CheckResponse`; undefined if it is none. */
export function decodeCheckResponse(frame: Buffer): AuthVerdict | undefined {
  try {
    const length = frame.readUInt32BE(1);
    if (frame[0] !== 0 || frame.length < 5 + length) return undefined;
    return verdictOf(readFields(frame.subarray(5, 5 + length)));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

type Fields = readonly { readonly number: number; readonly value: number | Buffer }[];

function verdictOf(response: Fields): AuthVerdict {
  const status = messageAt(response, 1);
  if (numberAt(status, 1) === 0) {
    const ok = messageAt(response, 3);
    const remove = ok.filter(({ number }) => number === 5).map(({ value }) => String(value).toLowerCase());
    return { allowed: true, headers: headersAt(ok, 2, FOR_REQUESTS), remove };
  }
  const denied = messageAt(response, 2);
  const code = numberAt(messageAt(denied, 1), 1);
  const body = denied.find(({ number }) => number === 3)?.value;
  return {
    allowed: false,
    status: code === 0 ? 403 : code,
    body: body?.toString() ?? '',
    headers: headersAt(denied, 2),
  };
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** A request may be sent to another path, too. */
const FOR_REQUESTS = /^(?::path|[!#$%&'*+\-.^_`|~0-9a-z]+)$/;

function headersAt(fields: Fields, number: number, names = NAME): [string, string][] {
  return fields
    .filter((field) => field.number === number && Buffer.isBuffer(field.value))
    .map(({ value }) => {
      const header = messageAt(readFields(value as Buffer), 1);
      const part = (at: number): string => bytesOf(header.find((field) => field.number === at)?.value);
      return [part(1).toLowerCase(), part(2) || part(3)] as [string, string];
    })
    .filter(([name, value]) => names.test(name) && !/[\r\n\0]/.test(value));
}

/** A character for each byte, as messages have texts. */
function bytesOf(value: number | Buffer | undefined): string {
  return Buffer.isBuffer(value) ? value.toString('latin1') : '';
}

function messageAt(fields: Fields, number: number): Fields {
  const found = fields.find((field) => field.number === number)?.value;
  return Buffer.isBuffer(found) ? readFields(found) : [];
}

function numberAt(fields: Fields, number: number): number {
  const found = fields.find((field) => field.number === number)?.value;
  return typeof found === 'number' ? found : 0;
}

/** The fields of a message of protobuf. @throws RangeError if it ends too early */
function readFields(message: Buffer): Fields {
  const fields: { number: number; value: number | Buffer }[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message.readUInt8(at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > message.length) throw new RangeError('a field is longer than its message');
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const key = varint();
    const wire = key % 8;
    const number = Math.floor(key / 8);
    if (wire === 0) fields.push({ number, value: varint() });
    else if (wire === 2) fields.push({ number, value: take(varint()) });
    else if (wire === 1 || wire === 5) take(wire === 1 ? 8 : 4);
    else throw new RangeError('a field has no kind that is known');
  }
  return fields;
}

function bytes(number: number, value: Buffer): Buffer {
  return Buffer.concat([varintOf(number * 8 + 2), varintOf(value.length), value]);
}

function text(number: number, value: string): Buffer {
  return value === '' ? Buffer.alloc(0) : bytes(number, Buffer.from(offWire(value)));
}

function varintOf(value: number): Buffer {
  const out: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...out, left]);
    out.push((left % 128) + 128);
  }
}
