import { type JsonObject, type JsonValue, setMember } from 'nekube/apimachinery';

/** Go's order of a map: keys sorted, at every level. */
export function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const sorted: JsonObject = {};
  for (const key of Object.keys(value).sort()) setMember(sorted, key, sortKeys(value[key]!));
  return sorted;
}
