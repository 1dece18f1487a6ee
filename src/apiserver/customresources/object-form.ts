import {
  cloneJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  setMember,
} from 'nekube/apimachinery';
import type { Decoded } from '../registry/served.ts';
import { sortKeys } from '../sort-keys.ts';
import { setDefaults } from './defaulting.ts';
import { apiVersionIn, type Definition, type DefinitionVersion } from './definition.ts';
import { coerceMeta, decodeMeta } from './object-meta.ts';
import { prune, pruneNulls } from './pruning.ts';
import { type StructuralSchema, TYPE_META } from './schema.ts';

const PRESERVE: StructuralSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** A kind in one version, with its schema. */
export interface Form {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: StructuralSchema;
  /** The schemas of all versions by apiVersion. */
  readonly schemas: ReadonlyMap<string, StructuralSchema>;
}

/** What objects of a version are like. */
export function formOf(definition: Definition, version: DefinitionVersion): Form {
  const apiVersion = apiVersionIn(definition, version);
  const schemas = definition.spec.versions.map((v) => [apiVersionIn(definition, v), schemaOf(v)] as const);
  return { apiVersion, kind: definition.spec.names.kind, schema: schemaOf(version), schemas: new Map(schemas) };
}

/** The schema of a version's objects. */
export function schemaOf(version: DefinitionVersion): StructuralSchema {
  return version.schema?.openAPIV3Schema ?? PRESERVE;
}

/** Decodes, prunes and defaults; metadata is read as every kind's is. @throws Error with Go's message */
export function decode(value: JsonValue, form: Form): Decoded {
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
export function withDefaults(merged: KubeObject, schema: StructuralSchema): KubeObject {
  const { metadata } = decodeMeta(merged.metadata as unknown as JsonValue);
  const object = { ...cloneJson(merged), metadata };
  setDefaults(object as unknown as JsonValue, schema);
  return object;
}

/** A stored object by a schema that may have changed since: pruned, with its defaults; what is malformed is dropped. */
export function settle(object: KubeObject, schema: StructuralSchema): KubeObject {
  settleConverted(object, schema);
  setDefaults(object as unknown as JsonValue, schema);
  return object;
}

/** The same of one that a webhook made, which has no further defaults. */
export function settleConverted(object: KubeObject, schema: StructuralSchema): KubeObject {
  const value = object as unknown as JsonObject;
  prune(value, schema);
  pruneNulls(value, schema);
  coerceMeta(value, schema, { dropInvalid: true });
  return object;
}

/** The stored form: metadata in its own order, the rest sorted, so that equal objects have equal bytes. */
export function normalize(object: KubeObject, storage: Form): KubeObject {
  const { metadata } = decodeMeta(object.metadata as unknown as JsonValue);
  const stored = { kind: object.kind, apiVersion: storage.apiVersion, metadata } as unknown as JsonObject;
  for (const field of Object.keys(object).sort())
    if (!TYPE_META.includes(field)) setMember(stored, field, sortKeys(object[field]));
  prune(stored, storage.schema);
  pruneNulls(stored, storage.schema);
  return stored as unknown as KubeObject;
}
