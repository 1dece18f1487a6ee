import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import { flatFields } from './compile.ts';
import { type Shape, shapeOf } from './shape.ts';

/** Go's JSON decoder remembers no more strict errors than this. */
const LIMIT = 100;

/**
 * Paths of the fields that a struct has not, in the order of the document, such as `spec.containers[0].imagee`.
 *
 * What a type with a JSON form of its own reads is not looked into, as Go decodes it apart.
 */
export function unknownFields(type: string, json: JsonValue): string[] {
  const found = new Set<string>();
  visit(shapeOf(type), json, '', { found, limit: LIMIT });
  return [...found];
}

/** The same as the converter from maps reports them: all of them, sorted. */
export function unknownFieldsOfMap(type: string, json: JsonValue): string[] {
  const found = new Set<string>();
  visit(shapeOf(type), json, '', { found, limit: Number.POSITIVE_INFINITY });
  return [...found].sort();
}

interface Search {
  readonly found: Set<string>;
  readonly limit: number;
}

function visit(shape: Shape, value: JsonValue, path: string, search: Search): void {
  if (shape.kind === 'pointer') return visit(shape.element, value, path, search);
  if (shape.kind === 'list' && Array.isArray(value))
    value.forEach((item, i) => {
      visit(shape.element, item, `${path}[${i}]`, search);
    });
  if (shape.kind === 'map' && isJsonObject(value))
    for (const [key, item] of Object.entries(value)) visit(shape.element, item, join(path, key), search);
  if (shape.kind === 'struct' && isJsonObject(value)) visitStruct(shape.type, value, path, search);
}

function visitStruct(type: string, value: JsonObject, path: string, search: Search): void {
  const fields = new Map(flatFields(type).map((field) => [field.name, field.type]));
  for (const [key, item] of Object.entries(value)) {
    if (search.found.size >= search.limit) return;
    const fieldType = fields.get(key);
    if (fieldType === undefined) search.found.add(join(path, key));
    else visit(shapeOf(fieldType), item, join(path, key), search);
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
