import type { FieldFilter } from '../fieldpath/filter.ts';
import { emptySet, type FieldSet } from '../fieldpath/set.ts';
import { type Comparison, filterComparison, sameComparison } from '../typed/compare.ts';
import { reconcileFieldSet } from '../typed/reconcile.ts';
import type { TypedValue } from '../typed/typed-value.ts';
import { Violations } from '../typed/violations.ts';
import { equalValues } from '../value/value.ts';
import { Conflicts } from './conflict.ts';
import type { Managers, VersionedSet } from './managers.ts';
import { prune } from './prune.ts';

/**
 * Gives an object in another version: the very same if it is in that version already, undefined if the version does
 * not exist any more. What managers own in such a version is forgotten.
 */
export type Converter = (object: TypedValue, version: string) => TypedValue | Violations | undefined;

/** What an {@link Updater} needs to know of its objects. */
export interface UpdaterOptions {
  /** Not needed where there is one version. */
  readonly convert?: Converter;
  /** By version: which fields may be owned at all. */
  readonly filters?: ReadonlyMap<string, FieldFilter>;
}

/** What an update made. */
export interface Updated {
  readonly managers: Managers;
}

/** What an apply made. */
export interface Applied extends Updated {
  /** The merged object; undefined when it equals the live one. */
  readonly object: TypedValue | undefined;
}

/** Which fields may be taken from which managers; each set is in the version of its manager's entry. */
export type ForcedFields = ReadonlyMap<string, FieldSet>;

/** A change by a manager to the live object. */
export interface Change {
  /** The object before; of a new one, the empty object. Not changed. */
  readonly live: TypedValue;
  /** The version that the manager speaks, and all objects here are in. */
  readonly version: string;
  /** Who owned what before. Not changed. */
  readonly managers: Managers;
  readonly manager: string;
}

/**
 * Merges applied configurations into objects, and keeps account of who owns which field.
 *
 * Holds no state of its own. All work is linear in the size of the objects and of what is owned, for each version that
 * managers have written in.
 */
export class Updater {
  private readonly convert: Converter;
  private readonly filters: ReadonlyMap<string, FieldFilter>;

  constructor(options: UpdaterOptions = {}) {
    this.convert = options.convert ?? ((object) => object);
    this.filters = options.filters ?? new Map();
  }

  /**
   * Accounts for `object` having replaced the live one: its manager now owns what it changed, and no other does.
   *
   * An update is never refused for what others own; violations tell of an object or a schema that does not fit.
   */
  update(change: Change, object: TypedValue): Updated | Violations {
    const { version, manager } = change;
    const managers = this.reconcile(change);
    if (managers instanceof Violations) return managers;
    const transfer = this.transfer(change, object, managers, true);
    if (transfer instanceof Violations || transfer instanceof Conflicts) return transfer as Violations;
    const { removed, modified, added } = transfer;
    const before = managers.get(manager)?.set ?? emptySet;
    const set = this.filtered(before.difference(removed).union(modified).union(added), version);
    if (set.empty) managers.delete(manager);
    else managers.set(manager, { set, apiVersion: version, applied: false });
    return { managers };
  }

  /**
   * Merges a configuration into the live object, and removes what its manager applied before and does not any more,
   * unless another manager owns it.
   *
   * @param force true: what the merge changes is taken from who else owns it; or no more than these fields
   * @returns Conflicts: the merge changes fields that others own, and that are not forced
   */
  apply(change: Change, config: TypedValue, force: boolean | ForcedFields): Applied | Conflicts | Violations {
    const { live, version, manager } = change;
    const managers = this.reconcile(change);
    if (managers instanceof Violations) return managers;
    const merged = live.merge(config);
    if (merged instanceof Violations) return merged.within('failed to merge config');
    const mentioned = config.toFieldSet();
    if (mentioned instanceof Violations) return mentioned.within('failed to get field set');
    const last = managers.get(manager);
    managers.set(manager, { set: this.filtered(mentioned, version), apiVersion: version, applied: true });
    const object = prune(merged, managers, manager, last, this.convert);
    if (object instanceof Violations) return object.within('failed to prune fields');
    const transfer = this.transfer(change, object, managers, force);
    if (transfer instanceof Violations || transfer instanceof Conflicts) return transfer;
    return { object: sameValue(live, object) ? undefined : object, managers };
  }

  /** What managers own, fitted to the present schema; those of vanished versions are left out. A copy. */
  private reconcile({ live, managers, version }: Change): Map<string, VersionedSet> | Violations {
    const out = new Map<string, VersionedSet>();
    for (const [manager, entry] of managers) {
      const converted = entry.apiVersion === version ? live : this.convert(live, entry.apiVersion);
      if (converted instanceof Violations) return converted;
      if (converted === undefined) continue;
      const set = reconcileFieldSet(entry.set, converted.type);
      out.set(manager, set === entry.set ? entry : { ...entry, set });
    }
    return out;
  }

  /**
   * Takes from all managers but the changing one what the change touches, in place; entries that own nothing any more
   * go. Where more would be taken than is forced, nothing is, and conflicts are returned.
   *
   * @returns What changed, in the changing manager's version.
   */
  private transfer(
    { live, version, manager }: Change,
    object: TypedValue,
    managers: Map<string, VersionedSet>,
    force: boolean | ForcedFields,
  ): Comparison | Conflicts | Violations {
    const compared = compareObjects(live, object);
    if (compared instanceof Violations) return compared;
    const comparison = filterComparison(compared, this.filters.get(version));
    const comparisons = new Map<string, Comparison>([[version, comparison]]);
    const lost = new Map<string, FieldSet>();
    for (const [other, entry] of managers) {
      if (other === manager) continue;
      const known = comparisons.get(entry.apiVersion) ?? this.compareIn(entry.apiVersion, live, object);
      if (known instanceof Violations) return known;
      if (known === undefined) {
        managers.delete(other);
        continue;
      }
      comparisons.set(entry.apiVersion, known);
      const conflicting = entry.set.intersection(known.modified.union(known.added));
      if (!conflicting.empty) lost.set(other, conflicting);
    }
    const refused = force === true ? undefined : beyond(lost, force);
    if (refused !== undefined && refused.size > 0) return Conflicts.of(refused);
    this.take(managers, manager, lost, comparisons);
    return comparison;
  }

  private take(
    managers: Map<string, VersionedSet>,
    manager: string,
    lost: ReadonlyMap<string, FieldSet>,
    comparisons: ReadonlyMap<string, Comparison>,
  ): void {
    for (const [other, entry] of managers) {
      let set = entry.set;
      if (other !== manager) {
        set = set.difference(lost.get(other) ?? emptySet);
        set = set.difference(comparisons.get(entry.apiVersion)?.removed ?? emptySet);
      }
      if (set.empty) managers.delete(other);
      else if (set !== entry.set) managers.set(other, { ...entry, set });
    }
  }

  private compareIn(version: string, live: TypedValue, object: TypedValue): Comparison | Violations | undefined {
    const oldObject = this.convert(live, version);
    if (oldObject === undefined) return undefined;
    if (oldObject instanceof Violations) return oldObject.within('failed to convert old object');
    const newObject = this.convert(object, version);
    if (newObject === undefined) return undefined;
    if (newObject instanceof Violations) return newObject.within('failed to convert new object');
    const compared = compareObjects(oldObject, newObject);
    return compared instanceof Violations ? compared : filterComparison(compared, this.filters.get(version));
  }

  private filtered(set: FieldSet, version: string): FieldSet {
    const filter = this.filters.get(version);
    return filter === undefined ? set : filter(set);
  }
}

/** What would be taken, beside what is forced. */
function beyond(lost: ReadonlyMap<string, FieldSet>, forced: ForcedFields | false): ReadonlyMap<string, FieldSet> {
  if (forced === false) return lost;
  const out = new Map<string, FieldSet>();
  for (const [manager, set] of lost) {
    const more = set.difference(forced.get(manager) ?? emptySet);
    if (!more.empty) out.set(manager, more);
  }
  return out;
}

function sameValue(a: TypedValue, b: TypedValue): boolean {
  return a === b || (a.value !== undefined && equalValues(a.value, b.value));
}

/** Compares; two that are one need no walk. */
function compareObjects(a: TypedValue, b: TypedValue): Comparison | Violations {
  if (a === b) return sameComparison;
  const compared = a.compare(b);
  return compared instanceof Violations ? compared.within('failed to compare objects') : compared;
}
