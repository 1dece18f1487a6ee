import type { ManagedFieldsEntry } from 'nekube/apimachinery';
import { FieldSet, pathOf } from 'nekube/smd';
import { decodeManaged, encodeManaged, type Managed, type ManagedEntry, withOwned } from 'nekube/managedfields';

/**
 * Where each served version of a resource keeps its replicas, as names of fields; null for a version without `scale`.
 * Entries of other versions are dropped.
 */
export type ReplicasPaths = Readonly<Record<string, readonly string[] | null>>;

const scaleVersion = 'autoscaling/v1';
const replicasOfScale = FieldSet.of(pathOf('spec', 'replicas'));

/** The managedFields of the Scale of an object: an entry for each owner of its replicas. */
export function scaleEntriesOf(
  entries: readonly ManagedFieldsEntry[] | undefined,
  paths: ReplicasPaths,
): ManagedFieldsEntry[] | undefined {
  const out = new Map<string, ManagedEntry>();
  for (const [identifier, entry] of decoded(entries)) {
    const path = paths[entry.owned.apiVersion];
    if (!path || !entry.owned.set.has(pathOf(...path))) continue;
    const owned = { set: replicasOfScale, apiVersion: scaleVersion, applied: entry.owned.applied };
    out.set(identifier, withOwned(entry, owned));
  }
  return encodeManaged(out);
}

/**
 * The managedFields of an object after its Scale was written: who owns the replicas there owns them here, and who does
 * not any more loses them.
 *
 * @param scaleEntries those of the written Scale
 * @param apiVersion the version of the resource that `/scale` was called in
 */
export function withScaleEntries(
  entries: readonly ManagedFieldsEntry[] | undefined,
  scaleEntries: readonly ManagedFieldsEntry[] | undefined,
  apiVersion: string,
  paths: ReplicasPaths,
): ManagedFieldsEntry[] | undefined {
  const parent = decoded(entries);
  const scale = new Map(decoded(scaleEntries));
  const out = new Map<string, ManagedEntry>();
  for (const [identifier, entry] of parent) {
    const kept = keepEntry(entry, scale.has(identifier), paths);
    if (kept === undefined) continue;
    out.set(identifier, kept);
    if (ownsReplicas(entry, paths)) scale.delete(identifier);
  }
  const replicas = paths[apiVersion];
  for (const [identifier, entry] of scale) {
    if (!replicas || !entry.owned.set.has(pathOf('spec', 'replicas'))) continue;
    const owned = { set: FieldSet.of(pathOf(...replicas)), apiVersion, applied: entry.owned.applied };
    out.set(identifier, { ...withOwned(entry, owned), time: parent.get(identifier)?.time });
  }
  return encodeManaged(out);
}

function ownsReplicas({ owned }: ManagedEntry, paths: ReplicasPaths): boolean {
  const path = paths[owned.apiVersion];
  return !!path && owned.set.has(pathOf(...path));
}

/** An entry of the object: whole, without the replicas that another took over, or gone. */
function keepEntry(entry: ManagedEntry, inScale: boolean, paths: ReplicasPaths): ManagedEntry | undefined {
  const path = paths[entry.owned.apiVersion];
  if (path === undefined) return undefined;
  if (path === null || inScale || !ownsReplicas(entry, paths)) return entry;
  const set = entry.owned.set.difference(FieldSet.of(pathOf(...path)));
  return set.empty ? undefined : withOwned(entry, { ...entry.owned, set });
}

function decoded(entries: readonly ManagedFieldsEntry[] | undefined): Managed {
  const managed = decodeManaged(entries);
  if (typeof managed === 'string') throw new Error(managed);
  return managed;
}
