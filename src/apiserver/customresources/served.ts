import { type SchemaFacts, openApiSchemas, smdTypeOfSchema, type SmdType } from 'nekube/api';
import {
  cloneJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  setMember,
} from 'nekube/apimachinery';
import type { FieldFilter } from 'nekube/smd';
import { FieldManager, parseableTypeOf, resetFilter } from '../field-manager/index.ts';
import type { Decoded, ServedResource } from '../registry/served.ts';
import { sortKeys } from '../sort-keys.ts';
import { setDefaults } from './defaulting.ts';
import { compareVersions, type Definition, type DefinitionVersion, hasCondition } from './definition.ts';
import { coerceMeta, decodeMeta } from './object-meta.ts';
import { publishedObject } from './openapi.ts';
import { prune, pruneNulls } from './pruning.ts';
import { ruleTreeOf } from './rule-tree.ts';
import { type StructuralSchema, TYPE_META } from './schema.ts';
import { strategyOf } from './strategy.ts';
import { tableOf } from './table.ts';

const PRESERVE: StructuralSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** The served versions of a definition, as the handlers see them. */
export function serveDefinition(definition: Definition, now: () => Date): ServedResource[] {
  const versions = definition.spec.versions.filter((version) => version.served);
  const types = new Map(versions.map((version) => [apiVersionOfDefinition(definition, version), lazyType(version)]));
  return versions.map((version) => serveVersion(definition, version, types, now));
}

function apiVersionOfDefinition(definition: Definition, version: DefinitionVersion): string {
  return `${definition.spec.group}/${version.name}`;
}

/** The schema of a version's objects. */
export function schemaOf(version: DefinitionVersion): StructuralSchema {
  return version.schema?.openAPIV3Schema ?? PRESERVE;
}

/** A kind in one version, with its schema. */
interface Form {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: StructuralSchema;
  /** The schemas of all versions by apiVersion. */
  readonly schemas: ReadonlyMap<string, StructuralSchema>;
}

function formOf(definition: Definition, version: DefinitionVersion): Form {
  const apiVersion = apiVersionOfDefinition(definition, version);
  const schemas = definition.spec.versions.map((v) => [apiVersionOfDefinition(definition, v), schemaOf(v)] as const);
  return { apiVersion, kind: definition.spec.names.kind, schema: schemaOf(version), schemas: new Map(schemas) };
}

/**
 * A version is its own hub: objects are handled in the version of the request, as kube-apiserver handles those of
 * custom resources, and get to the storage version when they are written.
 */
function serveVersion(
  definition: Definition,
  version: DefinitionVersion,
  types: ReadonlyMap<string, () => SmdType>,
  now: () => Date,
): ServedResource {
  const { group, names, scope } = definition.spec;
  const form = formOf(definition, version);
  const storage = formOf(definition, definition.spec.versions.find((v) => v.storage) ?? version);
  const { apiVersion, schema } = form;
  const { strategy, webhook: configured } = definition.spec.conversion ?? {};
  const webhook = strategy === 'Webhook' ? configured : undefined;
  const settleStored = (object: KubeObject) => settle(object, form.schemas.get(object.apiVersion!) ?? schema);
  // what a webhook converted has no further defaults
  const settled = (object: KubeObject) => (webhook ? settleConverted(object, schema) : settle(object, schema));
  const managers = new Map<string, FieldManager>();
  const served: ServedResource = {
    group,
    version: version.name,
    apiVersion,
    resource: names.plural,
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    namespaced: scope === 'Namespaced',
    verbs: VERBS,
    subresources: subresourcesOf(version),
    hubApiVersion: apiVersion,
    keyPrefix: `/registry/${group}/${names.plural}/`,
    rules: strategyOf({ definition, version, schema, rules: ruleTreeOf(schema, true) }),
    custom: true,
    ...(webhook && { conversion: { storageApiVersion: storage.apiVersion, webhook, settleStored } }),
    ...(hasCondition(definition, 'Terminating') && { terminating: true }),
    ...(version.deprecated && { deprecation: version.deprecationWarning ?? deprecationOf(definition, version) }),
    goType: 'unstructured.Unstructured',
    decode: (value) => decode(value, form),
    settle: settled,
    // with a webhook the storage converts, and answers show what was to be stored
    normalizeHub: (object) => normalize(object, webhook ? form : storage),
    toHub: (object) => object,
    fromHub: settled,
    patchSchema: () => undefined,
    fieldManager(subresource) {
      let manager = managers.get(subresource);
      if (manager === undefined) managers.set(subresource, (manager = make(subresource)));
      return manager;
    },
    table: () => tableOf(version),
  };
  const make = (subresource: string): FieldManager => {
    const { resetFields } = subresource === '' ? served.rules : (served.rules.subresources?.[subresource] ?? {});
    const filters =
      resetFields && new Map<string, FieldFilter>([...types.keys()].map((v) => [v, resetFilter(resetFields)]));
    return new FieldManager({
      apiVersion,
      kind: names.kind,
      subresource,
      empty: () => ({ apiVersion, kind: names.kind, metadata: {} }),
      decode: (merged) => withDefaults(merged, schema),
      typeIn: (v) => {
        const type = types.get(v);
        return type && parseableTypeOf(type());
      },
      convert: (object, to) => (object.apiVersion === to ? object : { ...object, apiVersion: to }),
      ...(filters && { filters }),
      now,
    });
  };
  return served;
}

/** What clients of a deprecated version are told: the most stable of the versions above it that is not. */
function deprecationOf({ spec: { group, names, versions } }: Definition, { name }: DefinitionVersion): string {
  const text = `${group}/${name} ${names.kind} is deprecated`;
  const [better] = versions
    .filter((other) => other.served && !other.deprecated && compareVersions(other.name, name) < 0)
    .map((other) => other.name)
    .sort(compareVersions);
  return better === undefined ? text : `${text}; use ${group}/${better} ${names.kind}`;
}

function subresourcesOf(version: DefinitionVersion): { name: string; verbs: string[] }[] {
  const verbs = ['get', 'patch', 'update'];
  const { status, scale } = version.subresources ?? {};
  return [...(status ? [{ name: 'status', verbs }] : []), ...(scale ? [{ name: 'scale', verbs }] : [])];
}

/** Decodes, prunes and defaults; metadata is read as every kind's is. @throws Error with Go's message */
function decode(value: JsonValue, form: Form): Decoded {
  const copy = cloneJson(isJsonObject(value) ? value : {});
  const meta = decodeMeta(copy.metadata ?? {});
  const { kind = '', apiVersion = '' } = copy;
  const object = { apiVersion, kind, metadata: meta.metadata } as unknown as KubeObject;
  for (const field in copy) if (!TYPE_META.includes(field)) setMember(object as never, field, copy[field]!);
  // an object of another kind is refused later, as it is, and of another version by what that one knows
  if (kind !== form.kind) return { object, unknownFields: meta.unknownFields };
  const schema = form.schemas.get(apiVersion as string) ?? {};
  const whole = object as unknown as JsonObject;
  const removed = prune(whole, schema);
  pruneNulls(whole, schema);
  const unknown = coerceMeta(whole, schema, { dropInvalid: false });
  setDefaults(whole, schema);
  return { object, unknownFields: [...meta.unknownFields, ...removed, ...unknown] };
}

/** What an apply has merged: its fields are known already. */
function withDefaults(merged: KubeObject, schema: StructuralSchema): KubeObject {
  const { metadata } = decodeMeta(merged.metadata as unknown as JsonValue);
  const object = { ...cloneJson(merged), metadata };
  setDefaults(object as unknown as JsonValue, schema);
  return object;
}

/** A stored object by a schema that may have changed since: pruned, with its defaults; what is malformed is dropped. */
function settle(object: KubeObject, schema: StructuralSchema): KubeObject {
  settleConverted(object, schema);
  setDefaults(object as unknown as JsonValue, schema);
  return object;
}

function settleConverted(object: KubeObject, schema: StructuralSchema): KubeObject {
  const value = object as unknown as JsonObject;
  prune(value, schema);
  pruneNulls(value, schema);
  coerceMeta(value, schema, { dropInvalid: true });
  return object;
}

/** The stored form: metadata in its own order, the rest sorted, so that equal objects have equal bytes. */
function normalize(object: KubeObject, storage: Form): KubeObject {
  const { metadata } = decodeMeta(object.metadata as unknown as JsonValue);
  const stored = { kind: object.kind, apiVersion: storage.apiVersion, metadata } as unknown as JsonObject;
  for (const field of Object.keys(object).sort())
    if (!TYPE_META.includes(field)) setMember(stored, field, sortKeys(object[field]));
  prune(stored, storage.schema);
  pruneNulls(stored, storage.schema);
  return stored as unknown as KubeObject;
}

/** The type by which a version's objects are merged, made at its first use. */
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
