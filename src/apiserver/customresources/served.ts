import {
  decodeObject,
  type SchemaFacts,
  openApiSchemas,
  type ResourceRules,
  smdTypeOfSchema,
  type SmdType,
  typeOf,
} from 'nekube/api';
import {
  isJsonObject,
  jsonEqual,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  nameIsDnsSubdomain,
} from 'nekube/apimachinery';
import type { FieldFilter } from 'nekube/smd';
import { FieldManager, parseableTypeOf, resetFilter } from '../field-manager/index.ts';
import type { ServedResource } from '../registry/served.ts';
import { sortKeys } from '../sort-keys.ts';
import type { Definition, DefinitionVersion } from './definition.ts';
import { compileJsonPath, fieldsOfPath } from './json-path.ts';
import { prune, setDefaults, type StructuralSchema } from './structural.ts';
import { tableOf } from './table.ts';
import { checkScaleSpec, checkScaleStatus } from './scale.ts';
import { validateBySchema } from './validation.ts';

const PRESERVE: StructuralSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** The served versions of a definition, as the handlers see them. */
export function serveDefinition(definition: Definition, now: () => Date): ServedResource[] {
  const versions = definition.spec.versions.filter((version) => version.served);
  const types = new Map(
    versions.map((version) => [apiVersionOfDefinition(definition, version), lazyType(definition, version)]),
  );
  return versions.map((version) => serveVersion(definition, version, types, now));
}

function apiVersionOfDefinition(definition: Definition, version: DefinitionVersion): string {
  return `${definition.spec.group}/${version.name}`;
}

/** The schema of a version's objects. */
export function schemaOf(version: DefinitionVersion): StructuralSchema {
  return version.schema?.openAPIV3Schema ?? PRESERVE;
}

function serveVersion(
  definition: Definition,
  version: DefinitionVersion,
  types: ReadonlyMap<string, () => SmdType>,
  now: () => Date,
): ServedResource {
  const { group, names, scope } = definition.spec;
  const storage = definition.spec.versions.find((v) => v.storage) ?? version;
  const apiVersion = apiVersionOfDefinition(definition, version);
  const hubApiVersion = apiVersionOfDefinition(definition, storage);
  const schema = schemaOf(version);
  const managers = new Map<string, FieldManager>();
  const inVersion = (object: KubeObject, to: string): KubeObject =>
    object.apiVersion === to ? object : { ...object, apiVersion: to };
  const settled = (object: KubeObject, by: StructuralSchema): KubeObject => {
    prune(object as unknown as JsonObject, by);
    setDefaults(object as unknown as JsonValue, by);
    return object;
  };
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
    hubApiVersion,
    keyPrefix: `/registry/${group}/${names.plural}/`,
    rules: rulesOf(definition, version),
    custom: true,
    ...(version.deprecated && {
      deprecation: version.deprecationWarning ?? `${apiVersion} ${names.kind} is deprecated`,
    }),
    goType: 'unstructured.Unstructured',
    decode: (value) => decode(value, schema),
    normalizeHub: (object) => settled(normalize(object), schemaOf(storage)),
    toHub: (object) => inVersion(object, hubApiVersion),
    fromHub: (object) => settled(inVersion(object, apiVersion), schema),
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
      decode: (merged) => decode(merged as unknown as JsonValue, schema).object,
      typeIn: (v) => {
        const type = types.get(v);
        return type && parseableTypeOf(type());
      },
      convert: inVersion,
      ...(filters && { filters }),
      now,
    });
  };
  return served;
}

function subresourcesOf(version: DefinitionVersion): { name: string; verbs: string[] }[] {
  const verbs = ['get', 'patch', 'update'];
  const { status, scale } = version.subresources ?? {};
  return [...(status ? [{ name: 'status', verbs }] : []), ...(scale ? [{ name: 'scale', verbs }] : [])];
}

/** Decodes, prunes and defaults; metadata is read as every kind's is. */
function decode(value: JsonValue, schema: StructuralSchema): { object: KubeObject; unknownFields: string[] } {
  const copy = structuredClone(isJsonObject(value) ? value : {});
  const type = typeOf('meta.k8s.io/v1', 'PartialObjectMetadata')!;
  const { object, unknownFields } = decodeObject(type, { metadata: copy.metadata ?? {} });
  const { kind = '', apiVersion = '', metadata: _metadata, ...rest } = copy;
  const whole = { apiVersion, kind, metadata: object.metadata, ...rest } as unknown as JsonObject;
  const removed = prune(whole, schema);
  setDefaults(whole, schema);
  return { object: whole as unknown as KubeObject, unknownFields: [...removed, ...unknownFields] };
}

/** The stored form: metadata in its own order, the rest sorted, so that equal objects have equal bytes. */
function normalize(object: KubeObject): KubeObject {
  const type = typeOf('meta.k8s.io/v1', 'PartialObjectMetadata')!;
  const { object: partial } = decodeObject(type, { metadata: object.metadata } as unknown as JsonValue);
  const { kind, apiVersion, metadata: _metadata, ...rest } = object;
  return {
    kind,
    apiVersion,
    metadata: partial.metadata,
    ...(sortKeys(rest as JsonObject) as JsonObject),
  } as KubeObject;
}

function rulesOf(definition: Definition, version: DefinitionVersion): ResourceRules {
  const schema = schemaOf(version);
  const { status, scale } = version.subresources ?? {};
  const validateStatus = (object: KubeObject) => [
    ...validateBySchema(object as unknown as JsonObject, schema),
    ...checkScaleStatus(object, scale),
  ];
  const validate = (object: KubeObject) => [
    ...validateBySchema(object as unknown as JsonObject, schema),
    ...checkScaleSpec(object, scale),
    ...checkScaleStatus(object, scale),
  ];
  const selectable = (version.selectableFields ?? []).map(({ jsonPath }) => ({
    name: jsonPath.replace(/^\./, ''),
    read: compileJsonPath(jsonPath),
  }));
  return {
    nameCheck: nameIsDnsSubdomain,
    allowUnconditionalUpdate: false,
    knownFinalizers: false,
    prepareForCreate(object) {
      if (status) delete object.status;
      object.metadata.generation = 1;
    },
    prepareForUpdate(object, old) {
      if (status) takeOverStatus(object, old);
      const ignored = status ? ['metadata', 'status'] : ['metadata'];
      if (!jsonEqual(without(object, ignored), without(old, ignored)))
        object.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },
    validate,
    validateUpdate: validate,
    ...(status && { resetFields: [['status']], subresources: { status: statusRules(validateStatus) } }),
    ...(scale && {
      scale: {
        replicas: fieldsOfPath(scale.specReplicasPath).join('.'),
        statusReplicas: fieldsOfPath(scale.statusReplicasPath).join('.'),
        selector: fieldsOfPath(scale.labelSelectorPath ?? '').join('.'),
      },
    }),
    ...(selectable.length > 0 && {
      selectableFields: (object) =>
        Object.fromEntries(selectable.map(({ name, read }) => [name, textOf(read(object as unknown as JsonValue)[0])])),
    }),
  };
}

function textOf(value: JsonValue | undefined): string {
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
}

function without(object: KubeObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !fields.includes(key))) as JsonObject;
}

function takeOverStatus(object: KubeObject, old: KubeObject): void {
  if (old.status === undefined) delete object.status;
  else object.status = old.status;
}

/** `/status` writes the status alone; of metadata only who owns what. */
function statusRules(
  validate: (object: KubeObject) => ReturnType<typeof validateBySchema>,
): NonNullable<ResourceRules['subresources']>[string] {
  return {
    prepareForUpdate(object, old) {
      const { status } = object;
      const { managedFields, resourceVersion } = object.metadata;
      for (const key of Object.keys(object)) delete object[key];
      Object.assign(object, structuredClone(old));
      if (status === undefined) delete object.status;
      else object.status = status;
      if (managedFields === undefined) delete object.metadata.managedFields;
      else object.metadata.managedFields = managedFields;
      if (resourceVersion !== undefined) object.metadata.resourceVersion = resourceVersion;
    },
    validateUpdate: validate,
    resetFields: [['metadata'], ['spec']],
  };
}

/** The type by which a version's objects are merged, made at its first use. */
function lazyType(definition: Definition, version: DefinitionVersion): () => SmdType {
  let made: SmdType | undefined;
  return () =>
    (made ??= smdTypeOfSchema('object', { ...openApiSchemas(), object: objectSchema(definition, version) })!);
}

/** The OpenAPI schema of a version's objects: the definition's, with what every object has. */
export function objectSchema(_definition: Definition, version: DefinitionVersion): SchemaFacts {
  const schema = openApiOf(schemaOf(version)) as SchemaFacts;
  const text = { type: 'string' };
  const metadata = { allOf: [{ $ref: `#/components/schemas/${OBJECT_META}` }] };
  return {
    ...schema,
    type: 'object',
    properties: { ...schema.properties, apiVersion: text, kind: text, metadata },
  } as SchemaFacts;
}

/** A structural schema in OpenAPI's words: values are not restricted, and nullable is left out. */
function openApiOf(schema: StructuralSchema): JsonObject {
  const {
    properties,
    items,
    additionalProperties,
    nullable: _nullable,
    ...rest
  } = schema as StructuralSchema & JsonObject;
  const out: JsonObject = { ...(rest as JsonObject) };
  if (schema['x-kubernetes-int-or-string']) delete out.type;
  if (properties)
    out.properties = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, openApiOf(value)]));
  if (items) out.items = openApiOf(items);
  if (typeof additionalProperties === 'object') out.additionalProperties = openApiOf(additionalProperties);
  return out;
}
