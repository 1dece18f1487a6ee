/** The tags of the ASN.1 types that certificates use (ITU-T X.690). */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** A value with its tag and its length before it, in the definite form that DER asks for. */
export function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

function lengthOf(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  const digits = Buffer.from(evenHex(bytes.toString(16)), 'hex');
  return Buffer.concat([Buffer.from([0x80 | digits.length]), digits]);
}

function evenHex(hex: string): string {
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

/** SEQUENCE of already encoded parts. */
export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(TAG.sequence, ...parts);
}

/** SET of one already encoded part; DER's ordering of several is not needed here. */
export function set(part: Uint8Array): Buffer {
  return tagged(TAG.set, part);
}

/** INTEGER of unsigned big-endian bytes; a zero byte in front keeps it positive. */
export function unsignedInteger(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const minimal = first === -1 ? Buffer.from([0]) : Buffer.from(bytes.subarray(first));
  return tagged(TAG.integer, minimal[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), minimal]) : minimal);
}

/** BOOLEAN TRUE; DER leaves out a value that is its default, so FALSE is never written. */
export function booleanTrue(): Buffer {
  return tagged(TAG.boolean, Buffer.from([0xff]));
}

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(TAG.oid, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value % 128];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left % 128) + 128);
  return digits;
}

/** UTF8String. */
export function utf8String(text: string): Buffer {
  return tagged(TAG.utf8, Buffer.from(text, 'utf8'));
}

/** OCTET STRING. */
export function octetString(bytes: Uint8Array): Buffer {
  return tagged(TAG.octetString, bytes);
}

/** BIT STRING; `unusedBits` of the last byte carry no meaning. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return tagged(TAG.bitString, Buffer.from([unusedBits]), bytes);
}

/** A point in time in whole seconds: UTCTime before 2050 and GeneralizedTime from then on, as RFC 5280 4.1.2.5 says. */
export function time(at: Date): Buffer {
  const digits = at
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  if (at.getUTCFullYear() >= 2050) return tagged(TAG.generalizedTime, Buffer.from(digits, 'latin1'));
  return tagged(TAG.utcTime, Buffer.from(digits.slice(2), 'latin1'));
}

/** One encoded value as read back: its tag and its content. */
export interface DerNode {
  readonly tag: number;
  readonly content: Buffer;
}

/**
 * Splits the content of a constructed value into the values in it.
 *
 * @throws RangeError when a length leads past the end: the bytes are not DER.
 */
export function readAll(bytes: Uint8Array): DerNode[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nodes: DerNode[] = [];
  for (let at = 0; at < buffer.length; ) {
    const { length, size } = readLength(buffer, at + 1);
    const start = at + 1 + size;
    if (start + length > buffer.length) throw new RangeError('DER value is cut off');
    nodes.push({ tag: buffer[at]!, content: buffer.subarray(start, start + length) });
    at = start + length;
  }
  return nodes;
}

function readLength(buffer: Buffer, at: number): { length: number; size: number } {
  const first = buffer.readUInt8(at);
  if (first < 0x80) return { length: first, size: 1 };
  const digits = first & 0x7f;
  if (digits === 0 || digits > 4) throw new RangeError('DER length is not definite or too large');
  return { length: buffer.readUIntBE(at + 1, digits), size: 1 + digits };
}

/** The dotted form of an OBJECT IDENTIFIER's content. */
export function readOid(content: Uint8Array): string {
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(value);
    value = 0;
  }
  const [head = 0, ...rest] = arcs;
  const first = Math.min(2, Math.floor(head / 40));
  return [first, head - first * 40, ...rest].join('.');
}
