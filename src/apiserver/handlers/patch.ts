import {
  apiVersionOf,
  applyJsonPatch,
  applyMergePatch,
  cloneJson,
  errorText,
  findDuplicateFields,
  findInexactValues,
  findUnknownJsonPatchFields,
  formatGoValue,
  invalid,
  isJsonObject,
  isPatchError,
  jsonEqual,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  newBadRequest,
  newConflict,
  newFailure,
  newInvalid,
  newRequestEntityTooLarge,
  newUnsupportedMediaType,
  parseJson,
  strategicMergeInPlace,
  stringifyJson,
} from 'nekube/apimachinery';
import { type FieldValidation, jsonKind, parseYamlText, readBody, reportStrict } from '../body.ts';
import { header, type RequestContext, warn } from '../context.ts';
import { plainError } from '../errors.ts';
import type { ApplyDecisions } from '../decisions/index.ts';
import { type DecideOwned, goOn } from '../field-manager/index.ts';
import { parseMediaType } from '../media-type.ts';
import { type MutateOptions, parseMutateOptions } from '../options.ts';
import { sendEncoded } from '../respond.ts';
import { decodeAsRegistered, registeredKind } from '../registry/builtin.ts';
import { groupResource, type ServedResource } from '../registry/served.ts';
import { matchNamespace } from '../registry/prepare.ts';
import { sortKeys } from '../sort-keys.ts';
import { View } from '../view.ts';
import { type Change, checkName, managerOf, notFoundHere, updateObject, type WriteDeps } from './write.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
/** Server-side apply (KEP-555). */
export const APPLY_PATCH = 'application/apply-patch+yaml';

/** A parsed patch: makes the new object from the live one, both in the request's version. */
export interface Patcher {
  readonly forceAllowCreate: boolean;
  /** What is applied; of an apply only. */
  readonly configuration?: JsonObject;
  /** @param decide what decides the conflicts of an apply; absent: they are as in stock */
  apply(live: KubeObject | undefined, decide?: DecideOwned): KubeObject | Promise<KubeObject>;
}

/** The kind of a patch by its Content-Type. @throws StatusError 415 */
export function patchTypeOf(context: RequestContext, strategic: boolean, custom: boolean): string {
  const { type } = parseMediaType(header(context.request, 'content-type') ?? '');
  const supported = strategic
    ? [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH]
    : [JSON_PATCH, MERGE_PATCH, APPLY_PATCH];
  if (supported.includes(type)) return type;
  if (!custom) throw newFailure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  throw newUnsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${supported.join(', ')}`,
  );
}

/** The options of a patch. */
export function patchOptions(context: RequestContext, type: string): MutateOptions {
  return parseMutateOptions(type === APPLY_PATCH ? 'ApplyPatch' : 'Patch', context.query);
}

/** PATCH of an object or of a subresource that has its form. */
export async function handlePatch(context: RequestContext, deps: WriteDeps, resource: ServedResource): Promise<void> {
  const type = patchTypeOf(context, resource.patchSchema() !== undefined, resource.custom);
  const bytes = await readBody(context.request);
  const options = patchOptions(context, type);
  context.audit?.requestPatch(bytes);
  const view = new View(context, resource);
  const patcher = parsePatch(context, resource, type, bytes, options);
  const decisions = await decisionsOf(context, deps, resource, patcher, options);
  const change: Change = {
    forceAllowCreate: patcher.forceAllowCreate && context.info.subresource === '',
    transform: (live) =>
      goOn(patcher.apply(live, decisions?.about(live)), (object) => {
        if (live === undefined && object.metadata.uid) {
          const why = `uid mismatch: the provided object specified uid ${object.metadata.uid}, and no existing object was found`;
          throw newConflict(groupResource(resource), context.info.name, why);
        }
        matchNamespace(resource, context.info.namespace, object);
        checkName(context, object);
        return object;
      }),
  };
  const write = () => updateObject(context, deps, resource, options, change);
  const written = await (decisions ? decisions.report(write) : write());
  sendEncoded(context, written.created ? 201 : 200, view.single(written.entry));
}

/** What decides the conflicts of an apply to an object, or to a part of it; undefined where all is as in stock. */
export function decisionsOf(
  context: RequestContext,
  { decisions }: Pick<WriteDeps, 'decisions'>,
  resource: ServedResource,
  { configuration }: Patcher,
  options: MutateOptions,
): ApplyDecisions | undefined | Promise<ApplyDecisions | undefined> {
  if (configuration === undefined) return undefined;
  const { group, kind, apiVersion } = resource;
  const { subresource, name } = context.info;
  const namespace = resource.namespaced ? context.info.namespace : '';
  const target = { group, kind, namespace, subresource, manager: options.fieldManager };
  return decisions.of(context, { ...options, target, apiVersion, name, configuration });
}

/** Reads the patch; what is wrong with it alone is thrown here. @throws StatusError */
export function parsePatch(
  context: RequestContext,
  resource: ServedResource,
  type: string,
  bytes: Buffer,
  options: MutateOptions,
): Patcher {
  if (type === APPLY_PATCH) return applyPatcher(context, resource, bytes, options);
  let parsed: ParsedPatch | undefined;
  return {
    forceAllowCreate: false,
    apply(live) {
      if (live === undefined) throw notFoundHere(context, resource);
      // that the object is missing is said before what is wrong with the patch
      parsed ??= parseJsonPatchBody(type, bytes, options.fieldValidation);
      const { value, strict } = parsed;
      const change =
        type === JSON_PATCH ? jsonPatch(parsed) : type === MERGE_PATCH ? mergePatch : strategicPatch(resource);
      const patch = type === STRATEGIC_PATCH ? cloneJson(value) : value;
      const patched = patchedValue(live as unknown as JsonObject, patch, change);
      const report = { strict, validation: options.fieldValidation };
      const object =
        type === STRATEGIC_PATCH
          ? decodeMerged(context, resource, patched as JsonObject, live, { ...report, shown: formatGoValue(patch) })
          : decodePatched(context, resource, patched, {
              ...report,
              shown: stringifyJson(resource.custom ? sortKeys(patched) : patched),
            });
      const manager = managerOf(context, options);
      return resource.fieldManager(context.info.subresource).settle((fields) => fields.update(live, object, manager));
    },
  };
}

function jsonPatch({ inexact }: ParsedPatch): (original: JsonValue, patch: JsonValue) => JsonValue {
  return (original, patch) => applyJsonPatch(original, patch, inexact);
}

function mergePatch(original: JsonValue, patch: JsonValue): JsonValue {
  return applyMergePatch(original as JsonObject, patch);
}

/** The patch is the merge's own: it shows afterwards what messages show of it. */
function strategicPatch(resource: ServedResource): (original: JsonValue, patch: JsonValue) => JsonValue {
  return (original, patch) =>
    strategicMergeInPlace(cloneJson(original) as JsonObject, (patch ?? {}) as JsonObject, resource.patchSchema()!);
}

/** Runs a patch and turns its failures into the server's. @throws StatusError */
function patchedValue(
  live: JsonObject,
  patch: JsonValue,
  change: (original: JsonValue, patch: JsonValue) => JsonValue,
): JsonValue {
  try {
    return change(live, patch);
  } catch (error) {
    if (!isPatchError(error)) throw error;
    switch (error.kind) {
      case 'malformed':
        throw newBadRequest(error.message);
      case 'too-large':
        throw newRequestEntityTooLarge(error.message);
      case 'rejected':
      case 'test-failed':
        throw newFailure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
      default:
        throw plainError(error.message);
    }
  }
}

/** A patch as it was read, and what strict validation says of it. */
interface ParsedPatch {
  readonly value: JsonValue;
  readonly strict: readonly string[];
  /** Operations of a JSON patch that test for what no object has. */
  readonly inexact?: ReadonlySet<number>;
}

/** Parses a JSON body of a patch. @throws StatusError BadRequest */
function parseJsonPatchBody(type: string, bytes: Buffer, validation: FieldValidation): ParsedPatch {
  const text = bytes.toString('utf8');
  const prefix = type === STRATEGIC_PATCH || validation === 'Ignore' ? '' : 'error decoding patch: ';
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (error) {
    const lenient = type === MERGE_PATCH && validation === 'Ignore';
    throw newBadRequest(lenient ? 'Invalid JSON Patch' : `${prefix}${errorText(error)}`);
  }
  if (type === JSON_PATCH) {
    const strict = validation === 'Ignore' ? [] : strictOperations(value, text);
    return { value, strict, ...(text.includes('"test"') && { inexact: findInexactValues(text) }) };
  }
  if (!isJsonObject(value) && value !== null && (type === STRATEGIC_PATCH || validation !== 'Ignore')) {
    throw newBadRequest(
      `${prefix}json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`,
    );
  }
  if (validation === 'Ignore') return { value, strict: [] };
  return { value, strict: findDuplicateFields(text).map((field) => `duplicate field "${field}"`) };
}

function strictOperations(patch: JsonValue, text: string): string[] {
  try {
    const duplicates = findDuplicateFields(text).map((field) => `duplicate field "${field}"`);
    return [...findUnknownJsonPatchFields(patch), ...duplicates].map((problem) => `json patch ${problem}`);
  } catch (error) {
    throw newBadRequest(errorText(error));
  }
}

interface PatchReport {
  /** The patched object (or the patch) as the message of a failure shows it. */
  readonly shown: string;
  readonly strict: readonly string[];
  readonly validation: FieldValidation;
}

/** The patched JSON as an object of the resource's version. @throws StatusError Invalid of no kind */
function decodePatched(
  context: RequestContext,
  resource: ServedResource,
  patched: JsonValue,
  report: PatchReport,
): KubeObject {
  const fail = (text: string) => newInvalid({ group: '', resource: '' }, '', [invalid('patch', report.shown, text)]);
  let decoded: ReturnType<ServedResource['decode']>;
  try {
    checkPatchedKind(resource, patched);
    decoded = isUnversioned(resource, patched) ? decodeUnversioned(resource, patched) : resource.decode(patched);
  } catch (error) {
    throw fail(errorText(error));
  }
  const strict = [...report.strict, ...decoded.unknownFields.map((field) => `unknown field "${field}"`)];
  reportStrict(context, report.validation, strict, fail);
  return decoded.object;
}

/**
 * The outcome of a strategic merge as an object of the resource's version: the converter from maps reads it, which
 * has messages of its own and does not look at the kind.
 *
 * @throws StatusError Invalid of no kind
 */
function decodeMerged(
  context: RequestContext,
  resource: ServedResource,
  merged: JsonObject,
  live: KubeObject,
  report: PatchReport,
): KubeObject {
  const fail = (text: string) => newInvalid({ group: '', resource: '' }, '', [invalid('patch', report.shown, text)]);
  let decoded: ReturnType<ServedResource['decode']>;
  try {
    decoded = resource.decode(merged, { from: 'map' });
  } catch (error) {
    throw fail(errorText(error));
  }
  const strict = [...report.strict, ...decoded.unknownFields.map((field) => `unknown field "${field}"`)];
  reportStrict(context, report.validation, strict, fail);
  const { metadata } = decoded.object;
  const { managedFields } = live.metadata;
  // a map does not keep the order of the fields in an entry, which is their own and not that of their names
  if (jsonEqual(metadata.managedFields as unknown as JsonValue, managedFields as unknown as JsonValue))
    metadata.managedFields = managedFields;
  return { ...decoded.object, kind: resource.kind, apiVersion: resource.apiVersion, metadata };
}

function isUnversioned(resource: ServedResource, patched: JsonValue): patched is JsonObject {
  return !resource.custom && isJsonObject(patched) && !patched.apiVersion;
}

/** Without a version, Go reads into its internal type, which has no names of JSON: nothing of the object is left. */
function decodeUnversioned(resource: ServedResource, patched: JsonObject): ReturnType<ServedResource['decode']> {
  const { kind, apiVersion } = resource;
  const unknownFields = Object.keys(patched).filter((name) => name !== 'kind' && name !== 'apiVersion');
  return { object: { kind, apiVersion, metadata: {} }, unknownFields };
}

/** A patch may change the kind; the result must still be of the resource's. @throws Error with Go's message */
function checkPatchedKind(resource: ServedResource, patched: JsonValue): void {
  if (!isJsonObject(patched)) return;
  const { kind: given, apiVersion } = patched as { kind?: string; apiVersion?: string };
  if (resource.custom && !given) throw new Error(`Object 'Kind' is missing in '${stringifyJson(sortKeys(patched))}'`);
  const kind = given || resource.kind;
  if (kind === resource.kind && (!apiVersion || apiVersion === apiVersionOf(resource))) return;
  if (resource.custom) return;
  if (!registeredKind(apiVersion ?? '', kind ?? ''))
    throw new Error(
      `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`,
    );
  decodeAsRegistered(patched);
  if (kind !== resource.kind)
    throw new Error(`converting (${apiVersion!.split('/').pop()}.${kind}) to (${resource.goType}): unknown conversion`);
}

/** Server-side apply (KEP-555). */
function applyPatcher(
  context: RequestContext,
  resource: ServedResource,
  bytes: Buffer,
  options: MutateOptions,
): Patcher {
  const { value, duplicates } = parseApplied(bytes);
  return {
    forceAllowCreate: true,
    configuration: value,
    apply(live, decide) {
      const config = cloneJson(value) as unknown as KubeObject;
      const { fieldManager, force, fieldValidation } = options;
      const manager = resource.fieldManager(context.info.subresource);
      const applied = manager.settle((fields) => fields.apply(live, config, fieldManager, force, decide));
      return goOn(applied, (object) => {
        // that the configuration does not fit, or conflicts, is said before what is doubled in it
        reportDuplicates(context, duplicates, fieldValidation);
        return object;
      });
    },
  };
}

function reportDuplicates(context: RequestContext, duplicates: readonly string[], validation: FieldValidation): void {
  if (duplicates.length === 0 || validation === 'Ignore') return;
  if (validation === 'Strict')
    throw newBadRequest(
      `error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  ${duplicates.join('\n  ')}`,
    );
  for (const text of duplicates) warn(context, text);
}

/** An applied configuration is YAML (or JSON) whatever it holds. @throws StatusError BadRequest */
function parseApplied(bytes: Buffer): { value: JsonObject; duplicates: readonly string[] } {
  const text = bytes.toString('utf8');
  let parsed: ReturnType<typeof parseYamlText>;
  try {
    parsed = parseYamlText(text);
  } catch (error) {
    throw newBadRequest(`error decoding YAML: error converting YAML to JSON: ${errorText(error)}`);
  }
  const { value, duplicates } = parsed;
  if (value === null) return { value: {}, duplicates };
  if (!isJsonObject(value)) {
    const why = `json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`;
    throw newBadRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${why}`);
  }
  return { value, duplicates };
}
