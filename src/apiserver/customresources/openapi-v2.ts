import { type CustomSwagger, openApiParameters, swaggerBody, swaggerParameter } from 'nekube/api';
import type { JsonObject, JsonValue } from 'nekube/apimachinery';
import type { Definition } from './definition.ts';
import { embedded, listSchema, mapValues, modelName, objectMeta, schemaExtensions, typeMeta } from './openapi.ts';
import { type Operation, pathsOf } from './openapi-paths.ts';
import type { StructuralSchema } from './schema.ts';

const DEFINITIONS = '#/definitions/';

/**
 * What served custom resources add to the Swagger document (OpenAPI v2), which can say less than their schemas do:
 * nothing of logic, defaults or null, and nothing of the fields of what keeps fields that it does not know, since kubectl
 * would refuse the others.
 */
export function swaggerOf(definitions: readonly Definition[]): CustomSwagger {
  const paths: JsonObject = {};
  const schemas: JsonObject = {};
  for (const definition of definitions) {
    const { group, names } = definition.spec;
    for (const version of definition.spec.versions) {
      if (!version.served) continue;
      const { kind, listKind = `${kind}List` } = names;
      const model = modelName(group, version.name, kind);
      const extensions = (of: string) => schemaExtensions(definition, version, of);
      schemas[model] = { ...objectSchema(version.schema?.openAPIV3Schema), ...extensions(kind) };
      const list = inSwagger(listSchema(definition, version)) as JsonObject;
      schemas[modelName(group, version.name, listKind)] = ordered({ ...list, ...extensions(listKind) });
      Object.assign(paths, pathsOf(definition, version, { operation: operationOf, parameter: swaggerParameter }));
    }
  }
  return { paths, definitions: schemas };
}

function objectSchema(schema: StructuralSchema | undefined): JsonObject {
  if (schema === undefined || schema['x-kubernetes-preserve-unknown-fields']) return { type: 'object' };
  const out = reduced(schema);
  const own = inSwagger({ ...typeMeta(), metadata: objectMeta() }) as JsonObject;
  return ordered({ ...out, properties: { ...(out.properties as JsonObject), ...own } });
}

/** What is left of a schema, in the order in which the real document has its keys. */
function reduced(schema: StructuralSchema): JsonObject {
  const { nullable, properties, items, additionalProperties, type, required, ...rest } = schema;
  const { allOf: _, anyOf: __, oneOf: ___, not: ____, default: _____, ...said } = rest;
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const bare = nullable === true || keepsUnknown;
  const typed = !nullable && !(keepsUnknown && type === 'object') && !(type === 'array' && (bare || !items));
  const needed = requiredBy(schema, bare);
  const out: JsonObject = {
    ...(said as JsonObject),
    ...(typed && type && { type }),
    ...(needed.length > 0 && { required: [...needed] }),
    ...(items && !bare && { items: reduced(items) }),
    ...(properties && !bare && { properties: mapValues(properties, reduced) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'boolean' ? additionalProperties : reduced(additionalProperties),
    }),
  };
  const whole = schema['x-kubernetes-embedded-resource'] && !keepsUnknown;
  return ordered(whole ? (inSwagger(embedded(out)) as JsonObject) : out);
}

/** What may be null cannot be required, as no document of this version can say that it may. */
function requiredBy({ required = [], properties = {}, additionalProperties }: StructuralSchema, bare: boolean) {
  if (typeof additionalProperties === 'object' && additionalProperties?.nullable) return [];
  return bare ? required : required.filter((name) => !properties[name]?.nullable);
}

/** References of OpenAPI v3, which are wrapped when something is said beside them, as those of v2. */
function inSwagger(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(inSwagger);
  if (typeof value !== 'object' || value === null) return value;
  const { allOf, $ref, ...rest } = value as JsonObject;
  const target = $ref ?? (Array.isArray(allOf) ? (allOf[0] as JsonObject).$ref : undefined);
  const out = mapValues(rest as Record<string, JsonValue>, (each) => inSwagger(each) as JsonObject);
  return typeof target === 'string' ? { ...out, $ref: target.replace(/^#\/components\/schemas\//, DEFINITIONS) } : out;
}

/** The order of fields in Go; extensions, which go by name, come last. */
const KEYS = [
  'id description type format title maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern',
  'maxItems minItems uniqueItems multipleOf enum maxProperties minProperties required items properties',
  'additionalProperties externalDocs example $ref',
].flatMap((line) => line.split(' '));

function ordered(schema: JsonObject): JsonObject {
  const rank = (key: string) => (KEYS.includes(key) ? String(KEYS.indexOf(key)).padStart(2, '0') : key);
  const out = sortedBy(rank, schema);
  return out.properties === undefined ? out : { ...out, properties: byName(out.properties as JsonObject) };
}

function byName(object: JsonObject): JsonObject {
  return sortedBy((key) => key, object);
}

function sortedBy(rank: (key: string) => string, object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1)));
}

/** An operation in the words of Swagger. */
function operationOf({ takes, gives, consumes, codes, ...rest }: Operation): JsonObject {
  const body = takes === undefined ? [] : [swaggerBody(takes, rest.action !== 'delete')];
  const parameters = [...body, ...rest.parameters.map((name) => swaggerParameter(openApiParameters()[name]!))];
  const responses = codes.map(([code, description]): [string, JsonObject] => [
    code,
    { description, schema: { $ref: `${DEFINITIONS}${gives}` } },
  ]);
  return {
    description: rest.description,
    consumes: [...consumes],
    produces: ['application/json', 'application/yaml'],
    schemes: ['https'],
    tags: [rest.tag],
    operationId: rest.id,
    ...(parameters.length > 0 && { parameters }),
    responses: { ...Object.fromEntries(responses), 401: { description: 'Unauthorized' } },
    'x-kubernetes-action': rest.action,
    'x-kubernetes-group-version-kind': byName(rest.kind),
  };
}
