import { decodeObject, structType, validateObjectMeta } from 'nekube/api';
import {
  type FieldError,
  invalid,
  isDns1035Label,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type ObjectMeta,
  parseApiVersion,
  Path,
  required,
  validatePathSegmentName,
} from 'nekube/apimachinery';
import { asResource, fieldSchema, type StructuralSchema } from './schema.ts';

/** Metadata as Go reads it, and the paths in it that nobody knows. */
export interface DecodedMeta {
  readonly metadata: ObjectMeta;
  readonly unknownFields: readonly string[];
}

/** Reads metadata as every kind's is. @throws Error with Go's message where a value does not fit */
export function decodeMeta(metadata: JsonValue): DecodedMeta {
  const { object, unknownFields } = decodeObject(structType('meta/v1.ObjectMeta'), metadata ?? {});
  return { metadata: object as unknown as ObjectMeta, unknownFields: unknownFields.map((path) => `metadata.${path}`) };
}

/** Why an embedded object cannot be read. */
export class CoerceError extends Error {
  readonly fault: FieldError;

  constructor(fault: FieldError) {
    super(`${fault.field}: ${fault.message}`);
    this.fault = fault;
  }
}

/** How embedded objects are read. */
export interface CoerceOptions {
  /** Stored objects lose what is malformed; others are refused for it. */
  readonly dropInvalid: boolean;
  /** The value itself is a whole object. */
  readonly isResource?: boolean;
  /** In front of paths in errors. */
  readonly at?: Path;
}

/**
 * Brings the metadata of embedded objects into the form of every kind's, in place.
 *
 * @returns the paths of fields of metadata that nobody knows, sorted
 * @throws CoerceError
 */
export function coerceMeta(value: JsonValue, schema: StructuralSchema | undefined, options: CoerceOptions): string[] {
  const unknown: string[] = [];
  const root = options.isResource ? asResource(schema) : schema;
  coerce(value, root, options.at ?? Path.root, options.dropInvalid, unknown);
  return unknown.sort();
}

function coerce(
  value: JsonValue,
  schema: StructuralSchema | undefined,
  path: Path,
  dropInvalid: boolean,
  unknown: string[],
): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    value.forEach((item, i) => coerce(item, schema.items, path.index(i), dropInvalid, unknown));
    return;
  }
  if (!isJsonObject(value)) return;
  for (const key of Object.keys(value)) {
    if (schema['x-kubernetes-embedded-resource']) coerceField(value, key, path, dropInvalid, unknown);
    if (!Object.hasOwn(value, key)) continue;
    const named = schema.properties !== undefined && Object.hasOwn(schema.properties, key);
    coerce(value[key]!, fieldSchema(schema, key), named ? path.child(key) : path.key(key), dropInvalid, unknown);
  }
}

/** kind and apiVersion are texts, metadata is an object's. */
function coerceField(object: JsonObject, key: string, path: Path, dropInvalid: boolean, unknown: string[]): void {
  const value = object[key]!;
  if (key === 'apiVersion' || key === 'kind') {
    if (typeof value === 'string') return;
    if (!dropInvalid) throw new CoerceError(invalid(path.child(key), value, 'must be a string'));
    delete object[key];
  } else if (key === 'metadata') {
    const decoded = dropInvalid ? decodeParts(value) : decodeEmbedded(value, path.child(key));
    if (decoded === undefined) return;
    unknown.push(...decoded.unknownFields.map((field) => `${path.child(field)}`));
    object.metadata = withoutNullTime(decoded.metadata);
  }
}

function decodeEmbedded(value: JsonValue, path: Path): DecodedMeta {
  try {
    return decodeMeta(value);
  } catch (error) {
    throw new CoerceError(invalid(path, value, (error as Error).message));
  }
}

/** As much of metadata as can be read. */
function decodeParts(value: JsonValue): DecodedMeta | undefined {
  try {
    return decodeMeta(value);
  } catch {
    if (!isJsonObject(value)) return undefined;
    const parts = Object.entries(value).filter(([key, member]) => isReadable({ [key]: member }));
    return decodeMeta(Object.fromEntries(parts));
  }
}

function isReadable(value: JsonObject): boolean {
  try {
    decodeMeta(value);
    return true;
  } catch {
    return false;
  }
}

function withoutNullTime(metadata: ObjectMeta): JsonObject {
  const { creationTimestamp, ...rest } = metadata;
  return (creationTimestamp ? metadata : rest) as unknown as JsonObject;
}

/** The defects of embedded objects: their kind, apiVersion and metadata. */
export function validateEmbedded(
  value: JsonValue,
  schema: StructuralSchema,
  options: Pick<CoerceOptions, 'isResource' | 'at'> = {},
): FieldError[] {
  const errors: FieldError[] = [];
  check(value, options.isResource ? asResource(schema) : schema, options.at ?? Path.root, errors);
  return errors;
}

function check(value: JsonValue, schema: StructuralSchema | undefined, path: Path, errors: FieldError[]): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    value.forEach((item, i) => check(item, schema.items, path.index(i), errors));
    return;
  }
  if (!isJsonObject(value)) return;
  if (schema['x-kubernetes-embedded-resource']) checkResource(value, path, errors);
  for (const [key, member] of Object.entries(value)) {
    const named = schema.properties !== undefined && Object.hasOwn(schema.properties, key);
    check(member, fieldSchema(schema, key), named ? path.child(key) : path.key(key), errors);
  }
}

function checkResource(object: JsonObject, path: Path, errors: FieldError[]): void {
  const refuse = (key: string, why: string) => errors.push(invalid(path.child(key), object[key], why));
  const { apiVersion, kind, metadata } = object;
  for (const key of ['apiVersion', 'kind']) if (object[key] === undefined) errors.push(required(path.child(key)));
  if (apiVersion !== undefined) {
    const fault = apiVersionFault(apiVersion);
    if (fault !== undefined) refuse('apiVersion', fault);
  }
  if (kind !== undefined) {
    const fault = kindFault(kind);
    if (fault !== undefined) refuse('kind', fault);
  }
  if (metadata === undefined) return;
  try {
    errors.push(...metaErrors(decodeMeta(metadata).metadata, path.child('metadata')));
  } catch (error) {
    refuse('metadata', (error as Error).message);
  }
}

function apiVersionFault(apiVersion: JsonValue): string | undefined {
  if (typeof apiVersion !== 'string') return 'must be a string';
  if (apiVersion === '') return 'must not be empty';
  return parseApiVersion(apiVersion) === undefined ? `unexpected GroupVersion string: ${apiVersion}` : undefined;
}

function kindFault(kind: JsonValue): string | undefined {
  if (typeof kind !== 'string') return 'must be a string';
  if (kind === '') return 'must not be empty';
  const faults = isDns1035Label(kind.toLowerCase());
  return faults.length > 0 ? `may have mixed case, but should otherwise match: ${faults.join(',')}` : undefined;
}

/** An embedded object needs no name. */
function metaErrors(metadata: ObjectMeta, path: Path): FieldError[] {
  const named = metadata.name ? metadata : { ...metadata, name: 'fakename' };
  const namespaced = (metadata.namespace ?? '') !== '';
  return validateObjectMeta(named, { namespaced, nameCheck: validatePathSegmentName, path, custom: true });
}
