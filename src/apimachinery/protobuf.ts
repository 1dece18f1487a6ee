import { ParseError } from './parse-error.ts';
import { protobufCodecs } from './protobuf-codec.ts';
import type { ProtobufMessages } from './protobuf-facts.ts';
import { readFields } from './protobuf-special.ts';
import { BYTES, ProtoReader, ProtoWriter } from './protobuf-wire.ts';
import type { JsonObject } from './value.ts';

/**
 * Writes a message from the JSON of its object, byte for byte as the Go types do: fields in order, all values that are
 * not pointers also when they are zero, maps sorted. A RawExtension may be given as a Uint8Array.
 *
 * @throws ParseError when a quantity or time in it is malformed.
 */
export function encodeProtobuf(message: string, value: JsonObject, facts: ProtobufMessages): Uint8Array {
  const writer = new ProtoWriter();
  protobufCodecs(facts).message(message).write(writer, value);
  return writer.finish();
}

/**
 * Reads a message into the JSON that the Go type has: zero values as their tags say, maps sorted, bytes in base64.
 * Unknown fields are skipped.
 *
 * @throws ParseError for malformed bytes.
 */
export function decodeProtobuf(message: string, bytes: Uint8Array, facts: ProtobufMessages): JsonObject {
  const codecs = protobufCodecs(facts);
  codecs.depth = 0;
  return codecs.message(message).read(new ProtoReader(bytes)) as JsonObject;
}

/** An object in Kubernetes' envelope, not yet decoded. */
export interface UnknownObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** The message of the object. */
  readonly raw: Uint8Array;
  readonly contentType?: string;
  readonly contentEncoding?: string;
}

const MAGIC = Uint8Array.of(0x6b, 0x38, 0x73, 0);

/** Puts a message into the envelope: the four bytes `k8s\0` and a runtime.Unknown. */
export function wrapUnknown(object: UnknownObject): Uint8Array {
  const w = new ProtoWriter();
  const text = (number: number, value: string) => {
    const before = w.length;
    w.string(value);
    w.close(number, before);
  };
  text(4, object.contentType ?? '');
  text(3, object.contentEncoding ?? '');
  const beforeRaw = w.length;
  w.bytes(object.raw);
  w.close(2, beforeRaw);
  const beforeType = w.length;
  text(2, object.kind);
  text(1, object.apiVersion);
  w.close(1, beforeType);
  w.bytes(MAGIC);
  return w.finish();
}

/** True when the bytes begin as an envelope does. */
export function isProtobufEnvelope(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/** Opens an envelope. @throws ParseError when there is none, or it is malformed. */
export function unwrapUnknown(bytes: Uint8Array): UnknownObject {
  if (!isProtobufEnvelope(bytes)) {
    const expected = `expected prefix [${MAGIC.join(' ')}]`;
    throw new ParseError(`provided data does not appear to be a protobuf message, ${expected}`);
  }
  const r = new ProtoReader(bytes.subarray(MAGIC.length));
  const none: Uint8Array = new Uint8Array(0);
  const object = { apiVersion: '', kind: '', raw: none, contentEncoding: '', contentType: '' };
  readFields(r, (number, wire) => {
    if (wire !== BYTES || number > 4) return false;
    if (number === 1) readTypeMeta(r, object);
    else if (number === 2) object.raw = r.bytes();
    else if (number === 3) object.contentEncoding = r.string();
    else object.contentType = r.string();
    return true;
  });
  return object;
}

function readTypeMeta(r: ProtoReader, object: { apiVersion: string; kind: string }): void {
  const outer = r.enter();
  readFields(r, (number, wire) => {
    if (wire !== BYTES || number < 1 || number > 2) return false;
    if (number === 1) object.apiVersion = r.string();
    else object.kind = r.string();
    return true;
  });
  r.leave(outer);
}
