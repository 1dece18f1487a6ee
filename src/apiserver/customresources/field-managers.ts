import { openApiSchemas, type SchemaFacts, type SmdType, smdTypeOfSchema } from 'nekube/api';
import { isJsonObject, type JsonObject, type KubeObject } from 'nekube/apimachinery';
import type { FieldFilter } from 'nekube/smd';
import { type ConvertLater, FieldManager, parseableTypeOf, resetFilter } from '../field-manager/index.ts';
import { rulesOf, type ServedResource } from '../registry/served.ts';
import { apiVersionIn, type Definition, type DefinitionVersion } from './definition.ts';
import { schemaOf } from './object-form.ts';
import { publishedObject } from './openapi.ts';
import type { StructuralSchema } from './schema.ts';

/** By which types the objects of all versions are merged, by apiVersion; each is made at its first use. */
export type MergeTypes = ReadonlyMap<string, () => SmdType>;

/** What the field managers of all versions of a definition share. */
export interface Versions {
  readonly types: MergeTypes;
  /** Undefined where versions differ in their names alone. */
  readonly convertLater?: ConvertLater;
}

/** The types of all versions of a definition, also of those that are not served: objects may have owners in them. */
export function mergeTypesOf(definition: Definition): MergeTypes {
  return new Map(definition.spec.versions.map((version) => [apiVersionIn(definition, version), lazyType(version)]));
}

/**
 * Field managers of a version by subresource, each made at its first use.
 *
 * @param decode makes a merged object canonical and sets its defaults
 */
export function fieldManagersOf(
  served: Pick<ServedResource, 'apiVersion' | 'kind' | 'rules'>,
  { types, convertLater }: Versions,
  decode: (merged: KubeObject) => KubeObject,
  now: () => Date,
): (subresource: string) => FieldManager {
  const { apiVersion, kind } = served;
  const make = (subresource: string): FieldManager => {
    const { resetFields } = rulesOf(served, subresource);
    // the object's own endpoint resets what is named in its version alone, that of the status in every version
    const reset = subresource === '' ? [apiVersion] : [...types.keys()];
    const filters = resetFields && new Map<string, FieldFilter>(reset.map((v) => [v, resetFilter(resetFields)]));
    return new FieldManager({
      apiVersion,
      kind,
      subresource,
      empty: () => ({ apiVersion, kind, metadata: {} }),
      decode,
      typeIn: (v) => {
        const type = types.get(v);
        return type && parseableTypeOf(type());
      },
      convert: (object, to) => (object.apiVersion === to ? object : { ...object, apiVersion: to }),
      ...(convertLater && { convertLater: byHub(convertLater, apiVersion) }),
      missing: (v) => `request to convert CR to an invalid group/version: ${v}`,
      ...(filters && { filters }),
      now,
    });
  };
  const made = new Map<string, FieldManager>();
  return (subresource) => {
    let manager = made.get(subresource);
    if (manager === undefined) made.set(subresource, (manager = make(subresource)));
    return manager;
  };
}

/** Objects get from version to version by that of the request, as kube-apiserver brings them. */
function byHub(convertLater: ConvertLater, hub: string): ConvertLater {
  return async (object, apiVersion) => convertLater(await convertLater(object, hub), apiVersion);
}

function lazyType(version: DefinitionVersion): () => SmdType {
  let made: SmdType | undefined;
  return () => (made ??= smdTypeOfSchema('object', { ...openApiSchemas(), object: mergeSchema(schemaOf(version)) })!);
}

/** What is published, without the logic; integers or texts have no type. */
function mergeSchema(schema: StructuralSchema): SchemaFacts {
  return withoutLogic(publishedObject(schema)) as unknown as SchemaFacts;
}

function withoutLogic(schema: JsonObject): JsonObject {
  const { properties, items, additionalProperties, nullable: _nullable, ...rest } = schema;
  const out: JsonObject = { ...rest };
  if (schema['x-kubernetes-int-or-string']) for (const key of ['type', 'anyOf', 'allOf']) delete out[key];
  if (isJsonObject(properties))
    out.properties = Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [key, withoutLogic(value as JsonObject)]),
    );
  if (isJsonObject(items)) out.items = withoutLogic(items);
  if (isJsonObject(additionalProperties)) out.additionalProperties = withoutLogic(additionalProperties);
  return out;
}
