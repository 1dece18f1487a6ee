import { isJsonObject, type JsonObject, type JsonValue, setMember } from 'nekube/apimachinery';

/** A structural schema (apiextensions.k8s.io/v1 JSONSchemaProps), as far as pruning, defaulting and merging look. */
export interface StructuralSchema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly nullable?: boolean;
  readonly default?: JsonValue;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema | boolean;
  readonly items?: StructuralSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly JsonValue[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly maximum?: number;
  readonly exclusiveMaximum?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
}

/** Fields of an object that its definition's schema says nothing of. */
const TYPE_META = ['apiVersion', 'kind', 'metadata'];

/**
 * Removes what a schema does not know, in place.
 *
 * @returns the paths of what was removed, `spec.items[0].unknown`
 */
export function prune(object: JsonObject, schema: StructuralSchema): string[] {
  const removed: string[] = [];
  pruneObject(object, schema, '', removed, true);
  return removed;
}

function pruneValue(value: JsonValue, schema: StructuralSchema, path: string, removed: string[]): void {
  if (Array.isArray(value)) {
    value.forEach((item, i) => pruneValue(item, schema.items ?? ANYTHING, `${path}[${i}]`, removed));
  } else if (isJsonObject(value)) {
    pruneObject(value, schema, path, removed, schema['x-kubernetes-embedded-resource'] === true);
  }
}

const ANYTHING: StructuralSchema = { 'x-kubernetes-preserve-unknown-fields': true };

function pruneObject(
  object: JsonObject,
  schema: StructuralSchema,
  path: string,
  removed: string[],
  resource: boolean,
): void {
  for (const key of Object.keys(object)) {
    if (resource && TYPE_META.includes(key)) continue;
    const below = path === '' ? key : `${path}.${key}`;
    const known = fieldSchema(schema, key);
    if (known !== undefined) pruneValue(object[key]!, known, below, removed);
    else if (!schema['x-kubernetes-preserve-unknown-fields']) {
      delete object[key];
      removed.push(below);
    }
  }
}

/** The schema of a field or entry; undefined if it is not known. */
export function fieldSchema(schema: StructuralSchema, key: string): StructuralSchema | undefined {
  if (schema.properties && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  const more = schema.additionalProperties;
  return more === true ? ANYTHING : more || undefined;
}

/** Sets missing fields that have defaults, in place; a null where null is not allowed counts as missing. */
export function setDefaults(value: JsonValue | undefined, schema: StructuralSchema): void {
  if (Array.isArray(value)) {
    for (const item of value) setDefaults(item, schema.items ?? {});
    return;
  }
  if (!isJsonObject(value)) return;
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const isNull = value[key] === null && !property.nullable && property.default !== undefined;
    if (property.default !== undefined && (isNull || !Object.hasOwn(value, key)))
      setMember(value, key, structuredClone(property.default));
    setDefaults(value[key], property);
  }
  const more = schema.additionalProperties;
  if (typeof more !== 'object') return;
  for (const [key, entry] of Object.entries(value))
    if (!schema.properties || !Object.hasOwn(schema.properties, key)) setDefaults(entry, more);
}
