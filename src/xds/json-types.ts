/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** google.protobuf.Struct. */
export type Struct = { readonly [key: string]: Json | undefined };

/** A message of any type: its URL, and its fields beside it; `value` where its form in JSON is no object. */
export interface Any {
  readonly '@type': string;
  readonly [field: string]: unknown;
}

/** Seconds, with up to nine digits behind the point: `1.5s`. */
export type Duration = `${number}s`;

/** A time of RFC 3339: `2026-01-02T03:04:05Z`. */
export type Timestamp = string;

/** An integer of 64 bits, as a text where a number does not hold it. */
export type Int64 = number | string | bigint;

/** A number; JSON has those that are none as texts. */
export type Double = number | 'NaN' | 'Infinity' | '-Infinity';

/** Bytes in base64. */
export type Base64 = string;

/** A message without fields. */
export type Empty = Readonly<Record<string, never>>;
