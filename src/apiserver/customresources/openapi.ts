import {
  describedSchema,
  openApiParameters,
  openApiSchemas,
  openApiV3Document,
  type OpenApiV3Document,
} from 'nekube/api';
import type { JsonObject, JsonValue } from 'nekube/apimachinery';
import type { Definition, DefinitionVersion } from './definition.ts';
import { type Operation, pathsOf } from './openapi-paths.ts';
import type { StructuralSchema } from './schema.ts';

const REF = '#/components/schemas/';
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** The OpenAPI document of a group version with custom resources. */
export function documentOf(group: string, versionName: string, definitions: readonly Definition[]): OpenApiV3Document {
  const path = `apis/${group}/${versionName}`;
  return openApiV3Document(path, () => contentOf(group, versionName, definitions));
}

function contentOf(group: string, versionName: string, definitions: readonly Definition[]): JsonObject {
  const own: Record<string, JsonObject> = {};
  const paths: JsonObject = {};
  for (const definition of definitions) {
    const version = definition.spec.versions.find((v) => v.name === versionName && v.served);
    if (version === undefined) continue;
    Object.assign(own, schemasOf(definition, version));
    Object.assign(paths, pathsOf(definition, version, { operation: operationOf, parameter: (parameter) => parameter }));
  }
  const schemas = { ...own };
  for (const name of referenced([...Object.values(own), paths])) schemas[name] = describedSchema(name);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' },
    paths: sorted(paths),
    components: { schemas: sorted(schemas) },
  };
}

function sorted(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `example.com` and `v1` and `Gear` → `com.example.v1.Gear`. */
export function modelName(group: string, version: string, kind: string): string {
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

/** The schemas of a kind and of its list, by name. */
function schemasOf(definition: Definition, version: DefinitionVersion): Record<string, JsonObject> {
  const { group, names } = definition.spec;
  const { kind, listKind = `${kind}List` } = names;
  const extensions = (of: string) => schemaExtensions(definition, version, of);
  return {
    [modelName(group, version.name, kind)]: {
      ...publishedObject(version.schema?.openAPIV3Schema),
      ...extensions(kind),
    },
    [modelName(group, version.name, listKind)]: { ...listSchema(definition, version), ...extensions(listKind) },
  };
}

/** What the schemas of a kind and of its list say of themselves: which kind it is, and by which fields it is selected. */
export function schemaExtensions({ spec }: Definition, version: DefinitionVersion, kind: string): JsonObject {
  const fields = version.selectableFields?.map(({ jsonPath }) => ({ fieldPath: jsonPath.replace(/^\./, '') })) ?? [];
  return {
    'x-kubernetes-group-version-kind': [{ group: spec.group, kind, version: version.name }],
    ...(fields.length > 0 && { 'x-kubernetes-selectable-fields': fields }),
  };
}

/** The schema of the list of a kind, without its extensions. */
export function listSchema({ spec }: Definition, version: DefinitionVersion): JsonObject {
  const { group, names } = spec;
  const more = 'More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';
  return {
    description: `${names.listKind ?? `${names.kind}List`} is a list of ${names.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      ...typeMeta(),
      items: {
        description: `List of ${names.plural}. ${more}`,
        type: 'array',
        items: { $ref: `${REF}${modelName(group, version.name, names.kind)}` },
      },
      metadata: reference('ListMeta', `Standard list metadata. ${more}#types-kinds`),
    },
  };
}

function reference(kind: string, description: string): JsonObject {
  return { description, allOf: [{ $ref: `${REF}${META}.${kind}` }] };
}

/** kind and apiVersion, told in the words of the built-in kinds. */
export function typeMeta(): JsonObject {
  const told = describedSchema('io.k8s.api.core.v1.ConfigMap', 'v1').properties as JsonObject;
  return { apiVersion: told.apiVersion!, kind: told.kind! };
}

/** The metadata of whole objects, told in the words of the built-in kinds. */
export function objectMeta(): JsonObject {
  const more =
    'More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';
  return reference('ObjectMeta', `Standard object's metadata. ${more}`);
}

/** The schema of a whole object as it is published, with what every object has. */
export function publishedObject(schema: StructuralSchema | undefined): JsonObject {
  if (schema === undefined) return { type: 'object' };
  const out = publishedSchema(schema);
  return { ...out, properties: { ...(out.properties as JsonObject), ...typeMeta(), metadata: objectMeta() } };
}

/** A schema as it is published: what embeds whole objects names their fields, integers or texts say so in logic. */
function publishedSchema(schema: StructuralSchema): JsonObject {
  const out = { ...(schema as unknown as JsonObject) };
  const { properties, items, additionalProperties } = schema;
  if (properties) out.properties = mapValues(properties, publishedSchema);
  if (items) out.items = publishedSchema(items);
  if (typeof additionalProperties === 'object' && additionalProperties !== null)
    out.additionalProperties = publishedSchema(additionalProperties);
  if (schema['x-kubernetes-int-or-string']) unfold(schema, out);
  return schema['x-kubernetes-embedded-resource'] ? embedded(out) : out;
}

/** The object with each of its values mapped; its keys keep their order. */
export function mapValues<T>(object: Readonly<Record<string, T>>, map: (value: T) => JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}

const INT_OR_STRING: JsonValue[] = [{ type: 'integer' }, { type: 'string' }];

/** Logic that says it already is left as it is. */
function unfold({ anyOf, allOf }: StructuralSchema, out: JsonObject): void {
  const says = (logic: readonly StructuralSchema[] | undefined) =>
    logic?.length === 2 && logic[0]!.type === 'integer' && logic[1]!.type === 'string';
  if (says(anyOf) || says(allOf?.[0]?.anyOf)) return;
  if (anyOf === undefined) out.anyOf = INT_OR_STRING;
  else out.allOf = [{ anyOf: INT_OR_STRING }, ...((allOf ?? []) as unknown as JsonValue[])];
}

/** The schema of an object that embeds a whole one, with the fields that all have. */
export function embedded(schema: JsonObject): JsonObject {
  const more = 'More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';
  const apiVersion = `apiVersion defines the versioned schema of this representation of an object. ${more}#resources`;
  const kind = `kind is a string value representing the type of this object. In CamelCase. ${more}#types-kinds`;
  const required = (schema.required ?? []) as string[];
  return {
    ...schema,
    properties: {
      ...(schema.properties as JsonObject),
      apiVersion: { description: apiVersion, type: 'string' },
      kind: { description: kind, type: 'string' },
      metadata: objectMeta(),
    },
    required: [...required, ...['kind', 'apiVersion'].filter((name) => !required.includes(name))],
  };
}

/** The built-in schemas that these refer to, in any depth. */
function referenced(values: readonly JsonValue[]): string[] {
  const found = new Set<string>();
  const visit = (text: string): void => {
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (found.has(name!) || openApiSchemas()[name!] === undefined) continue;
      found.add(name!);
      visit(JSON.stringify(openApiSchemas()[name!]));
    }
  };
  visit(JSON.stringify(values));
  return [...found];
}

/** An operation in the words of OpenAPI v3. */
function operationOf(operation: Operation): JsonObject {
  const { takes, gives, consumes, codes, ...rest } = operation;
  const schemaOf = (name: string) => ({ schema: { $ref: `${REF}${name}` } });
  const content = (name: string, types: readonly string[]) =>
    Object.fromEntries([...types].sort().map((type) => [type, schemaOf(name)]));
  const responses = codes.map(([code, description]): [string, JsonObject] => [
    code,
    { description, content: content(gives, ['application/json', 'application/yaml']) },
  ]);
  return {
    tags: [rest.tag],
    description: rest.description,
    operationId: rest.id,
    ...(rest.parameters.length > 0 && { parameters: rest.parameters.map((name) => openApiParameters()[name]!) }),
    ...(takes && {
      requestBody: { content: content(takes, consumes), ...(rest.action !== 'delete' && { required: true }) },
    }),
    responses: { ...Object.fromEntries(responses), 401: { description: 'Unauthorized' } },
    'x-kubernetes-action': rest.action,
    'x-kubernetes-group-version-kind': rest.kind,
  };
}
