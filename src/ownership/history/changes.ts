import { isSameValue } from './fields.ts';
import type { RecordedChange, Writer } from './history-record.ts';
import type { KeptValue } from './kept-value.ts';
import type { FieldState, ObjectState } from './object-state.ts';

/**
 * What changed between two states of an object, and by whom: who owns the field after it, if the entry's time says that the
 * manager wrote meanwhile. Where more than one may have been it, all are named; where nothing says who, none is.
 *
 * @param before undefined: all fields are new
 * @param since it was not watched since then, milliseconds since 1970; undefined: a single write made the one of the other
 */
export function changesBetween(before: ObjectState | undefined, after: ObjectState, since?: number): RecordedChange[] {
  const isOneWrite = before !== undefined && since === undefined;
  const active = activeWriters(before?.writers ?? [], after.writers);
  const authorsOf = (owners: readonly number[]) =>
    isOneWrite ? authorsOfWrite(owners, active) : authorsSince(owners, after.writers, active, since);
  const changes: RecordedChange[] = [];
  for (const [path, field] of after.fields) {
    const old = before?.fields.get(path);
    if (old === undefined || !isSameKept(old.value, field.value))
      changes.push({ path, value: field.value, owners: field.owners, by: authorsOf(field.owners) });
    else if (!isSameOwners(before!, old, after, field))
      changes.push({
        path,
        value: field.value,
        isOwnersOnly: true,
        owners: field.owners,
        by: gainers(before!, old, after, field, active, isOneWrite),
      });
  }
  for (const [path, old] of before?.fields ?? []) {
    if (!after.fields.has(path))
      changes.push({ path, value: undefined, owners: [], by: removers(before!, old, after, active, isOneWrite) });
  }
  return changes;
}

/** Times of entries are whole seconds. */
const SECOND_MS = 1000;

/** Places of the writers whose entries are new, or say another time. */
function activeWriters(before: readonly Writer[], after: readonly Writer[]): ReadonlySet<number> {
  const times = new Map(before.map((writer) => [identityOf(writer), writer.time]));
  const active = new Set<number>();
  for (const [i, writer] of after.entries()) {
    const identity = identityOf(writer);
    if (!times.has(identity) || times.get(identity) !== writer.time) active.add(i);
  }
  return active;
}

/**
 * Owners whose entries say that they wrote. Else who wrote at all, since the server itself may set what another owns; else
 * the owners: of a manager that wrote twice in a second, or whose entry has no time, nothing says that it did.
 */
function authorsOfWrite(owners: readonly number[], active: ReadonlySet<number>): readonly number[] {
  const wrote = owners.filter((owner) => active.has(owner));
  if (wrote.length > 0) return wrote;
  return active.size > 0 ? [...active] : owners;
}

/** Owners whose entries say that they wrote; else those whose entries do not say that they did not. */
function authorsSince(
  owners: readonly number[],
  writers: readonly Writer[],
  active: ReadonlySet<number>,
  since = 0,
): readonly number[] {
  const wrote = owners.filter((owner) => active.has(owner));
  if (wrote.length > 0) return wrote;
  return owners.filter((owner) => (writers[owner]!.time ?? since) + SECOND_MS > since);
}

/** Who came to own a field; else who wrote, if it was one write. */
function gainers(
  before: ObjectState,
  old: FieldState,
  after: ObjectState,
  field: FieldState,
  active: ReadonlySet<number>,
  isOneWrite: boolean,
): readonly number[] {
  const had = new Set(old.owners.map((owner) => identityOf(before.writers[owner]!)));
  const gained = field.owners.filter((owner) => !had.has(identityOf(after.writers[owner]!)));
  if (gained.length > 0) return gained;
  return isOneWrite ? [...active] : [];
}

/** Who owned the field and wrote meanwhile; else who wrote, if it was one write. */
function removers(
  before: ObjectState,
  old: FieldState,
  after: ObjectState,
  active: ReadonlySet<number>,
  isOneWrite: boolean,
): readonly number[] {
  const had = new Set(old.owners.map((owner) => identityOf(before.writers[owner]!)));
  const wrote = [...active].filter((writer) => had.has(identityOf(after.writers[writer]!)));
  if (wrote.length > 0) return wrote;
  return isOneWrite ? [...active] : [];
}

function isSameOwners(before: ObjectState, old: FieldState, after: ObjectState, field: FieldState): boolean {
  if (old.owners.length !== field.owners.length) return false;
  const had = new Set(old.owners.map((owner) => identityOf(before.writers[owner]!)));
  return field.owners.every((owner) => had.has(identityOf(after.writers[owner]!)));
}

function identityOf({ manager, operation, apiVersion, subresource }: Writer): string {
  return `${operation}\0${operation === 'Apply' ? '' : apiVersion}\0${subresource}\0${manager}`;
}

/** Whether two values are the same, as far as is kept of them. */
export function isSameKept(a: KeptValue, b: KeptValue): boolean {
  if ('hash' in a || 'hash' in b) return 'hash' in a && 'hash' in b && a.hash === b.hash;
  return isSameValue(a.value, b.value);
}
