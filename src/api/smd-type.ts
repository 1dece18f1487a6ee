import type { JsonValue } from 'nekube/apimachinery';
import { openApiFacts, type SchemaFacts } from './facts.ts';
import { typeOf } from './types/type.ts';

/** What a value may be: one of a scalar, a list and a map, or several of them (structured-merge-diff's Atom). */
export interface SmdAtom {
  readonly scalar?: 'numeric' | 'string' | 'boolean' | 'untyped';
  readonly list?: SmdList;
  readonly map?: SmdMap;
}

/** A type by its name, or spelled out in place. */
export interface SmdTypeRef extends SmdAtom {
  readonly namedType?: string;
  /** Replaces the relationship that the named type has. */
  readonly elementRelationship?: 'atomic' | 'separable';
}

/** A list; an associative one without keys is a set. */
export interface SmdList {
  readonly elementType: SmdTypeRef;
  readonly elementRelationship: 'associative' | 'atomic';
  readonly keys?: readonly string[];
}

/** A map or a struct; without an element type only the fields are known. */
export interface SmdMap {
  readonly fields?: readonly SmdField[];
  readonly elementType?: SmdTypeRef;
  readonly elementRelationship?: 'atomic' | 'separable';
}

/** A field of a struct. */
export interface SmdField {
  readonly name: string;
  readonly type: SmdTypeRef;
  readonly default?: JsonValue;
}

/** A named type of a schema. */
export interface SmdTypeDef extends SmdAtom {
  readonly name: string;
}

/** A kind's schema in structured-merge-diff's own form, with only the types reachable from it. */
export interface SmdType {
  readonly schema: { readonly types: readonly SmdTypeDef[] };
  /** Name of the kind's type among them. */
  readonly typeName: string;
}

const REF = '#/components/schemas/';
const UNTYPED = '__untyped_atomic_';
const DEDUCED = '__untyped_deduced_';

const untyped: SmdAtom = {
  scalar: 'untyped',
  list: { elementType: { namedType: UNTYPED }, elementRelationship: 'atomic' },
  map: { elementType: { namedType: UNTYPED }, elementRelationship: 'atomic' },
};

const deduced: SmdAtom = {
  scalar: 'untyped',
  list: { elementType: { namedType: UNTYPED }, elementRelationship: 'atomic' },
  map: { elementType: { namedType: DEDUCED }, elementRelationship: 'separable' },
};

/** Types whose OpenAPI schema does not say how they merge. */
const special: Readonly<Record<string, SmdAtom>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { scalar: 'untyped' },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': untyped,
};

const types = new Map<string, SmdType | undefined>();

/**
 * The schema by which fields of a kind are owned and merged, as kube-apiserver derives it from OpenAPI; undefined for
 * a kind without an OpenAPI schema. The same value at every call.
 */
export function smdTypeOf(apiVersion: string, kind: string): SmdType | undefined {
  const type = typeOf(apiVersion, kind);
  if (type === undefined) return undefined;
  if (!types.has(type.name)) types.set(type.name, smdTypeOfSchema(type.schemaName, openApiFacts().schemas));
  return types.get(type.name);
}

/** {@link smdTypeOf} for any set of OpenAPI v3 component schemas. */
export function smdTypeOfSchema(root: string, schemas: Readonly<Record<string, SchemaFacts>>): SmdType | undefined {
  if (schemas[root] === undefined) return undefined;
  const defs = new Map<string, SmdTypeDef>();
  const queue = [root];
  for (const name of queue) {
    const schema = schemas[name];
    if (defs.has(name) || schema === undefined) continue;
    defs.set(name, { name, ...(special[name] ?? atomOf(schema)) });
    queue.push(...referencesOf(schema));
  }
  const common = [
    { name: UNTYPED, ...untyped },
    { name: DEDUCED, ...deduced },
  ];
  return { schema: { types: [...defs.values(), ...common] }, typeName: root };
}

/** Names of the schemas that a schema refers to, in any depth of inlining. */
function referencesOf(schema: SchemaFacts): string[] {
  const name = referenceOf(schema);
  if (name !== undefined) return [name];
  const parts = [schema.items, schema.additionalProperties, ...Object.values(schema.properties ?? {})];
  return parts.flatMap((part) => (part === undefined ? [] : referencesOf(part)));
}

/** The schema that a schema stands for; defaults and extensions beside a reference need an `allOf` around it. */
function referenceOf(schema: SchemaFacts): string | undefined {
  const ref = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0]!.$ref : undefined);
  return ref?.startsWith(REF) ? ref.slice(REF.length) : undefined;
}

/** @param inherited a schema around this one keeps unknown fields, and those within it do, too, as far as they are spelled out */
function atomOf(schema: SchemaFacts, inherited = false): SmdAtom {
  const keeps = inherited || schema['x-kubernetes-preserve-unknown-fields'] === true;
  switch (schema.type) {
    case undefined:
      return { scalar: 'untyped', list: listOf(schema, keeps), map: mapOf(schema, keeps) };
    case 'object':
      return { map: mapOf(schema, keeps) };
    case 'array':
      return { list: listOf(schema, keeps) };
    case 'boolean':
      return { scalar: 'boolean' };
    case 'string':
      return { scalar: schema.format === undefined || schema.format === 'byte' ? 'string' : 'untyped' };
    default:
      return { scalar: 'numeric' };
  }
}

function typeRefOf(schema: SchemaFacts, keeps: boolean): SmdTypeRef {
  const namedType = referenceOf(schema);
  if (namedType === undefined) return atomOf(schema, keeps);
  const elementRelationship = mapRelationship(schema);
  return { namedType, ...(elementRelationship && { elementRelationship }) };
}

function mapOf(schema: SchemaFacts, keeps: boolean): SmdMap {
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, property]): SmdField => ({
      name,
      type: typeRefOf(property, keeps),
      ...(property.default !== undefined && { default: property.default }),
    }),
  );
  const elementRelationship = mapRelationship(schema);
  const elementType = elementTypeOf(schema, fields.length, keeps);
  return {
    ...(fields.length > 0 && { fields }),
    ...(elementType && { elementType }),
    ...(elementRelationship && { elementRelationship }),
  };
}

/** The type of entries that are no field: an object that says nothing of its entries may have any. */
function elementTypeOf(schema: SchemaFacts, fields: number, keeps: boolean): SmdTypeRef | undefined {
  if (schema.additionalProperties !== undefined) return typeRefOf(schema.additionalProperties, keeps);
  return fields === 0 || keeps ? { namedType: DEDUCED } : undefined;
}

function mapRelationship(schema: SchemaFacts): SmdTypeRef['elementRelationship'] {
  const type = schema['x-kubernetes-map-type'];
  return type === 'atomic' ? 'atomic' : type === 'granular' ? 'separable' : undefined;
}

function listOf(schema: SchemaFacts, keeps: boolean): SmdList {
  const elementType = schema.items === undefined ? { namedType: UNTYPED } : typeRefOf(schema.items, keeps);
  return { elementType, ...listRelationship(schema) };
}

/** The list type decides; without one the strategy of strategic merge patch does. */
function listRelationship(schema: SchemaFacts): Pick<SmdList, 'elementRelationship' | 'keys'> {
  const listType = schema['x-kubernetes-list-type'];
  if (listType === 'set') return { elementRelationship: 'associative' };
  if (listType === 'map') {
    return { elementRelationship: 'associative', keys: schema['x-kubernetes-list-map-keys'] as string[] };
  }
  const strategy = schema['x-kubernetes-patch-strategy'];
  if (listType !== undefined || (strategy !== 'merge' && strategy !== 'merge,retainKeys'))
    return { elementRelationship: 'atomic' };
  const key = schema['x-kubernetes-patch-merge-key'] as string | undefined;
  return { elementRelationship: 'associative', ...(key && { keys: [key] }) };
}
