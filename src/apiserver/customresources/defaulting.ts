import { cloneJson, isJsonObject, type JsonValue, setMember } from 'nekube/apimachinery';
import { hasDefault } from './pruning.ts';
import { entrySchema, propertyOf, type StructuralSchema } from './schema.ts';

/** Sets missing fields that have defaults, in place; a null where null is not allowed counts as missing. */
export function setDefaults(value: JsonValue | undefined, schema: StructuralSchema | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    const { items } = schema;
    value.forEach((item, i) => {
      if (items && isRefusedNull(item, items)) value[i] = defaultOf(items);
      setDefaults(value[i], items);
    });
    return;
  }
  if (!isJsonObject(value)) return;
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (!hasDefault(property)) continue;
    if (!Object.hasOwn(value, key) || isRefusedNull(value[key]!, property)) setMember(value, key, defaultOf(property));
  }
  const entries = entrySchema(schema);
  for (const key of Object.keys(value)) {
    const property = propertyOf(schema, key);
    if (property === undefined && entries && isRefusedNull(value[key]!, entries)) value[key] = defaultOf(entries);
    setDefaults(value[key], property ?? entries);
  }
}

function isRefusedNull(value: JsonValue, schema: StructuralSchema): boolean {
  return value === null && !schema.nullable;
}

function defaultOf(schema: StructuralSchema): JsonValue {
  return cloneJson(schema.default ?? null);
}
