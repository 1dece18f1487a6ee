import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';

/** Without nulls, and without objects and lists that have nothing in them, where these say the same as nothing. */
export function normalized(value: JsonValue): JsonValue | undefined {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => normalized(item) ?? null);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, normalized(member)] as const);
  const kept = members.filter(([, member]) => member !== undefined);
  return kept.length === 0 && members.length > 0 ? undefined : (Object.fromEntries(kept) as JsonObject);
}
