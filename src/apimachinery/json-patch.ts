import { goQuote } from './field-error.ts';
import { setMember, sortMembers } from './json.ts';
import { PatchError } from './patch-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './value.ts';

/** How many operations a JSON patch may have. */
export const MAX_JSON_PATCH_OPERATIONS = 10_000;

/** How many bytes all copy operations of a patch may add. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024;

/**
 * Applies a JSON patch (RFC 6902) and returns the result; neither argument is changed, but the result may share parts
 * with both. Members of objects that it looks into come out sorted.
 *
 * It is as lenient as kube-apiserver's library: negative indices count from the end, a missing member of an object can
 * be replaced, copied (as null) and tested (equal to null), and an operation without a value has the value null.
 *
 * @param inexact operations whose test fails in any case, see `findInexactValues`
 * @throws PatchError `malformed` where the patch is not a list of objects, `too-large` for too many operations,
 *   `test-failed` and `rejected` for operations that fail.
 */
export function applyJsonPatch(original: JsonValue, patch: JsonValue, inexact?: ReadonlySet<number>): JsonValue {
  const operations = checkOperations(patch);
  const state: State = { root: original, owned: new WeakSet(), copiedBytes: 0 };
  for (const [i, operation] of operations.entries()) {
    if (operation.op === 'test' && inexact?.has(i)) throw testFailed(operation.path);
    const run = RUNNERS[String(operation.op)];
    if (run === undefined)
      throw rejected(`Unexpected kind: ${typeof operation.op === 'string' ? operation.op : 'unknown'}`);
    run(state, operation);
  }
  return written(state, state.root);
}

/** The value as Go writes it: the members of objects that the patch has looked into are sorted. */
function written(state: State, value: JsonValue): JsonValue {
  if (!isContainer(value) || (value !== state.root && !state.owned.has(value))) return value;
  if (Array.isArray(value)) return value.map((item) => written(state, item));
  const copy: JsonObject = {};
  for (const [key, member] of Object.entries(value)) setMember(copy, key, written(state, member));
  return sortMembers(copy);
}

/**
 * What is wrong with a JSON patch when fields are validated strictly: `unknown field "[0].foo"`.
 *
 * @throws PatchError `malformed` where the patch or a member of an operation has the wrong type.
 */
export function findUnknownJsonPatchFields(patch: JsonValue): string[] {
  if (patch === null) return [];
  if (!Array.isArray(patch)) throw undecodable(patch, 'Go value of type []handlers.jsonPatchOp');
  return patch.flatMap((operation, i) => {
    if (operation === null) return [];
    if (!isJsonObject(operation)) throw undecodable(operation, 'Go value of type handlers.jsonPatchOp');
    for (const name of Object.keys(operation)) checkText(operation, name);
    const unknown = Object.keys(operation).filter((name) => !OPERATION_FIELDS.includes(name));
    return unknown.map((name) => `unknown field "[${i}].${name}"`);
  });
}

const OPERATION_FIELDS = ['op', 'path', 'from', 'value'];

function checkText(operation: JsonObject, name: string): void {
  const value = operation[name] ?? null;
  if (value === null || typeof value === 'string' || !['op', 'path', 'from'].includes(name)) return;
  throw undecodable(value, `Go struct field jsonPatchOp.${name} of type string`);
}

function undecodable(value: JsonValue, into: string): PatchError {
  return new PatchError('malformed', `error decoding patch: json: cannot unmarshal ${jsonType(value)} into ${into}`);
}

function jsonType(value: JsonValue): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'bigint' ? 'number' : typeof value;
}

/** Checks that a patch is a list of objects. @throws PatchError `malformed` with Go's message */
export function checkJsonPatch(patch: JsonValue): void {
  if (patch === null) return;
  if (!Array.isArray(patch)) throw malformed(patch, 'jsonpatch.Patch');
  for (const operation of patch) {
    if (operation !== null && !isJsonObject(operation)) throw malformed(operation, 'jsonpatch.Operation');
  }
}

function checkOperations(patch: JsonValue): JsonObject[] {
  checkJsonPatch(patch);
  if (!Array.isArray(patch)) return [];
  if (patch.length > MAX_JSON_PATCH_OPERATIONS) {
    const message = `The allowed maximum operations in a JSON patch is ${MAX_JSON_PATCH_OPERATIONS}, got ${patch.length}`;
    throw new PatchError('too-large', message);
  }
  return patch.map((operation) => (operation ?? {}) as JsonObject);
}

function malformed(value: JsonValue, goType: string): PatchError {
  return new PatchError('malformed', `json: cannot unmarshal ${jsonType(value)} into Go value of type ${goType}`);
}

function testFailed(path: JsonValue | undefined): PatchError {
  return new PatchError('test-failed', `testing value ${String(path)} failed: test failed`);
}

function rejected(message: string): PatchError {
  return new PatchError('rejected', message);
}

/** The document while it is patched; containers in `owned` are copies of our own, which may be changed in place. */
interface State {
  root: JsonValue;
  readonly owned: WeakSet<object>;
  copiedBytes: number;
}

type Container = JsonObject | JsonValue[];

/** The container that a path leads to, with the last step of the path. */
interface Place {
  readonly container: Container;
  readonly key: string;
}

type Runner = (state: State, operation: JsonObject) => void;

const RUNNERS: Readonly<Record<string, Runner>> = Object.assign(Object.create(null), {
  add(state: State, operation: JsonObject) {
    const path = textOf(operation, 'path', 'add', NO_VALUE);
    const place = placeOf(state, path, () => `add operation does not apply: doc is missing path: "${path}"`);
    within(`error in add for path: '${path}'`, () => insert(place, operation.value ?? null));
  },
  remove(state: State, operation: JsonObject) {
    const path = textOf(operation, 'path', 'remove', NO_VALUE);
    const place = placeOf(state, path, () => `remove operation does not apply: doc is missing path: "${path}"`);
    within(`error in remove for path: '${path}'`, () => remove(place));
  },
  replace(state: State, operation: JsonObject) {
    const path = textOf(operation, 'path', 'replace', NO_PATH);
    if (path === '') return replaceRoot(state, operation.value);
    const place = placeOf(state, path, () => `replace operation does not apply: doc is missing path: ${path}`);
    if (!isThere(place)) throw rejected(`replace operation does not apply: doc is missing key: ${path}: ${NO_VALUE}`);
    set(place.container, place.key, operation.value ?? null);
  },
  move(state: State, operation: JsonObject) {
    const source = textOf(operation, 'from', 'move', NO_FROM);
    const from = placeOf(state, source, () => `move operation does not apply: doc is missing from path: ${source}`);
    const value = within(`error in move for path: '${from.key}'`, () => {
      const moved = read(from);
      remove(from);
      return moved;
    });
    const path = textOf(operation, 'path', 'move', NO_PATH);
    const to = placeOf(state, path, () => `move operation does not apply: doc is missing destination path: ${path}`);
    within(`error in move for path: '${path}'`, () => insert(to, value ?? null));
  },
  copy(state: State, operation: JsonObject) {
    const from = textOf(operation, 'from', 'copy', NO_FROM);
    const source = () => placeOf(state, from, () => `copy operation does not apply: doc is missing from path: ${from}`);
    within(`error in copy for from: '${from}'`, read, source());
    const path = textOf(operation, 'path', 'copy', NO_VALUE);
    const to = placeOf(state, path, () => `copy operation does not apply: doc is missing destination path: ${path}`);
    // the way to the place may have led through the value, which is written as it is then
    const value = read(source());
    countCopied(state, value);
    within('error while adding value during copy', () => insert(to, structuredClone(written(state, value ?? null))));
  },
  test(state: State, operation: JsonObject) {
    const path = textOf(operation, 'path', 'test', NO_PATH);
    const place = () => placeOf(state, path, () => `test operation does not apply: is missing path: ${path}`);
    const actual = path === '' ? state.root : within(`error in test for path: '${path}'`, read, place());
    if (!equal(actual ?? null, operation.value ?? null)) throw testFailed(path);
  },
});

const NO_VALUE = 'missing value';
const NO_PATH = `operation missing path field: ${NO_VALUE}`;
const NO_FROM = `operation, missing from field: ${NO_VALUE}`;

function textOf(operation: JsonObject, field: 'path' | 'from', op: string, missing: string): string {
  const path = operation[field];
  if (typeof path === 'string') return path;
  throw rejected(`${op} operation failed to decode ${field}: ${missing}`);
}

/** Does a step of an operation, and says which one it was where that is refused. */
function within<A extends unknown[], T>(what: string, step: (...args: A) => T, ...args: A): T {
  try {
    return step(...args);
  } catch (error) {
    if (!(error instanceof PatchError) || error.kind !== 'rejected') throw error;
    throw rejected(`${what}: ${error.message}`);
  }
}

/** Follows a JSON pointer up to its last step. What stands before the first slash is passed over, as upstream. */
function placeOf(state: State, path: string, why: () => string): Place {
  const steps = path.split('/').slice(1).map(decodeStep);
  const key = steps.pop();
  const missing = () => rejected(`${why()}: ${NO_VALUE}`);
  if (key === undefined || !isContainer(state.root)) throw missing();
  let container = own(state, state.root, (copy) => {
    state.root = copy;
  });
  for (const step of steps) {
    const parent = container;
    const next = readOr({ container: parent, key: step });
    if (!isContainer(next)) throw missing();
    container = own(state, next, (copy) => set(parent, step, copy));
  }
  return { container, key };
}

/** `~1` is a slash and `~0` a tilde, read from left to right at once. */
function decodeStep(step: string): string {
  return step.replace(/~[01]/g, (escape) => (escape === '~1' ? '/' : '~'));
}

function isContainer(value: JsonValue | undefined): value is Container {
  return typeof value === 'object' && value !== null;
}

/** The container itself when it may be changed, else a shallow copy that takes its place. */
function own(state: State, container: Container, place: (copy: Container) => void): Container {
  if (state.owned.has(container)) return container;
  const copy = Array.isArray(container) ? [...container] : { ...container };
  state.owned.add(copy);
  place(copy);
  return copy;
}

/** The value at a place; undefined for a member that an object has not. */
function read({ container, key }: Place): JsonValue | undefined {
  if (Array.isArray(container)) return container[existing(container, key)];
  return Object.hasOwn(container, key) ? container[key] : undefined;
}

/** False for an element that a list has not; members of objects can be replaced without being there. */
function isThere(place: Place): boolean {
  try {
    read(place);
    return true;
  } catch {
    return false;
  }
}

function readOr(place: Place): JsonValue | undefined {
  try {
    return read(place);
  } catch {
    return undefined;
  }
}

function set(container: Container, key: string, value: JsonValue): void {
  if (Array.isArray(container)) container[existing(container, key)] = value;
  else setMember(container, key, value);
}

function insert({ container, key }: Place, value: JsonValue): void {
  if (!Array.isArray(container)) set(container, key, value);
  else if (key === '-') container.push(value);
  else if (!IS_INDEX.test(key)) throw rejected(`value was not a proper array index: '${key}': ${noNumber(key)}`);
  else container.splice(indexIn(container.length + 1, key), 0, value);
}

function replaceRoot(state: State, value: JsonValue | undefined): void {
  if (value === undefined) throw new PatchError('panic', 'replace of the whole document without a value');
  if (!isContainer(value)) throw rejected('replace operation value must be object or array');
  state.root = value;
}

function remove({ container, key }: Place): void {
  if (Array.isArray(container)) container.splice(existing(container, key), 1);
  else if (Object.hasOwn(container, key)) delete container[key];
  else throw rejected(`Unable to remove nonexistent key: ${key}: missing value`);
}

const IS_INDEX = /^[+-]?[0-9]+$/;

function noNumber(key: string): string {
  return `strconv.Atoi: parsing ${goQuote(key)}: invalid syntax`;
}

/** The index of an element that is there. */
function existing(list: readonly JsonValue[], key: string): number {
  return indexIn(list.length, key);
}

/** An index below `length`, negative ones counted from it; signs and leading zeros are read as Go's Atoi does. */
function indexIn(length: number, key: string): number {
  if (!IS_INDEX.test(key)) throw rejected(noNumber(key));
  const index = Number(key);
  if (index >= length || index < -length)
    throw rejected(`Unable to access invalid index: ${index}: invalid index referenced`);
  return index < 0 ? index + length : index;
}

function countCopied(state: State, value: JsonValue | undefined): void {
  if (value === undefined) return;
  const text = JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v));
  state.copiedBytes += Buffer.byteLength(text);
  if (state.copiedBytes > MAX_COPIED_BYTES) {
    const message = `Unable to complete the copy, the accumulated size increase of copy is ${state.copiedBytes}, exceeding the limit ${MAX_COPIED_BYTES}`;
    throw rejected(message);
  }
}

/** Equality without regard to the order of members. */
function equal(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a))
    return a.length === (b as JsonValue[]).length && a.every((item, i) => equal(item, (b as JsonValue[])[i]!));
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equal(a[key]!, (b as JsonObject)[key]!));
}
