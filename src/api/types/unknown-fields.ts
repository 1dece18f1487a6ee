import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import { flatFields } from './compile.ts';
import { type Shape, shapeOf } from './shape.ts';

/** Go remembers no more strict errors than this. */
const LIMIT = 100;

/**
 * Paths of the fields that a struct has not, in the order of the document, such as `spec.containers[0].imagee`.
 *
 * What a type with a JSON form of its own reads is not looked into, as Go decodes it apart.
 */
export function unknownFields(type: string, json: JsonValue): string[] {
  const found = new Set<string>();
  visit(shapeOf(type), json, '', found);
  return [...found];
}

function visit(shape: Shape, value: JsonValue, path: string, found: Set<string>): void {
  if (shape.kind === 'pointer') return visit(shape.element, value, path, found);
  if (shape.kind === 'list' && Array.isArray(value))
    value.forEach((item, i) => {
      visit(shape.element, item, `${path}[${i}]`, found);
    });
  if (shape.kind === 'map' && isJsonObject(value))
    for (const [key, item] of Object.entries(value)) visit(shape.element, item, join(path, key), found);
  if (shape.kind === 'struct' && isJsonObject(value)) visitStruct(shape.type, value, path, found);
}

function visitStruct(type: string, value: JsonObject, path: string, found: Set<string>): void {
  const fields = new Map(flatFields(type).map((field) => [field.name, field.type]));
  for (const [key, item] of Object.entries(value)) {
    if (found.size >= LIMIT) return;
    const fieldType = fields.get(key);
    if (fieldType === undefined) found.add(join(path, key));
    else visit(shapeOf(fieldType), item, join(path, key), found);
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
