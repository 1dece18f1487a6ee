import type { FieldSet } from '../fieldpath/set.ts';

/** What a manager owns, in the version it wrote. */
export interface VersionedSet {
  readonly set: FieldSet;
  readonly apiVersion: string;
  /** It applied, and did not update. */
  readonly applied: boolean;
}

/** What each manager owns. */
export type Managers = ReadonlyMap<string, VersionedSet>;

/** True when the same managers own the same. */
export function equalManagers(a: Managers, b: Managers): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [manager, entry] of a) {
    const other = b.get(manager);
    if (other === undefined || !equalEntries(entry, other)) return false;
  }
  return true;
}

function equalEntries(a: VersionedSet, b: VersionedSet): boolean {
  return a.apiVersion === b.apiVersion && a.applied === b.applied && a.set.equals(b.set);
}

/**
 * The symmetric difference: what a manager owns in one of them only. Where the versions differ, all it owns in `b`.
 * Managers without a difference are left out.
 */
export function differenceOfManagers(a: Managers, b: Managers): Managers {
  const out = new Map<string, VersionedSet>();
  for (const [manager, left] of a) {
    const right = b.get(manager);
    if (right === undefined) {
      if (!left.set.empty) out.set(manager, left);
    } else if (left.apiVersion !== right.apiVersion) out.set(manager, right);
    else {
      const set = left.set.difference(right.set).union(right.set.difference(left.set));
      if (!set.empty) out.set(manager, { set, apiVersion: right.apiVersion, applied: false });
    }
  }
  for (const [manager, right] of b) if (!a.has(manager) && !right.set.empty) out.set(manager, right);
  return out;
}
