import { identifierOf, type Managed, type ManagedEntry, type ManagerInfo, secondsOf } from 'nekube/managedfields';

/** How many managers that updated an object keeps apart. */
const maxUpdaters = 10;

/**
 * Bounds the entries of updates: of more than ten, the oldest of a version are merged into one `ancient-changes`.
 * Those of applies do not count and stay.
 */
export function capUpdaters(managed: Managed): Managed {
  const updaters = [...managed].filter(([, entry]) => !entry.owned.applied);
  if (updaters.length <= maxUpdaters) return managed;
  updaters.sort(([idA, a], [idB, b]) => secondsOf(a.time) - secondsOf(b.time) || (idA < idB ? -1 : 1));
  const out = new Map(managed);
  const firstOfVersion = new Map<string, string>();
  let excess = updaters.length - maxUpdaters;
  for (const [identifier, entry] of updaters) {
    if (excess <= 0) break;
    const version = entry.owned.apiVersion;
    const first = firstOfVersion.get(version);
    if (first === undefined) firstOfVersion.set(version, identifier);
    else {
      mergeIntoBucket(out, identifier, entry, first);
      excess--;
    }
  }
  return out;
}

/**
 * The first entry of a version becomes its bucket once a second one comes; the time is that of the last to come.
 *
 * A bucket that is itself the second to come is lost, as it is in kube-apiserver: that takes a manager whose name sorts
 * before it, and who wrote in the same second.
 */
function mergeIntoBucket(out: Map<string, ManagedEntry>, identifier: string, entry: ManagedEntry, first: string): void {
  const { apiVersion } = entry.owned;
  const info: ManagerInfo = { manager: 'ancient-changes', operation: 'Update', apiVersion, subresource: '' };
  const bucket = identifierOf(info);
  const before = out.get(bucket) ?? out.get(first)!;
  if (!out.has(bucket)) out.delete(first);
  const set = entry.owned.set.union(before.owned.set);
  out.set(bucket, { info, owned: { ...entry.owned, set }, time: entry.time, fields: undefined });
  out.delete(identifier);
}
