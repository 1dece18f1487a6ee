import { isJsonObject, type JsonValue, type KubeObject, type ManagedFieldsEntry } from 'nekube/apimachinery';
import { decodeManaged, type ManagedEntry } from 'nekube/managedfields';
import type { FieldSet } from 'nekube/smd';

/** A manager's entry in managedFields: who owns which fields since when. */
export interface Owner {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** The version that the fields are stated in. */
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** RFC 3339, in UTC and whole seconds: when the entry last changed; undefined if that is not known. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** Who owns what of an object. */
export interface Ownership {
  /** In the order of managedFields. */
  readonly owners: readonly Owner[];
  /** What is wrong with entries that could not be read, one sentence each that names the entry. */
  readonly problems: readonly string[];
}

/** Reads managedFields; an entry that cannot be read is reported, and the others are read all the same. */
export function readOwnership(object: Pick<KubeObject, 'metadata'>): Ownership {
  const owners: Owner[] = [];
  const problems: string[] = [];
  const entries: unknown = object.metadata.managedFields ?? [];
  if (!Array.isArray(entries)) return { owners, problems: ['metadata.managedFields must be a list'] };
  for (const [i, entry] of entries.entries()) {
    const read = shapeProblem(entry) ?? ownerOf(entry);
    if (typeof read === 'string') problems.push(`metadata.managedFields[${i}]${nameOf(entry)}: ${read}`);
    else owners.push(read);
  }
  return { owners, problems };
}

/** What no server would have sent, and a saved object may have. */
function shapeProblem(entry: JsonValue): string | undefined {
  if (!isJsonObject(entry)) return 'must be an object';
  const wrong = ['manager', 'subresource', 'time', 'apiVersion'].find(
    (field) => entry[field] !== undefined && entry[field] !== null && typeof entry[field] !== 'string',
  );
  if (wrong !== undefined) return `${wrong} must be a string`;
  return typeof entry.time === 'string' && !isTime(entry.time) ? 'time must be a time' : undefined;
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function isTime(text: string): boolean {
  return RFC_3339.test(text) && !Number.isNaN(Date.parse(text));
}

/** A time as servers write it, in whole seconds, so that the texts of times have their order. */
function inUtc(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function ownerOf(entry: ManagedFieldsEntry): Owner | string {
  const decoded = decodeManaged([entry]);
  // which entry it is, is told by whoever knows its place
  if (typeof decoded === 'string') return decoded.replace(/ in managed fields entry 0$/, '');
  const [{ info, owned, time }] = decoded.values() as Iterable<ManagedEntry> as [ManagedEntry];
  const { manager, operation, subresource } = info;
  return {
    manager,
    operation,
    subresource,
    apiVersion: owned.apiVersion,
    time: time && inUtc(time),
    fields: owned.set,
  };
}

function nameOf(entry: ManagedFieldsEntry | null): string {
  return typeof entry?.manager === 'string' ? ` of manager ${JSON.stringify(entry.manager)}` : '';
}
