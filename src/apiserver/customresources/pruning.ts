import { isJsonObject, type JsonValue } from 'nekube/apimachinery';
import {
  asResource,
  entrySchema,
  fieldSchema,
  hasEntries,
  propertyOf,
  type StructuralSchema,
  TYPE_META,
} from './schema.ts';

/**
 * Removes what a schema does not know, in place.
 *
 * @param isResource the value is a whole object, whose kind, apiVersion and metadata stay
 * @returns the paths of what was removed, `spec.items[0].unknown`, sorted
 */
export function prune(value: JsonValue, schema: StructuralSchema, isResource = true): string[] {
  const removed: string[] = [];
  pruneValue(value, isResource ? asResource(schema) : schema, '', removed);
  return removed.sort();
}

/** Without a schema nothing of an object is known, and everything of a text, number or list of them. */
function pruneValue(value: JsonValue, schema: StructuralSchema | undefined, path: string, removed: string[]): void {
  if (schema?.['x-kubernetes-preserve-unknown-fields']) return pruneKnown(value, schema, path, removed);
  if (Array.isArray(value)) {
    value.forEach((item, i) => pruneValue(item, schema?.items, `${path}[${i}]`, removed));
    return;
  }
  if (!isJsonObject(value)) return;
  for (const key of Object.keys(value)) {
    if (schema?.['x-kubernetes-embedded-resource'] && TYPE_META.includes(key)) continue;
    const below = childPath(path, key);
    if (schema !== undefined && isKnown(schema, key)) {
      pruneValue(value[key]!, fieldSchema(schema, key), below, removed);
      continue;
    }
    if (schema === undefined || path !== '' || !TYPE_META.includes(key)) removed.push(below);
    delete value[key];
  }
}

function isKnown(schema: StructuralSchema, key: string): boolean {
  return propertyOf(schema, key) !== undefined || hasEntries(schema);
}

function childPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** Where unknown fields stay, only what is below the known ones is pruned; in lists likewise. */
function pruneKnown(value: JsonValue, schema: StructuralSchema | undefined, path: string, removed: string[]): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    value.forEach((item, i) => pruneKnown(item, schema.items, `${path}[${i}]`, removed));
    return;
  }
  if (!isJsonObject(value)) return;
  for (const [key, member] of Object.entries(value)) {
    if (schema['x-kubernetes-embedded-resource'] && TYPE_META.includes(key)) continue;
    if (isKnown(schema, key)) pruneValue(member, fieldSchema(schema, key), childPath(path, key), removed);
  }
}

/** Removes nulls where none is allowed and there is no default, in place; elements of lists stay. */
export function pruneNulls(value: JsonValue | undefined, schema: StructuralSchema | undefined): void {
  if (Array.isArray(value)) {
    for (const item of value) pruneNulls(item, schema?.items);
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      const known = propertyOf(schema, key) ?? entrySchema(schema);
      const isRefused = member === null && known !== undefined && !known.nullable && !hasDefault(known);
      if (isRefused) delete value[key];
      else pruneNulls(member, known);
    }
  }
}

/** Whether a schema has a default; null is none. */
export function hasDefault(schema: StructuralSchema): boolean {
  return schema.default !== undefined && schema.default !== null;
}
