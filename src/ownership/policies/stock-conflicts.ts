import type { JsonObject } from 'nekube/apimachinery';
import { identifierOf } from 'nekube/managedfields';
import {
  changedFields,
  comparePaths,
  type FieldSet,
  formatPath,
  type ParseableType,
  type TypedValue,
  valueAt,
  Violations,
} from 'nekube/smd';
import { managerOf } from '../conflict-causes.ts';
import type { ConflictsFound, FieldConflict, Configuration } from '../field-conflicts.ts';
import { type Owner, readOwnership } from '../owners.ts';

/**
 * The conflicts of an apply that stock would find: those that a dry run met, and those that a server which heeds policies
 * did not tell, since it decided them. These are found as the merge finds them: what the configuration changes of what
 * others own, as far as they state it in the applied version.
 */
export function stockConflicts(
  configuration: Configuration,
  { live, conflicts, type: { type } }: ConflictsFound,
  fieldManager: string,
): readonly FieldConflict[] {
  if (live === undefined) return conflicts;
  const changes = changesOf(configuration, live as JsonObject, type);
  if (changes === undefined) return conflicts;
  const known = new Set(conflicts.map(keyOf));
  const more = readOwnership(live)
    .owners.filter((owner) => isOther(owner, configuration, fieldManager))
    .flatMap((owner) => conflictsWith(owner, changes, live as JsonObject, type))
    .filter((conflict) => !known.has(keyOf(conflict)));
  return [...conflicts, ...more].sort(inOrder);
}

interface Changes {
  readonly config: TypedValue;
  readonly paths: FieldSet;
}

function changesOf(configuration: Configuration, live: JsonObject, type: ParseableType): Changes | undefined {
  const config = type.parse(configuration as JsonObject);
  const before = type.parse(live, { allowDuplicates: true });
  if (config instanceof Violations || before instanceof Violations) return undefined;
  const paths = changedFields(before, config);
  return paths && { config, paths };
}

function isOther({ manager, operation, apiVersion, subresource }: Owner, config: Configuration, mine: string): boolean {
  const isMine = operation === 'Apply' && manager === mine && subresource === '';
  return !isMine && apiVersion === config.apiVersion;
}

function conflictsWith(
  owner: Owner,
  { config, paths }: Changes,
  live: JsonObject,
  type: ParseableType,
): FieldConflict[] {
  const { fields, ...claim } = owner;
  // an apply to the object itself does not write its status
  const stated = [...fields.intersection(paths).paths()].filter(([first]) => first?.name !== 'status');
  return stated.map((path) => ({
    path,
    claim,
    live: valueAt(live, path, type.type) as FieldConflict['live'],
    applied: valueAt(config.value, path, config.type) as FieldConflict['applied'],
  }));
}

function keyOf(conflict: FieldConflict): string {
  return `${identifierOf(managerOf(conflict.claim))} ${formatPath(conflict.path)}`;
}

function inOrder(a: FieldConflict, b: FieldConflict): number {
  const [left, right] = [identifierOf(managerOf(a.claim)), identifierOf(managerOf(b.claim))];
  return left < right ? -1 : left > right ? 1 : comparePaths(a.path, b.path);
}
