/**
 * Protocol buffers as bytes: varints, lengths, fixed ones and the tags of fields, written from the end so that a length
 * is known when it is written, and read with limits that no malformed input gets around.
 *
 * What it does not do: know any message. What fields there are, and what they mean, is told by those who read and write.
 */
export { BYTES, FIXED32, FIXED64, ProtoReader, ProtoWriter, VARINT, WireError } from './wire.ts';
