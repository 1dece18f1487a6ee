import { isJsonObject, jsonEqual, type JsonValue } from 'nekube/apimachinery';

/** True when a value has all that is applied, and perhaps defaults beside it. */
export function covers(value: JsonValue | undefined, applied: JsonValue): boolean {
  if (isJsonObject(value) && isJsonObject(applied))
    return Object.keys(applied).every((name) => covers(value[name], applied[name]!));
  if (Array.isArray(value) && Array.isArray(applied))
    return value.length === applied.length && applied.every((item, i) => covers(value[i], item));
  return jsonEqual(value, applied) || (value === undefined && applied === null);
}
