import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  type ManagedFieldsEntry,
  stringifyJson,
} from 'nekube/apimachinery';
import { emptySet, FieldSet, fieldSetFromJson, fieldSetToJson, type VersionedSet } from 'nekube/smd';

/** What tells managers apart: the same name that applied and that updated is two of them. */
export interface ManagerInfo {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** Empty for those that applied: they stay the same in whatever version they apply. */
  readonly apiVersion: string;
  readonly subresource: string;
}

/** An entry of managedFields, decoded. */
export interface ManagedEntry {
  readonly info: ManagerInfo;
  readonly owned: VersionedSet;
  /** RFC 3339; undefined for who never changed anything. */
  readonly time: string | undefined;
  /** The FieldsV1 that the set was read from; undefined for a set made here. */
  readonly fields: JsonObject | undefined;
}

/** All entries of an object, by {@link identifierOf}. */
export type Managed = ReadonlyMap<string, ManagedEntry>;

/** Nobody owns anything. */
export const nothingManaged: Managed = new Map();

/** A text for a manager, equal for equal ones, in the order that kube-apiserver sorts managers by. */
export function identifierOf(info: ManagerInfo): string {
  const { manager, operation, apiVersion, subresource } = info;
  const parts: JsonObject = {};
  if (manager !== '') parts.manager = manager;
  parts.operation = operation;
  if (apiVersion !== '') parts.apiVersion = apiVersion;
  if (subresource !== '') parts.subresource = subresource;
  return stringifyJson(parts);
}

/** A write by a manager through an endpoint, as the manager that owns what it changes. */
export function managerInfo(
  manager: string,
  operation: 'Apply' | 'Update',
  apiVersion: string,
  subresource: string,
): ManagerInfo {
  return {
    manager: manager === '' ? 'unknown' : manager,
    operation,
    apiVersion: operation === 'Apply' ? '' : apiVersion,
    subresource,
  };
}

/**
 * Decodes managedFields.
 *
 * @returns A text that says what is wrong, where kube-apiserver refuses them.
 */
export function decodeManaged(entries: readonly ManagedFieldsEntry[] | undefined): Managed | string {
  if (entries === undefined || entries === null || entries.length === 0) return nothingManaged;
  const managed = new Map<string, ManagedEntry>();
  for (const [i, entry] of entries.entries()) {
    const decoded = decodeEntry(entry, i);
    if (typeof decoded === 'string') return decoded;
    managed.set(identifierOf(decoded.info), decoded);
  }
  return managed;
}

/** Says what is wrong with managedFields; undefined when nothing is. */
export function checkManagedFields(entries: readonly ManagedFieldsEntry[] | undefined): string | undefined {
  const decoded = decodeManaged(entries);
  return typeof decoded === 'string' ? decoded : undefined;
}

function decodeEntry(entry: ManagedFieldsEntry, i: number): ManagedEntry | string {
  const { operation, apiVersion, fieldsType } = entry;
  if (operation !== 'Apply' && operation !== 'Update') return 'operation must be `Apply` or `Update`';
  if (!apiVersion) return 'apiVersion must not be empty';
  if (!fieldsType) return `missing fieldsType in managed fields entry ${i}`;
  if (fieldsType !== 'FieldsV1') return `invalid fieldsType "${fieldsType}" in managed fields entry ${i}`;
  const set = decodeSet(entry.fieldsV1);
  if (typeof set === 'string') return `error decoding versioned set: error decoding set: ${set}`;
  return {
    info: {
      manager: entry.manager ?? '',
      operation,
      apiVersion: operation === 'Apply' ? '' : apiVersion,
      subresource: entry.subresource ?? '',
    },
    owned: { set, apiVersion, applied: operation === 'Apply' },
    time: entry.time ?? undefined,
    fields: isJsonObject(entry.fieldsV1) ? entry.fieldsV1 : undefined,
  };
}

function decodeSet(fields: JsonObject | undefined): FieldSet | string {
  if (!isJsonObject(fields)) return fields === undefined || fields === null ? emptySet : 'fields must be an object';
  const set = fieldSetFromJson(fields);
  return set instanceof FieldSet ? set : set.malformed;
}

/** Entries that a client wrote: their fields are to be written anew, in the order of the server. */
export function canonical(managed: Managed): Managed {
  return new Map([...managed].map(([identifier, entry]) => [identifier, { ...entry, fields: undefined }]));
}

/** An entry whose manager now owns another set. */
export function withOwned(entry: ManagedEntry, owned: VersionedSet): ManagedEntry {
  return { ...entry, owned, fields: owned.set === entry.owned.set ? entry.fields : undefined };
}

/**
 * Encodes managedFields: sorted by operation, time in whole seconds, manager, apiVersion and subresource; undefined when
 * nobody owns anything. Fields of entries that have not changed are shared with the object they came from.
 */
export function encodeManaged(managed: Managed): ManagedFieldsEntry[] | undefined {
  if (managed.size === 0) return undefined;
  return [...managed.values()].map(encodeEntry).sort(compareEntries);
}

function encodeEntry({ info, owned, time, fields }: ManagedEntry): ManagedFieldsEntry {
  const entry: ManagedFieldsEntry = {};
  if (info.manager !== '') entry.manager = info.manager;
  entry.operation = owned.applied ? 'Apply' : info.operation;
  entry.apiVersion = owned.apiVersion;
  if (time !== undefined) entry.time = time;
  entry.fieldsType = 'FieldsV1';
  entry.fieldsV1 = fields ?? fieldSetToJson(owned.set);
  if (info.subresource !== '') entry.subresource = info.subresource;
  return entry;
}

function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    compare(a.operation, b.operation) ||
    secondsOf(a.time) - secondsOf(b.time) ||
    compare(a.manager, b.manager) ||
    compare(a.apiVersion, b.apiVersion) ||
    compare(a.subresource, b.subresource)
  );
}

function compare(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whole seconds since 1970; 0 without a time, as sorting wants it. */
export function secondsOf(time: string | undefined): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000);
}

/** The object with these entries in place of its own; a shallow copy, down to its metadata. */
export function withManagedFields(object: KubeObject, entries: ManagedFieldsEntry[] | undefined): KubeObject {
  const metadata: Record<string, unknown> = {};
  for (const field in object.metadata)
    if (field !== 'managedFields') metadata[field] = object.metadata[field as keyof KubeObject['metadata']];
  if (entries !== undefined) metadata.managedFields = entries;
  return { ...object, metadata: metadata as KubeObject['metadata'] };
}

/**
 * Keeps an empty list of managedFields, by which a client resets them, in an object that was decoded from `value`:
 * the canonical form has no empty lists.
 */
export function keepReset(value: JsonValue, object: KubeObject): void {
  const metadata = isJsonObject(value) ? value.metadata : undefined;
  const entries = isJsonObject(metadata) ? metadata.managedFields : undefined;
  if (Array.isArray(entries) && entries.length === 0) object.metadata.managedFields = [];
}
