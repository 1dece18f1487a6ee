import { goQuote } from 'nekube/apimachinery';
import type { Condition, Definition, DefinitionNames } from './definition.ts';

/** A condition without its time. */
export type NewCondition = Omit<Condition, 'lastTransitionTime'>;

/** What names a definition gets, and whether these are the ones that it asks for. */
export interface Naming {
  readonly acceptedNames: DefinitionNames;
  readonly condition: NewCondition;
}

/**
 * Accepts the names of a definition that no other of its group has. A name that is taken stays what was accepted before;
 * of several conflicts the last is told.
 *
 * @param others the other definitions of its group
 */
export function acceptNames(definition: Definition, others: readonly Definition[]): Naming {
  const wanted = definition.spec.names;
  const accepted: DefinitionNames = definition.status?.acceptedNames ?? { plural: '', kind: '' };
  const taken = takenNames([...others, definition]);
  const conflicts: NewCondition[] = [];
  const choose = <T extends 'plural' | 'singular' | 'kind' | 'listKind'>(
    field: T,
    used: ReadonlySet<string>,
  ): string => {
    const [name, before] = [wanted[field] ?? '', accepted[field] ?? ''];
    if (name === before || !used.has(name)) return name;
    conflicts.push(conflict(`${field.slice(0, 1).toUpperCase()}${field.slice(1)}Conflict`, inUse(name)));
    return before;
  };
  const plural = choose('plural', taken.resources);
  const singular = choose('singular', taken.resources);
  const shortNames = chooseShortNames(wanted.shortNames ?? [], accepted.shortNames ?? [], taken.resources, conflicts);
  const kind = choose('kind', taken.kinds);
  const listKind = choose('listKind', taken.kinds);
  const { categories } = wanted;
  const acceptedNames = {
    plural,
    ...(singular && { singular }),
    ...(shortNames.length > 0 && { shortNames }),
    kind,
    ...(listKind && { listKind }),
    ...(categories && categories.length > 0 && { categories }),
  };
  return { acceptedNames, condition: conflicts.at(-1) ?? NO_CONFLICTS };
}

function chooseShortNames(
  wanted: readonly string[],
  accepted: readonly string[],
  used: ReadonlySet<string>,
  conflicts: NewCondition[],
): readonly string[] {
  const clashes = wanted.filter((name) => !accepted.includes(name) && used.has(name)).map(inUse);
  if (clashes.length === 0) return wanted;
  const all = [...new Set(clashes)];
  conflicts.push(conflict('ShortNamesConflict', all.length === 1 ? all[0]! : `[${all.join(', ')}]`));
  return accepted;
}

function takenNames(definitions: readonly Definition[]): {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
} {
  const names = definitions.map(({ status }) => status?.acceptedNames);
  const resources = names.flatMap((n) => [n?.plural ?? '', n?.singular ?? '', ...(n?.shortNames ?? [])]);
  const kinds = names.flatMap((n) => [n?.kind ?? '', n?.listKind ?? '']);
  return { resources: new Set(resources.filter(Boolean)), kinds: new Set(kinds.filter(Boolean)) };
}

function inUse(name: string): string {
  return `${goQuote(name)} is already in use`;
}

function conflict(reason: string, message: string): NewCondition {
  return { type: 'NamesAccepted', status: 'False', reason, message };
}

const NO_CONFLICTS: NewCondition = {
  type: 'NamesAccepted',
  status: 'True',
  reason: 'NoConflicts',
  message: 'no conflicts found',
};
