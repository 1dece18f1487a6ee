import type { ManagedFieldsEntry } from 'nekube/apimachinery';
import { decodeManaged } from 'nekube/managedfields';
import { FieldSet, fieldSetToJson, pathOf } from 'nekube/smd';

/** Under which name client-side apply updates, unless it is told otherwise. */
const KUBECTL = 'kubectl-client-side-apply';
const LAST_APPLIED = FieldSet.of(pathOf('metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'));

/** Who gets what from whom. */
export interface Upgrade {
  /** The manager that applies from now on. */
  readonly manager: string;
  /** The managers of updates that it takes over, in this order. */
  readonly from: readonly string[];
  /** The part of the object; empty for the object itself. */
  readonly subresource: string;
}

/** The managers by which an object was applied on the client's side: those of updates that own the annotation about it. */
export function clientSideManagers(entries: readonly ManagedFieldsEntry[]): string[] {
  const found = entries.filter(
    (entry) =>
      entry.operation === 'Update' && !entry.subresource && (entry.manager === KUBECTL || ownsLastApplied(entry)),
  );
  return [...new Set(found.map(({ manager = '' }) => manager))];
}

function ownsLastApplied(entry: ManagedFieldsEntry): boolean {
  const owned = ownedBy(entry);
  return typeof owned !== 'string' && LAST_APPLIED.isSubsetOf(owned);
}

/**
 * Entries in which what managers of updates own belongs to a manager that applies, as client-go's csaupgrade makes them: the
 * entry of the manager that applies, or else the newest of the others made its own, has the fields of the one that updated
 * in the same version; all those of updates by that name go. The order is kept, and so are the times.
 *
 * @returns The entries as they are if there is nothing to take over, and a text where an entry cannot be read.
 */
export function upgradeManagedFields(
  entries: readonly ManagedFieldsEntry[],
  { manager, from, subresource }: Upgrade,
): readonly ManagedFieldsEntry[] | string {
  let upgraded = entries;
  for (const name of from) {
    const next = takeOver(upgraded, name, manager, subresource);
    if (typeof next === 'string') return next;
    upgraded = next;
  }
  return upgraded;
}

function takeOver(
  entries: readonly ManagedFieldsEntry[],
  from: string,
  manager: string,
  subresource: string,
): readonly ManagedFieldsEntry[] | string {
  const isOf = (entry: ManagedFieldsEntry, name: string, operation: string) =>
    (entry.manager ?? '') === name && entry.operation === operation && (entry.subresource ?? '') === subresource;
  const applier = entries.findIndex((entry) => isOf(entry, manager, 'Apply'));
  const at = applier >= 0 ? applier : entries.findIndex((entry) => isOf(entry, from, 'Update'));
  const target = entries[at];
  if (target === undefined) return entries;
  const own = { ...target, manager, operation: 'Apply' as const };
  // one that was made the applier's own is not there any more
  const others = entries.filter((_, i) => i !== at);
  const source = others.find((entry) => isOf(entry, from, 'Update') && entry.apiVersion === own.apiVersion);
  const fields = unionOf(target, source);
  if (typeof fields === 'string') return fields;
  const merged: ManagedFieldsEntry = { ...own, fieldsV1: fieldSetToJson(fields) as never };
  return entries.flatMap((entry, i) => (i === at ? [merged] : isOf(entry, from, 'Update') ? [] : [entry]));
}

function unionOf(target: ManagedFieldsEntry, source: ManagedFieldsEntry | undefined): FieldSet | string {
  const own = ownedBy(target);
  if (typeof own === 'string' || source === undefined) return own;
  const more = ownedBy(source);
  return typeof more === 'string' ? more : own.union(more);
}

function ownedBy(entry: ManagedFieldsEntry): FieldSet | string {
  const decoded = decodeManaged([entry]);
  if (typeof decoded === 'string') return `entry of ${JSON.stringify(entry.manager ?? '')}: ${decoded}`;
  const [owned] = [...decoded.values()];
  return owned!.owned.set;
}
