import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import {
  comparePaths,
  emptySet,
  type FieldPath,
  FieldSet,
  type ParseableType,
  type TypedValue,
  valueAt,
  Violations,
} from 'nekube/smd';
import type { Claim } from '../conflict-causes.ts';
import type { Configuration } from '../field-conflicts.ts';
import { type Owner, readOwnership } from '../owners.ts';
import { isServersOwn } from '../plan/planned-fields.ts';
import { ownsWithin } from '../plan/subject.ts';

/** An object that a person has edited, and what it was. */
export interface Edit {
  /** As the person saw it. */
  readonly base: KubeObject;
  readonly edited: Configuration;
  /** As it is now, which may be another than `base`. */
  readonly live: KubeObject;
}

/** A field that an edit leaves out and an apply does not remove, since the manager did not apply it, or not alone. */
export interface ForeignRemoval {
  readonly path: FieldPath;
  /** Who owns it, or something in it; empty: nobody, as of a default. */
  readonly owners: readonly Claim[];
}

/** What is applied so that an edit becomes true. */
export interface EditedConfiguration {
  readonly configuration: Configuration;
  /** What was changed or added by the person. */
  readonly changed: FieldSet;
  /** What goes, since the manager alone applied it. */
  readonly dropped: readonly FieldPath[];
  readonly foreign: readonly ForeignRemoval[];
  /** What was edited and is not for an apply of the object: what the server alone sets, and the status. */
  readonly ignored: readonly FieldPath[];
}

/**
 * What a manager applies so that an edit of a whole object becomes true, and no more: the fields that it applied before, as
 * they are now, without those that were left out, and with those that were changed. All else stays with its owners: who
 * edits a label does not come to own the object.
 *
 * Pure. The field sets come from the type; where it is a guess, a list counts as one field.
 *
 * @returns Violations where the edit does not fit the type
 */
export function editedConfiguration(
  { base, edited, live }: Edit,
  { fieldManager, type }: { readonly fieldManager: string; readonly type: ParseableType },
): EditedConfiguration | Violations {
  const [before, after, now] = [
    type.parse(base as unknown as JsonObject, { allowDuplicates: true }),
    type.parse(edited as unknown as JsonObject),
    type.parse(live as unknown as JsonObject, { allowDuplicates: true }),
  ];
  if (after instanceof Violations) return after;
  if (before instanceof Violations) return before;
  if (now instanceof Violations) return now;
  const comparison = before.compare(after);
  if (comparison instanceof Violations) return comparison;
  const [changed, setAside] = split(comparison.modified.union(comparison.added));
  const [removed, unremovable] = split(comparison.removed);
  const { owners } = readOwnership(live);
  const own = owners.find((owner) => isApplier(owner, fieldManager))?.fields.leaves() ?? emptySet;
  const others = owners.filter((owner) => !isApplier(owner, fieldManager));
  const gone = topmost(removed, edited, now);
  const dropped = gone.filter(
    (path) => ownsWithin(own, path) && others.every(({ fields }) => !ownsWithin(fields, path)),
  );
  const kept = own.difference(FieldSet.of(...[...own.paths()].filter((path) => isWithin(path, gone))));
  const configuration = merged(now.extractItems(kept, { appendKeyFields: true }), after, changed);
  if (configuration instanceof Violations) return configuration;
  return {
    configuration: named(configuration, edited),
    changed,
    dropped,
    foreign: gone
      .filter((path) => !dropped.includes(path))
      .map((path) => ({ path, owners: others.filter(({ fields }) => ownsWithin(fields, path)).map(claimOf) })),
    ignored: [...setAside, ...unremovable],
  };
}

/** What a new object is applied as: what a person wrote, without what only the server sets. */
export function newConfiguration(edited: Configuration): Configuration {
  const {
    managedFields: _,
    resourceVersion: __,
    uid: ___,
    creationTimestamp: ____,
    generation: _____,
    ...metadata
  } = edited.metadata;
  const { status: ______, ...rest } = edited as Configuration & { readonly status?: unknown };
  return { ...rest, metadata } as Configuration;
}

/** What is for an apply, and what is not. */
function split(fields: FieldSet): [applied: FieldSet, ignored: FieldPath[]] {
  const [applied, ignored]: [FieldPath[], FieldPath[]] = [[], []];
  for (const path of fields.paths()) (isServersOwn(path) || path[0]?.name === 'status' ? ignored : applied).push(path);
  // of a part that is new what is in it is taken out of the object, and the part with it
  return [FieldSet.of(...applied).leaves(), ignored.filter((path) => path[1]?.name !== 'managedFields')];
}

function isApplier({ manager, operation, subresource }: Owner, fieldManager: string): boolean {
  return manager === fieldManager && operation === 'Apply' && subresource === '';
}

/**
 * What an edit leaves out, as a person would say it: not the fields of a part, if the part went. What is gone anyway is left
 * out of it.
 */
function topmost(removed: FieldSet, edited: Configuration, now: TypedValue): FieldPath[] {
  const found: FieldPath[] = [];
  for (const leaf of removed.paths()) {
    const path = leaf.slice(0, leaf.findIndex((_, i) => isGone(leaf.slice(0, i + 1), edited, now)) + 1);
    if (path.length === 0 || valueAt(now.value, path, now.type) === undefined) continue;
    if (!isWithin(path, found)) found.push(path);
  }
  return found.sort(comparePaths);
}

function isGone(path: FieldPath, edited: Configuration, { type }: TypedValue): boolean {
  return valueAt(edited as unknown as JsonObject, path, type) === undefined;
}

/** It is one of the paths, or below one. */
function isWithin(path: FieldPath, tops: readonly FieldPath[]): boolean {
  return tops.some((top) => path.length >= top.length && comparePaths(path.slice(0, top.length), top) === 0);
}

function claimOf({ fields: _, ...claim }: Owner): Claim {
  return claim;
}

function merged(kept: TypedValue, after: TypedValue, changed: FieldSet): JsonObject | Violations {
  const made = changed.empty ? kept : kept.merge(after.extractItems(changed, { appendKeyFields: true }));
  return made instanceof Violations ? made : ((made.value ?? {}) as JsonObject);
}

/** What it is and what it is called, which nobody owns. */
function named(fields: JsonObject, { apiVersion, kind, metadata }: Configuration): Configuration {
  const { name, namespace } = metadata;
  const own = (fields.metadata ?? {}) as JsonObject;
  return {
    ...fields,
    apiVersion,
    kind,
    metadata: { ...own, name, ...(namespace !== undefined && { namespace }) },
  } as unknown as Configuration;
}
