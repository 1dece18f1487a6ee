import { isJsonObject, type JsonValue } from 'nekube/apimachinery';
import { ElementKind, type FieldPath, FieldSet, formatPath, type PathElement } from 'nekube/smd';
import type { Claim } from '../conflict-causes.ts';
import type { PlanWarning } from './apply-plan.ts';
import type { PlanSubject } from './subject.ts';
import { migrateCommand } from './migrate-command.ts';
import { showClaims } from '../show-claim.ts';

/**
 * Items that an apply adds beside others that it seems to mean: the key of an item cannot be changed, an item with another
 * key is another item. The old one goes with the last that owns it.
 */
export function newItemWarnings(subject: PlanSubject): PlanWarning[] {
  const live = subject.typed(subject.input.live)?.toFieldSet();
  if (!(live instanceof FieldSet)) return [];
  return [...keyedLists(subject.after)].flatMap(({ list, items }) => inList(subject, list, items, itemsAt(live, list)));
}

/** The lists of a set that have items with keys. */
function* keyedLists(
  set: FieldSet,
  prefix: FieldPath = [],
): Generator<{ readonly list: FieldPath; readonly items: readonly PathElement[] }> {
  const items = keyed(set);
  if (items.length > 0) yield { list: prefix, items };
  for (const { element, children } of set.nodes) {
    if (children !== undefined) yield* keyedLists(children, [...prefix, element]);
  }
}

function keyed(set: FieldSet): PathElement[] {
  return set.nodes.map(({ element }) => element).filter(({ kind }) => kind === ElementKind.key);
}

function itemsAt(set: FieldSet, list: FieldPath): PathElement[] {
  let within: FieldSet | undefined = set;
  for (const element of list) within = within?.node(element)?.children;
  return within === undefined ? [] : keyed(within);
}

function inList(
  subject: PlanSubject,
  list: FieldPath,
  applied: readonly PathElement[],
  live: readonly PathElement[],
): PlanWarning[] {
  const isIn = (element: PathElement, others: readonly PathElement[]) =>
    others.some(({ text }) => text === element.text);
  const added = applied.filter((element) => !isIn(element, live));
  const staying = live
    .filter((element) => !isIn(element, applied))
    .map((element) => [...list, element])
    .filter((path) => stays(subject, path));
  return added.flatMap((element) => {
    const path = [...list, element];
    const meant = staying.filter((other) => isMeant(subject, path, other, added.length === 1 && staying.length === 1));
    return meant.map((other) => warningOf(subject, path, other));
  });
}

/** Where the server refused, it is told by who owns the item. */
function stays(subject: PlanSubject, path: FieldPath): boolean {
  if (subject.input.result !== undefined) return subject.result(path) !== undefined;
  return !subject.before.has(path) || subject.othersWithin(path).length > 0;
}

/** The same name under another key, or an item of one's own that others keep; alone beside what the server refused. */
function isMeant(subject: PlanSubject, path: FieldPath, other: FieldPath, alone: boolean): boolean {
  const name = nameOf(subject.applied(path));
  if (name !== undefined && !isKey(path, 'name') && nameOf(subject.live(other)) === name) return true;
  return alone && (subject.before.has(other) || subject.input.result === undefined);
}

function nameOf(item: JsonValue | undefined): JsonValue | undefined {
  return isJsonObject(item) ? item.name : undefined;
}

function isKey(path: FieldPath, field: string): boolean {
  return path.at(-1)!.key.some(({ name }) => name === field);
}

function warningOf(subject: PlanSubject, path: FieldPath, other: FieldPath): PlanWarning {
  const claims = subject.othersWithin(other);
  const fix = fixOf(subject, claims);
  const facts = { path: formatPath(path), other: formatPath(other), owners: showClaims(claims) };
  const why = claims.length === 0 ? 'which nobody owns and nobody removes' : `which stays, owned by ${facts.owners}`;
  return {
    type: 'ListKey',
    message: `${facts.path} is a new item beside ${facts.other}, ${why}; the key of an item cannot be changed, an item with another key is another one`,
    paths: [path, other],
    facts,
    ...(fix !== undefined && { fix }),
  };
}

/** Who updated the object itself can be made the manager that applies, which then lets go of the item. */
function fixOf({ input }: PlanSubject, claims: readonly Claim[]): string | undefined {
  if (claims.length === 0) return undefined;
  if (claims.some(({ operation, subresource }) => operation !== 'Update' || subresource !== '')) return undefined;
  const names = [...new Set(claims.map(({ manager }) => manager))].join(',');
  return migrateCommand(input.configuration, input.fieldManager, names);
}
