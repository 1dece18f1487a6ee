import type { JsonValue } from 'nekube/apimachinery';

/** How a value is being decoded, and what is found on the way. */
export interface DecodeState {
  /** A key was met that its struct has not. */
  unknown: boolean;
  /** Decode to what a round trip through protobuf gives: empty lists and maps are `null`. */
  readonly stored: boolean;
  /**
   * The input comes from a Go map and not from a document: what is kept as JSON gets sorted keys, and integers that
   * are too large lose their upper bits instead of being refused.
   */
  readonly fromMap: boolean;
}

/** A Go type compiled to functions: from any JSON to the JSON that Go would write for what it has read. */
export interface Codec {
  /** Decodes a value that is not null; the result shares nothing with it. @throws Mismatch */
  decode(value: JsonValue, state: DecodeState): JsonValue;
  /** What Go writes for the zero value of the type. */
  zero(state: DecodeState): JsonValue;
  /** Whether `omitempty` leaves out what was written. */
  isEmpty(written: JsonValue): boolean;
}

/** Thrown by a codec for a value that does not fit; why is found out in a second, slower walk (see explain.ts). */
export class Mismatch extends Error {}

/** A deep copy of JSON whose objects have sorted keys, as Go writes maps. */
export function sortedJson(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortedJson);
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortedJson(value[key]!)]),
  );
}
