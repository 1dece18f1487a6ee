import { emptySet, type FieldSet } from '../fieldpath/set.ts';
import { withNamedFields } from '../typed/named-fields.ts';
import type { TypedValue } from '../typed/typed-value.ts';
import { Violations } from '../typed/violations.ts';
import type { Managers, VersionedSet } from './managers.ts';
import type { Converter } from './updater.ts';

/**
 * Takes from a merged object what its applier owned by its last apply, and neither it nor anyone else owns now.
 *
 * An item or struct is taken with all that is in it, also what nobody owns (defaults); what others own in it stays.
 *
 * @param managers with the applier's new set
 */
export function prune(
  merged: TypedValue,
  managers: Managers,
  applier: string,
  last: VersionedSet | undefined,
  convert: Converter,
): TypedValue | Violations {
  if (last === undefined || last.set.empty) return merged;
  const now = managers.get(applier)!;
  if (nothingDropped(last, now, managers)) return merged;
  const inLast = convert(merged, last.apiVersion);
  if (inLast === undefined) return merged;
  if (inLast instanceof Violations) return inLast.within('failed to convert merged object to last applied version');
  const cut = inLast.removeItems(withNamedFields(last.set, inLast.type));
  const owned = addBackOwned(inLast, cut, [last.apiVersion, now.apiVersion], managers, convert);
  if (owned instanceof Violations) return owned.within('failed add back owned items');
  const pruned = addBackDangling(inLast, owned, last, convert);
  if (pruned instanceof Violations) return pruned.within('failed add back dangling items');
  return convert(pruned, now.apiVersion) ?? merged;
}

/**
 * True when the applier still applies all that it did. Then nothing can go: an applied set holds all items on the way
 * to its members. With several versions the sets are not comparable, and the long way is taken.
 */
function nothingDropped(last: VersionedSet, now: VersionedSet, managers: Managers): boolean {
  if (!last.set.isSubsetOf(now.set)) return false;
  for (const entry of managers.values()) if (entry.apiVersion !== last.apiVersion) return false;
  return true;
}

/**
 * Puts back what any manager owns, version by version. The version that was cut in comes first, since conversions may
 * need its fields, then that of the applier's new set, whose items others may own fields of.
 */
function addBackOwned(
  merged: TypedValue,
  cut: TypedValue,
  first: readonly string[],
  managers: Managers,
  convert: Converter,
): TypedValue | Violations {
  let state: Cut = { merged, cut };
  for (const [apiVersion, owned] of ownedByVersion(managers, first)) {
    const next = addBackOwnedIn(apiVersion, owned, state, convert);
    if (next instanceof Violations) return next;
    state = next;
  }
  return state.cut;
}

/** The object before and after the cut, in one version. */
interface Cut {
  readonly merged: TypedValue;
  readonly cut: TypedValue;
}

function ownedByVersion(managers: Managers, first: readonly string[]): [string, FieldSet][] {
  const owned = new Map<string, FieldSet>();
  for (const { apiVersion, set } of managers.values()) {
    owned.set(apiVersion, (owned.get(apiVersion) ?? emptySet).union(set));
  }
  const place = (version: string) => (first.includes(version) ? first.indexOf(version) : first.length);
  return [...owned].sort(([a], [b]) => place(a) - place(b));
}

function addBackOwnedIn(version: string, owned: FieldSet, state: Cut, convert: Converter): Cut | Violations {
  const merged = convert(state.merged, version);
  if (merged === undefined) return state;
  if (merged instanceof Violations) return merged.within(`failed to convert merged object at version ${version}`);
  const cut = convert(state.cut, version);
  if (cut === undefined) return { merged, cut: state.cut };
  if (cut instanceof Violations) return cut.within(`failed to convert pruned object at version ${version}`);
  const all = namedFieldSet(merged);
  if (all instanceof Violations)
    return all.within(`failed to create field set from merged object at version ${version}`);
  const left = namedFieldSet(cut);
  if (left instanceof Violations)
    return left.within(`failed to create field set from pruned object at version ${version}`);
  const wanted = left.union(withNamedFields(owned, merged.type));
  return { merged, cut: merged.removeItems(all.difference(wanted)) };
}

/** Puts back what is gone and was not in the last applied set: it was in a removed item, and nobody's to remove. */
function addBackDangling(
  merged: TypedValue,
  cut: TypedValue,
  last: VersionedSet,
  convert: Converter,
): TypedValue | Violations {
  const inLast = convert(cut, last.apiVersion);
  if (inLast === undefined) return merged;
  if (inLast instanceof Violations) return inLast.within('failed to convert pruned object to last applied version');
  const left = namedFieldSet(inLast);
  if (left instanceof Violations)
    return left.within('failed to create field set from pruned object in last applied version');
  const all = namedFieldSet(merged);
  if (all instanceof Violations)
    return all.within('failed to create field set from merged object in last applied version');
  const gone = all.difference(left).intersection(withNamedFields(last.set, merged.type));
  return merged.removeItems(gone);
}

function namedFieldSet(object: TypedValue): FieldSet | Violations {
  const set = object.toFieldSet();
  return set instanceof Violations ? set : withNamedFields(set, object.type);
}
