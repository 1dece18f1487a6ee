import { setMember, sortMembers } from './json.ts';
import { PatchError } from './patch-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './value.ts';

/**
 * Applies a JSON merge patch (RFC 7386) as kube-apiserver does, and returns the result; neither argument is changed,
 * but the result may share parts with both.
 *
 * Objects that it merges or takes over have their members sorted. One deviation of kube-apiserver's is kept: where a list is new or replaces something that is no object, members that
 * are null are dropped from the objects in it, too.
 *
 * @throws PatchError `malformed` for a patch that is neither an object nor a list.
 */
export function applyMergePatch(original: JsonObject, patch: JsonValue): JsonValue {
  if (Array.isArray(patch)) return withoutNulls(patch);
  if (!isJsonObject(patch)) throw new PatchError('malformed', 'Invalid JSON Patch');
  return mergeObject(original, patch);
}

function mergeObject(original: JsonObject, patch: JsonObject): JsonObject {
  const merged: JsonObject = { ...original };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else setMember(merged, key, mergeValue(Object.hasOwn(merged, key) ? merged[key]! : null, value));
  }
  return sortMembers(merged);
}

function mergeValue(original: JsonValue, patch: JsonValue): JsonValue {
  if (!isJsonObject(original)) return withoutNulls(patch);
  return isJsonObject(patch) ? mergeObject(original, patch) : patch;
}

/** Drops null members of all objects within; null elements of lists stay. */
function withoutNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const kept: JsonObject = {};
  for (const [key, member] of Object.entries(value)) if (member !== null) setMember(kept, key, withoutNulls(member));
  return sortMembers(kept);
}
