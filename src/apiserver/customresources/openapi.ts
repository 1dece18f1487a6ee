import {
  describedSchema,
  openApiSchemas,
  openApiV3Document,
  type OpenApiV3Document,
  type SchemaFacts,
} from 'nekube/api';
import type { JsonObject } from 'nekube/apimachinery';
import type { Definition, DefinitionVersion } from './definition.ts';
import { objectSchema } from './served.ts';

const REF = '#/components/schemas/';
const QUERY = ['dryRun', 'fieldManager', 'fieldValidation'];
const PATCH_TYPES = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];

/** The OpenAPI document of a group version with custom resources. */
export function documentOf(group: string, versionName: string, definitions: readonly Definition[]): OpenApiV3Document {
  const path = `apis/${group}/${versionName}`;
  return openApiV3Document(path, () => contentOf(path, group, versionName, definitions));
}

function contentOf(path: string, group: string, versionName: string, definitions: readonly Definition[]): JsonObject {
  const schemas: Record<string, SchemaFacts> = {};
  const paths: JsonObject = {};
  for (const definition of definitions) {
    const version = definition.spec.versions.find((v) => v.name === versionName);
    if (version === undefined) continue;
    const name = schemaName(group, versionName, definition.spec.names.kind);
    schemas[name] = {
      ...withObjectTexts(objectSchema(definition, version)),
      'x-kubernetes-group-version-kind': [gvkOf(definition, versionName)],
    };
    Object.assign(paths, pathsOf(`/${path}`, definition, version, name));
  }
  for (const name of referenced(schemas))
    schemas[name] = describedSchema(name, `${group}/${versionName}`) as unknown as SchemaFacts;
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' },
    paths,
    components: { schemas: schemas as unknown as JsonObject },
  };
}

/** What every object has is told in the words of the built-in kinds. */
function withObjectTexts(schema: SchemaFacts): SchemaFacts {
  const told = describedSchema('io.k8s.api.core.v1.ConfigMap', 'v1').properties as Record<string, JsonObject>;
  const properties = { ...schema.properties };
  for (const name of ['apiVersion', 'kind', 'metadata'])
    properties[name] = { description: told[name]!.description as string, ...properties[name] } as SchemaFacts;
  return { ...schema, properties };
}

/** `example.com` and `v1` and `Gear` → `com.example.v1.Gear`. */
function schemaName(group: string, version: string, kind: string): string {
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

function gvkOf(definition: Definition, version: string): JsonObject {
  return { group: definition.spec.group, version, kind: definition.spec.names.kind };
}

/** The built-in schemas that these refer to, in any depth. */
function referenced(schemas: Readonly<Record<string, SchemaFacts>>): Set<string> {
  const found = new Set<string>();
  const visit = (text: string): void => {
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (found.has(name!) || openApiSchemas()[name!] === undefined) continue;
      found.add(name!);
      visit(JSON.stringify(openApiSchemas()[name!]));
    }
  };
  visit(JSON.stringify(schemas));
  return found;
}

function pathsOf(base: string, definition: Definition, version: DefinitionVersion, schema: string): JsonObject {
  const { names, scope } = definition.spec;
  const gvk = gvkOf(definition, version.name);
  const root = scope === 'Namespaced' ? `${base}/namespaces/{namespace}/${names.plural}` : `${base}/${names.plural}`;
  const one = {
    get: operation('get', gvk, schema),
    put: operation('put', gvk, schema),
    patch: operation('patch', gvk, schema),
  };
  const paths: JsonObject = {
    [root]: {
      get: operation('list', gvk, schema),
      post: operation('post', gvk, schema),
      delete: operation('deletecollection', gvk, schema),
    },
    [`${root}/{name}`]: { ...one, delete: operation('delete', gvk, schema) },
  };
  if (scope === 'Namespaced') paths[`${base}/${names.plural}`] = { get: operation('list', gvk, schema) };
  if (version.subresources?.status) paths[`${root}/{name}/status`] = one;
  return paths;
}

function operation(action: string, gvk: JsonObject, schema: string): JsonObject {
  const writes = ['post', 'put', 'patch'].includes(action);
  const body = { schema: { $ref: `${REF}${schema}` } };
  const content =
    action === 'patch'
      ? Object.fromEntries(PATCH_TYPES.map((type) => [type, { schema: { type: 'object' } }]))
      : { 'application/json': body };
  const query = [...QUERY, ...(action === 'patch' ? ['force'] : [])];
  return {
    ...(writes && {
      parameters: query.map((name) => ({
        name,
        in: 'query',
        schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
      })),
    }),
    ...(writes && { requestBody: { content, required: true } }),
    responses: { 200: { description: 'OK', content: { 'application/json': body } } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  };
}
