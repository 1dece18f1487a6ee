import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import {
  descriptionFacts,
  openApiFacts,
  type OperationFacts,
  type PathItemFacts,
  pathFacts,
  type SchemaFacts,
} from '../facts.ts';
import { gvk } from './paths.ts';
import { kindInAllGroups, withDescriptions } from './schemas.ts';
import { sharedParameterName } from './shared-parameters.ts';

/** The order in which the Swagger document names media types; OpenAPI v3 sorts them. */
const mediaOrder = [
  'text/plain',
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** The Swagger (OpenAPI v2) document of the built-in API, derived from the facts of v3. */
export function swaggerDocument(): JsonObject {
  const pool = new ParameterPool();
  const documents = Object.values(pathFacts().documents);
  const paths = documents.flatMap((items) =>
    Object.entries(items).map(([path, item]) => [path, pathItem(item, pool)] as const),
  );
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: openApiFacts().kubernetes.replace(/^v(\d+\.\d+).*/, '$1') },
    paths: sortedObject(paths),
    definitions: sortedObject(Object.keys(openApiFacts().schemas).map((name) => [name, definition(name)])),
    parameters: sortedObject([...pool.shared]),
    securityDefinitions: {
      BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' },
    },
    security: [{ BearerToken: [] }],
  };
}

/** The document with what custom resources add; what is built in comes first where both have a name. */
export function mergedSwagger({ paths, definitions }: { paths: JsonObject; definitions: JsonObject }): JsonObject {
  const builtin = swaggerDocument();
  const merge = (custom: JsonObject, own: JsonValue) =>
    sortedObject(Object.entries({ ...custom, ...(own as JsonObject) }));
  return {
    ...builtin,
    paths: merge(paths, builtin.paths!),
    definitions: merge(definitions, builtin.definitions!),
  };
}

/** A parameter of OpenAPI v3, as the Swagger document has it in an operation: most are references to shared ones. */
export function swaggerParameter(facts: JsonObject): JsonObject {
  return shareable(parameter(facts));
}

/** The body of an operation: what it is told as, or a reference to a shared one. */
export function swaggerBody(schema: string, required: boolean): JsonObject {
  return shareable(bodyParameter(schema, required));
}

function shareable(made: JsonObject): JsonObject {
  const name = sharedParameterName(made);
  return name === undefined ? made : { $ref: `#/parameters/${name}` };
}

function bodyParameter(schema: string, required: boolean): JsonObject {
  return { name: 'body', in: 'body', ...(required && { required }), schema: reference(schema) };
}

function sortedObject(entries: Iterable<readonly [string, JsonValue]>): JsonObject {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function pathItem({ parameters, ...methods }: PathItemFacts, pool: ParameterPool): JsonObject {
  const operations = Object.entries(methods).map(([name, facts]) => [name, operation(facts as OperationFacts, pool)]);
  return {
    ...Object.fromEntries(operations),
    ...(parameters && { parameters: parameters.map((place) => pool.query(place)) }),
  };
}

function operation(facts: OperationFacts, pool: ParameterPool): JsonObject {
  const body = facts.takes === undefined ? [] : [pool.body(facts.takes, facts.required ?? false)];
  const parameters = [...body, ...(facts.parameters ?? []).map((place) => pool.query(place))];
  const consumes = consumed(facts);
  return {
    description: facts.does,
    ...(consumes && { consumes }),
    produces: mediaTypes(facts.in),
    schemes: ['https'],
    tags: [facts.tag],
    operationId: facts.id,
    ...(parameters.length > 0 && { parameters }),
    responses: responses(facts),
    ...(facts.action && { 'x-kubernetes-action': facts.action }),
    ...(facts.kind && { 'x-kubernetes-group-version-kind': operationKind(facts.kind) }),
  };
}

/** The aggregator merges the specifications of the other servers, which sorts the keys of theirs but not of its own. */
function operationKind(kind: string): JsonObject {
  return kind.startsWith('apiregistration.k8s.io/') ? gvk(kind) : sortedObject(Object.entries(gvk(kind)));
}

/** Endpoints that tell about the server itself repeat what they produce, those outside of `/api` say nothing. */
function consumed(facts: OperationFacts): string[] | undefined {
  if (facts.as !== undefined) return mediaTypes(facts.as);
  if (facts.action !== undefined) return ['*/*'];
  return facts.gives === 'string' ? undefined : mediaTypes(facts.in);
}

function mediaTypes(pool: number): string[] {
  return [...pathFacts().pools.media[pool]!].sort((a, b) => mediaOrder.indexOf(a) - mediaOrder.indexOf(b));
}

/** The parameters of the document: in their place, or a reference to one that many endpoints share. */
class ParameterPool {
  readonly shared = new Map<string, JsonObject>();
  readonly #made = new Map<number | string, JsonObject>();

  /** A parameter of the query or the path, by its place in the facts. */
  query(place: number): JsonObject {
    return this.#share(place, () => parameter(pathFacts().pools.parameters[place]!));
  }

  body(schema: string, required: boolean): JsonObject {
    return this.#share(`${schema} ${required}`, () => bodyParameter(schema, required));
  }

  #share(key: number | string, make: () => JsonObject): JsonObject {
    let made = this.#made.get(key);
    if (made === undefined) {
      made = make();
      const name = sharedParameterName(made);
      if (name !== undefined) {
        this.shared.set(name, made);
        made = { $ref: `#/parameters/${name}` };
      }
      this.#made.set(key, made);
    }
    return made;
  }
}

/** In Swagger a parameter is described by its own fields instead of by a schema. */
function parameter({ schema, description, name, in: where, required }: JsonObject): JsonObject {
  const { uniqueItems, ...type } = schema as JsonObject;
  return {
    ...(uniqueItems !== undefined && { uniqueItems }),
    ...type,
    description: description!,
    name: name!,
    in: where!,
    ...(required !== undefined && { required }),
  };
}

function responses({ gives, codes }: OperationFacts): JsonObject {
  const entries = pathFacts().pools.codes[codes]!.map((code): [string, JsonObject] => {
    const [number, description] = [code.slice(0, 3), code.slice(4)];
    return [number, { description, ...(number < '300' && { schema: reference(gives) }) }];
  });
  return Object.fromEntries(entries);
}

function reference(schema: string): JsonObject {
  return schema.includes('.') ? { $ref: `#/definitions/${schema}` } : { type: schema };
}

function definition(name: string): JsonObject {
  const schema = swaggerSchema(withDescriptions(openApiFacts().schemas[name]!, descriptionFacts()[name] ?? {}));
  const kind = /\.meta\.v1\.(DeleteOptions|WatchEvent)$/.exec(name)?.[1];
  if (kind === undefined) return schema;
  return { ...schema, 'x-kubernetes-group-version-kind': kindInAllGroups(kind) };
}

/** Without defaults, and with references in place of what v3 wraps in `allOf`; `oneOf` becomes text. */
function swaggerSchema(schema: JsonObject | SchemaFacts): JsonObject {
  const { default: _, allOf, oneOf, properties, items, additionalProperties, $ref, ...rest } = schema as JsonObject;
  const target = $ref ?? (allOf as JsonObject[] | undefined)?.[0]?.$ref;
  return ordered({
    ...rest,
    ...(oneOf !== undefined && { type: 'string' }),
    ...(isJsonObject(items) && { items: swaggerSchema(items) }),
    ...(isJsonObject(additionalProperties) && { additionalProperties: swaggerSchema(additionalProperties) }),
    ...(isJsonObject(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, p]) => [name, swaggerSchema(p as JsonObject)]),
      ),
    }),
    ...(target !== undefined && { $ref: (target as string).replace('#/components/schemas/', '#/definitions/') }),
  });
}

const keyOrder = [
  'description',
  'type',
  'format',
  'required',
  'enum',
  'items',
  'properties',
  'additionalProperties',
  '$ref',
];

/** The keys in the order in which the real document has them: extensions last. */
function ordered(schema: JsonObject): JsonObject {
  const rank = (key: string) => (keyOrder.includes(key) ? keyOrder.indexOf(key) : keyOrder.length);
  return Object.fromEntries(Object.entries(schema).sort(([a], [b]) => rank(a) - rank(b)));
}
