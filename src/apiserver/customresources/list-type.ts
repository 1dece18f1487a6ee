import {
  duplicate,
  type FieldError,
  invalid,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  Path,
  stringifyJson,
} from 'nekube/apimachinery';
import { sortKeys } from '../sort-keys.ts';
import { entrySchema, propertyOf, type StructuralSchema } from './schema.ts';

/** What lists of the types set and map have twice. */
export function validateListTypes(object: JsonObject, schema: StructuralSchema): FieldError[] {
  const errors: FieldError[] = [];
  checkObject(object, schema, Path.root, errors);
  return errors;
}

function checkValue(value: JsonValue, schema: StructuralSchema, path: Path, errors: FieldError[]): void {
  if (Array.isArray(value)) checkList(value, schema, path, errors);
  else if (isJsonObject(value)) checkObject(value, schema, path, errors);
}

function checkObject(object: JsonObject, schema: StructuralSchema, path: Path, errors: FieldError[]): void {
  const entries = entrySchema(schema);
  for (const [key, value] of Object.entries(object)) {
    if (entries) checkValue(value, entries, path.key(key), errors);
  }
  for (const [key, value] of Object.entries(object)) {
    const property = propertyOf(schema, key);
    if (property) checkValue(value, property, path.child(key), errors);
  }
}

function checkList(list: readonly JsonValue[], schema: StructuralSchema, path: Path, errors: FieldError[]): void {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') for (const i of repeated(list)) errors.push(duplicate(path.index(i), sortKeys(list[i]!)));
  if (type === 'map') checkMap(list, schema['x-kubernetes-list-map-keys'] ?? [], path, errors);
  const { items } = schema;
  if (items) list.forEach((item, i) => checkValue(item, items, path.index(i), errors));
}

function checkMap(list: readonly JsonValue[], keys: readonly string[], path: Path, errors: FieldError[]): void {
  const wrong = list.findIndex((item) => item !== null && !isJsonObject(item));
  if (wrong >= 0) {
    errors.push(invalid(path.index(wrong), list[wrong], 'must be an object for an array of list-type map'));
    return;
  }
  const identities = list.map((item) => keysOf(item, keys));
  for (const i of repeated(identities)) errors.push(duplicate(path.index(i), identities[i]));
}

/** Keys that are missing are left out, also all of them. */
function keysOf(item: JsonValue, keys: readonly string[]): JsonObject {
  const found: JsonObject = {};
  for (const key of [...keys].sort()) if (isJsonObject(item) && Object.hasOwn(item, key)) found[key] = item[key]!;
  return found;
}

/** Indexes of elements that stand in the list before, each value once. */
function repeated(list: readonly JsonValue[]): number[] {
  const seen = new Map<string, number>();
  const found: number[] = [];
  list.forEach((item, i) => {
    const text = stringifyJson(sortKeys(item));
    const times = seen.get(text) ?? 0;
    seen.set(text, times + 1);
    if (times === 1) found.push(i);
  });
  return found;
}
