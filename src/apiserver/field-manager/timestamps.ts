import { isJsonObject, jsonEqual, type JsonValue, type KubeObject, type ManagedFieldsEntry } from 'nekube/apimachinery';

/**
 * Takes back new times in managedFields where nothing else has changed, so that the write changes nothing at all and is
 * skipped. To be asked when defaults and everything else that the server does to an object is done.
 *
 * @param object the object to be written, in canonical form; its managedFields may be replaced
 * @param old the stored object, with the resourceVersion that `object` has
 * @param strict tells null from an empty list, as custom resources do
 */
export function ignoreManagedFieldsTimestamps(object: KubeObject, old: KubeObject, strict = false): void {
  const entries = object.metadata.managedFields;
  const before = old.metadata.managedFields;
  if (!entries || !before || entries.length === 0 || entries.length !== before.length) return;
  if (entries.every((entry, i) => entry.time === before[i]!.time)) return;
  if (!entries.every((entry, i) => sameButTime(entry, before[i]!))) return;
  if (equalButManagedFields(object, old, strict)) object.metadata.managedFields = before;
}

function sameButTime(a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.apiVersion === b.apiVersion &&
    a.fieldsType === b.fieldsType &&
    a.subresource === b.subresource &&
    jsonEqual(a.fieldsV1, b.fieldsV1)
  );
}

function equalButManagedFields(a: KubeObject, b: KubeObject, strict: boolean): boolean {
  const { managedFields: _a, ...metadataOfA } = a.metadata;
  const { managedFields: _b, ...metadataOfB } = b.metadata;
  const left = { ...a, metadata: metadataOfA } as unknown as JsonValue;
  const right = { ...b, metadata: metadataOfB } as unknown as JsonValue;
  return strict ? jsonEqual(left, right) : equalSemantically(left, right);
}

/** Equality that does not tell a missing value from null, an empty list or an empty object. */
function equalSemantically(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => equalSemantically(item, b[i]));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) if (!equalSemantically(own(a, key), own(b, key))) return false;
  return true;
}

function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function own(object: { [key: string]: JsonValue }, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
