import type { Schema } from 'nekube/cel';

/** A rule in CEL (x-kubernetes-validations). */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** A structural schema (apiextensions.k8s.io/v1 JSONSchemaProps): what expressions see of it, and all else that it says. */
export interface StructuralSchema extends Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema | boolean;
  readonly items?: StructuralSchema;
  readonly pattern?: string;
  readonly multipleOf?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly maximum?: number;
  readonly exclusiveMaximum?: boolean;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly allOf?: readonly StructuralSchema[];
  readonly anyOf?: readonly StructuralSchema[];
  readonly oneOf?: readonly StructuralSchema[];
  readonly not?: StructuralSchema;
  readonly 'x-kubernetes-map-type'?: string;
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

/** The fields of every whole object, which schemas need not name. */
export const TYPE_META: readonly string[] = ['apiVersion', 'kind', 'metadata'];

/** The schema of a named property. */
export function propertyOf(schema: StructuralSchema | undefined, key: string): StructuralSchema | undefined {
  const properties = schema?.properties;
  return properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
}

/** The schema of the entries that no property names, if it is more than `true` or `false`. */
export function entrySchema(schema: StructuralSchema | undefined): StructuralSchema | undefined {
  const more = schema?.additionalProperties;
  return typeof more === 'object' && more !== null ? more : undefined;
}

/** The schema of a field or entry, as far as there is one. */
export function fieldSchema(schema: StructuralSchema | undefined, key: string): StructuralSchema | undefined {
  return propertyOf(schema, key) ?? entrySchema(schema);
}

/** Whether entries are allowed beside the named properties. */
export function hasEntries(schema: StructuralSchema): boolean {
  return schema.additionalProperties !== undefined && schema.additionalProperties !== null;
}

/** The schema of a whole object: the root of a custom resource is one, whatever its schema says. */
export function asResource(schema: StructuralSchema | undefined): StructuralSchema {
  if (schema === undefined || schema['x-kubernetes-embedded-resource']) return schema ?? ANY_RESOURCE;
  let made = resourceSchemas.get(schema);
  if (made === undefined) resourceSchemas.set(schema, (made = { ...schema, 'x-kubernetes-embedded-resource': true }));
  return made;
}

const ANY_RESOURCE: StructuralSchema = { 'x-kubernetes-embedded-resource': true };
const resourceSchemas = new WeakMap<StructuralSchema, StructuralSchema>();
