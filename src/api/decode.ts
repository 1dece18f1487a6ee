import type { JsonValue, KubeObject } from 'nekube/apimachinery';
import { type DecodeState, Mismatch } from './types/codec.ts';
import { codecOf } from './types/compile.ts';
import { explainJsonMismatch } from './types/explain.ts';
import { explainMapMismatch } from './types/explain-map.ts';
import type { StructType } from './types/type.ts';
import { unknownFields, unknownFieldsOfMap } from './types/unknown-fields.ts';

/** A value that does not fit its type; the message is that of Go's decoder. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** How to decode. */
export interface DecodeOptions {
  /**
   * Whose rules and messages: those of the JSON decoder (bodies, and the results of JSON and merge patches), or those
   * of the converter from maps (the results of strategic merge patches and applies). Default `json`.
   */
  readonly from?: 'json' | 'map';
}

/** An object as its Go struct would write it, and what was in the input but not in the type. */
export interface Decoded {
  readonly object: KubeObject;
  /**
   * Paths of unknown fields, such as `spec.containers[0].imagee`: in the order of the document, each once and at
   * most 100, for JSON; all and sorted for maps.
   */
  readonly unknownFields: readonly string[];
}

/**
 * Decodes a JSON value as the Go struct of the type does, and gives what that struct would write: fields in the
 * order of the struct, unknown ones dropped, empty ones dropped where the struct says so, missing required ones with
 * their zero values (`null` for a list), quantities and times canonical, map keys sorted.
 *
 * Names are matched with regard to case. The input is not changed and shares nothing with the result. Linear.
 *
 * @throws DecodeError a value does not fit its field.
 */
export function decodeObject(type: StructType, json: JsonValue, options: DecodeOptions = {}): Decoded {
  const { from = 'json' } = options;
  const state: DecodeState = { unknown: false, stored: false, fromMap: from === 'map' };
  const object = decodeOrExplain(type, json, state, from);
  if (!state.unknown) return { object, unknownFields: [] };
  return {
    object,
    unknownFields: from === 'map' ? unknownFieldsOfMap(type.name, json) : unknownFields(type.name, json),
  };
}

function decodeOrExplain(type: StructType, json: JsonValue, state: DecodeState, from: 'json' | 'map'): KubeObject {
  try {
    return codecOf(type.name).decode(json, state) as KubeObject;
  } catch (e) {
    if (!(e instanceof Mismatch)) throw e;
    const explain = from === 'json' ? explainJsonMismatch : explainMapMismatch;
    throw new DecodeError(explain(type.name, json) ?? 'the value does not fit its type', { cause: e });
  }
}

/**
 * What storage gives back for an object of the type: as {@link decodeObject}, and for kinds that kube-apiserver stores
 * in protobuf, which cannot tell them from missing ones, empty lists and maps are `null`.
 *
 * Every answer to a write shows the stored form, also that of a dry run. The result is a deep copy.
 *
 * @throws DecodeError the object does not fit, which for a decoded object is a bug of what has changed it since.
 */
export function normalizeObject<T extends KubeObject>(type: StructType, object: T): T {
  const state: DecodeState = { unknown: false, stored: !type.storedAsJson, fromMap: false };
  return decodeOrExplain(type, object as unknown as JsonValue, state, 'json') as T;
}
