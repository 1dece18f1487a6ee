import { formatGoValue, goTypeName } from './go-format.ts';
import { setMember } from './json.ts';
import { PatchError } from './patch-error.ts';
import { mergeList, type MergeElements, orderByDirective } from './strategic-list.ts';
import { cloneJson, isJsonObject, type JsonObject, type JsonValue } from './value.ts';

/** What strategic merge patch knows of the fields of a struct (x-kubernetes-patch-strategy and -merge-key). */
export interface PatchSchema {
  /** Undefined for a field that the struct has not. */
  field(name: string): PatchField | undefined;
  /** Go's name of the struct, for messages. */
  readonly structName?: string;
  /** True for the schema of a map with values of a struct type: objects in it cannot be merged. */
  readonly isMap?: boolean;
}

/** What strategic merge patch knows of a field. */
export interface PatchField {
  /** Of the struct the field holds, or of the elements of its list. */
  readonly schema?: PatchSchema;
  /** The field by which elements of a list of structs are the same. */
  readonly mergeKey?: string;
  /** `merge`, `replace`, `retainKeys`; none means replace for a list, merge for a struct. */
  readonly strategies: readonly string[];
}

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList';
const ELEMENT_ORDER = '$setElementOrder';

/**
 * Applies a strategic merge patch: objects are merged, lists too where the schema says so, and directives
 * (`$patch`, `$retainKeys`, `$deleteFromPrimitiveList/…`, `$setElementOrder/…`) delete, replace and order.
 *
 * Neither argument is changed. Members keep the original's order; new ones follow in the patch's.
 *
 * @throws PatchError `malformed`, `rejected` or `failed`, with kube-apiserver's message. Of several defects it names
 *   the first in the patch's order; kube-apiserver names any of them.
 */
export function applyStrategicMergePatch(original: JsonObject, patch: JsonObject, schema: PatchSchema): JsonObject {
  return strategicMergeInPlace(cloneJson(original), cloneJson(patch), schema);
}

/**
 * The same on arguments that it may change and keep: it takes directives and nulls out of the patch as it obeys them.
 * kube-apiserver shows a patch in its messages as the merge has left it.
 */
export function strategicMergeInPlace(original: JsonObject, patch: JsonObject, schema: PatchSchema): JsonObject {
  return mergeMap(original, patch, schema);
}

/** Merges a patch into an object; both belong to the caller and are changed. */
function mergeMap(original: JsonObject, patch: JsonObject, schema: PatchSchema | undefined): JsonObject {
  if (Object.hasOwn(patch, DIRECTIVE)) return replaceOrDelete(patch);
  retainKeys(original, patch);
  for (const key of Object.keys(patch)) {
    if (key.startsWith(ELEMENT_ORDER)) mergeOrdered(original, patch, key, schema);
  }
  for (const [key, value] of Object.entries(patch)) mergeMember(original, key, value, schema);
  return original;
}

function replaceOrDelete(patch: JsonObject): JsonObject {
  const directive = patch[DIRECTIVE];
  if (directive === 'delete') return {};
  if (directive === 'replace') {
    delete patch[DIRECTIVE];
    return patch;
  }
  throw unknownDirective(directive, patch);
}

/** `unknown patch type: X in map: map[…]`. */
export function unknownDirective(directive: JsonValue | undefined, holder: JsonObject): PatchError {
  // Go formats the directive with %s, which shows other types than texts as a mistake in the format
  const shown = typeof directive === 'string' ? directive : badFormat(directive);
  return new PatchError('failed', `unknown patch type: ${shown} in map: ${formatGoValue(holder)}`);
}

function badFormat(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return '%!s(<nil>)';
  return typeof value === 'object' ? formatGoValue(value) : `%!s(${goTypeName(value)}=${formatGoValue(value)})`;
}

/** Clears the members of the original that `$retainKeys` does not name. */
function retainKeys(original: JsonObject, patch: JsonObject): void {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return;
  const list = patch[RETAIN_KEYS];
  delete patch[RETAIN_KEYS];
  const bad = new PatchError('malformed', 'invalid patch format of retainKeys');
  if (!Array.isArray(list)) throw bad;
  const kept = new Set<JsonValue>(list);
  for (const [key, value] of Object.entries(patch)) {
    const isDirective = key.startsWith(DELETE_FROM_LIST) || key.startsWith(ELEMENT_ORDER);
    if (value !== null && !isDirective && !kept.has(key)) throw bad;
  }
  for (const key of Object.keys(original)) if (!kept.has(key)) delete original[key];
}

/** Merges the list that a `$setElementOrder` directive speaks of, and orders the outcome. */
function mergeOrdered(
  original: JsonObject,
  patch: JsonObject,
  directive: string,
  schema: PatchSchema | undefined,
): void {
  const order = patch[directive];
  delete patch[directive];
  if (!Array.isArray(order)) throw badType('[]interface {}', order);
  const key = afterSlash(directive, ELEMENT_ORDER, 'setElementOrder list');
  const [before, change] = [listOf(original, key), listOf(patch, key)];
  const field = fieldOf(schema, key);
  const merged = orderByDirective({
    original: before,
    patch: change,
    order,
    mergeKey: field.mergeKey ?? '',
    merges: strategyOf(field) === 'merge',
    mergeElements: elementMerger(field.schema),
    withoutDirectives: (list) => withoutDirectives(list) as JsonValue[],
  });
  if (merged === undefined) return;
  setMember(original, key, merged);
  delete patch[key];
}

function listOf(object: JsonObject, key: string): JsonValue[] | undefined {
  if (!Object.hasOwn(object, key)) return undefined;
  const list = object[key];
  if (!Array.isArray(list)) throw badType('[]interface {}', list);
  return list;
}

/** `expected a X, but received a Y`. */
export function badType(expected: string, actual: JsonValue | undefined): PatchError {
  return new PatchError('failed', `expected a ${expected}, but received a ${goTypeName(actual)}`);
}

function afterSlash(text: string, prefix: string, what: string): string {
  if (text.startsWith(`${prefix}/`)) return text.slice(prefix.length + 1);
  throw new PatchError('malformed', `invalid patch format of ${what}`);
}

function mergeMember(original: JsonObject, name: string, value: JsonValue, schema: PatchSchema | undefined): void {
  const isDeletion = name.startsWith(DELETE_FROM_LIST);
  const key = isDeletion ? afterSlash(name, DELETE_FROM_LIST, 'primitive list') : name;
  if (value === null) {
    delete original[key];
    return;
  }
  const current = Object.hasOwn(original, key) ? original[key] : undefined;
  if (current === undefined || goTypeName(current) !== goTypeName(value)) {
    if (!isDeletion) take(original, key, withoutNulls(value));
  } else if (isJsonObject(value)) {
    const field = fieldOf(schema, key);
    const merged = strategyOf(field) === 'replace' ? value : mergeMap(current as JsonObject, value, field.schema);
    setMember(original, key, merged);
  } else if (Array.isArray(value)) {
    const field = fieldOf(schema, key);
    setMember(original, key, mergeOrReplace(current as JsonValue[], value, field, isDeletion));
  } else setMember(original, key, value);
}

function mergeOrReplace(
  original: JsonValue[],
  patch: JsonValue[],
  field: PatchField,
  isDeletion: boolean,
): JsonValue[] {
  if (!isDeletion && strategyOf(field) !== 'merge') return patch;
  return mergeList({
    original,
    patch,
    mergeKey: field.mergeKey ?? '',
    mergeElements: elementMerger(field.schema),
    isDeletion,
  });
}

function elementMerger(schema: PatchSchema | undefined): MergeElements {
  return (original, patch) => mergeMap(original, patch, schema);
}

/** Puts a value of the patch in place as it is, but for its directives. */
function take(original: JsonObject, key: string, value: JsonValue): void {
  const kept = withoutDirectives(value);
  if (kept === undefined) delete original[key];
  else setMember(original, key, kept);
}

/** The value without the objects that hold a `$patch` directive; undefined when it is one itself. */
function withoutDirectives(value: JsonValue): JsonValue | undefined {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  if (Object.hasOwn(value, DIRECTIVE)) return undefined;
  for (const [key, member] of Object.entries(value)) take(value, key, member);
  return value;
}

/** Drops null members of all objects within. */
function withoutNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) value.forEach(withoutNulls);
  else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      if (member === null) delete value[key];
      else withoutNulls(member);
    }
  }
  return value;
}

function fieldOf(schema: PatchSchema | undefined, name: string): PatchField {
  const problem = 'merging an object in json but data type is not struct, instead is: map';
  if (schema === undefined || schema.isMap) throw new PatchError('failed', problem);
  const field = schema.field(name);
  if (field !== undefined) return field;
  throw new PatchError(
    'failed',
    `unable to find api field in struct ${schema.structName ?? ''} for the json field "${name}"`,
  );
}

/** The strategy beside `retainKeys`; empty when there is none. */
function strategyOf(field: PatchField): string {
  return field.strategies.find((strategy) => strategy !== 'retainKeys') ?? '';
}
