import { jsonEqual } from 'nekube/apimachinery';
import {
  comparePaths,
  type Comparison,
  type Decision,
  ElementKind,
  type FieldPath,
  FieldSet,
  Violations,
} from 'nekube/smd';
import type { Claim } from '../conflict-causes.ts';
import type { DecidedConflict, Verdict } from '../decided-configuration.ts';
import { ownedFields } from '../owned-fields.ts';
import type { PlannedAction, PlannedField } from './apply-plan.ts';
import { ownsWithin, type PlanSubject } from './subject.ts';

/** What becomes of each field that an apply touches, in the order of paths. */
export function plannedFields(subject: PlanSubject): PlannedField[] {
  const conflicts = contestedFields(subject);
  const contested = FieldSet.of(...conflicts.map(({ path }) => path));
  const stated = statedFields(subject, contested);
  const dropped = droppedFields(subject, contested);
  const known = FieldSet.of(...[...stated, ...conflicts, ...dropped].map(({ path }) => path));
  const fields = [...stated, ...conflicts, ...dropped, ...serverFields(subject, known)];
  return fields.sort((a, b) => comparePaths(a.path, b.path));
}

const ACTIONS: Readonly<Record<Decision, PlannedAction>> = {
  fail: 'conflict',
  yield: 'yielded',
  share: 'shared',
  force: 'set',
};

/** One field a path, whoever and however many own it. */
function contestedFields(subject: PlanSubject): PlannedField[] {
  const fields: PlannedField[] = [];
  for (const conflict of subject.input.decided) {
    const known = fields.findIndex(({ path }) => comparePaths(path, conflict.path) === 0);
    if (known >= 0) fields[known] = { ...fields[known]!, others: [...fields[known]!.others, conflict.claim] };
    else fields.push(contestedField(subject, conflict));
  }
  return fields;
}

function contestedField(subject: PlanSubject, conflict: DecidedConflict): PlannedField {
  const { path, decision, by, reason, why, live, applied, claim } = conflict;
  const verdict: Verdict = {
    decision,
    ...(by !== undefined && { by }),
    ...(reason !== undefined && { reason }),
    ...(why && { why }),
  };
  return {
    path,
    action: actionOf(subject, conflict),
    live,
    applied,
    result: subject.result(path),
    others: [claim],
    claimed: subject.after.has(path) && decision !== 'fail' && !subject.before.has(path),
    verdict,
  };
}

function actionOf(subject: PlanSubject, { path, decision, live }: DecidedConflict): PlannedAction {
  // what is shared and not there is owned by nobody but the other
  if (decision === 'share' && live === undefined) return 'yielded';
  // what yields goes with the part that the manager applied before and, with all of it left out, does not any more
  const { result } = subject.input;
  const isGone = live !== undefined && result !== undefined && subject.result(path) === undefined;
  return decision === 'yield' && isGone ? 'removed' : ACTIONS[decision];
}

function statedFields(subject: PlanSubject, contested: FieldSet): PlannedField[] {
  return [...ownedFields(subject.after).paths()]
    .filter((path) => !contested.has(path))
    .map((path) => {
      const live = subject.live(path);
      const result = subject.input.result === undefined ? subject.applied(path) : subject.result(path);
      const action = live !== undefined && jsonEqual(live, result) ? 'unchanged' : 'set';
      const claimed = !subject.before.has(path);
      return { path, action, live, applied: subject.applied(path), result, others: subject.othersOf(path), claimed };
    });
}

/** What the manager applied before and does not any more; of a part that goes as a whole, the part alone. */
function droppedFields(subject: PlanSubject, contested: FieldSet): PlannedField[] {
  const { result } = subject.input;
  if (result === undefined) return [];
  const dropped = subject.before.difference(subject.after);
  const fields: PlannedField[] = [];
  let gone: FieldPath | undefined;
  for (const path of [...dropped.paths()].sort(comparePaths)) {
    if (contested.has(path) || isBelow(path, gone) || isKeyField(path)) continue;
    const live = subject.live(path);
    const after = subject.result(path);
    if (live === undefined) continue;
    if (after === undefined) gone = path;
    // of a part that stays, what is dropped in it, or still applied, says more
    else if (below(dropped, path) || ownsWithin(subject.after, path)) continue;
    const others: Claim[] = after === undefined ? [] : subject.othersWithin(path);
    const action = after === undefined ? 'removed' : 'kept';
    fields.push({ path, action, live, applied: undefined, result: after, others, claimed: false });
  }
  return fields;
}

function isBelow(path: FieldPath, above: FieldPath | undefined): boolean {
  return above !== undefined && path.length > above.length && comparePaths(path.slice(0, above.length), above) === 0;
}

function isKeyField(path: FieldPath): boolean {
  const item = path.at(-2);
  const field = path.at(-1)!;
  return item?.kind === ElementKind.key && item.key.some(({ name }) => name === field.name);
}

/** True when a set has more below a path than the key of an item. */
function below(set: FieldSet, path: FieldPath): boolean {
  let within: FieldSet | undefined = set;
  for (const element of path) within = within?.node(element)?.children;
  if (within === undefined) return false;
  return [...within.paths(path)].some((one) => !isKeyField(one));
}

/** What differs without anybody asking for it here. */
function serverFields(subject: PlanSubject, known: FieldSet): PlannedField[] {
  const comparison = comparisonOf(subject);
  if (comparison === undefined) return [];
  const { removed, modified, added } = comparison;
  const changed = removed.union(modified).union(added).leaves();
  return [...changed.paths()]
    .filter((path) => !isServersOwn(path) && !isKnown(path, known))
    .map((path) => ({
      path,
      action: 'server',
      live: subject.live(path),
      applied: undefined,
      result: subject.result(path),
      others: subject.othersOf(path),
      claimed: false,
    }));
}

function comparisonOf(subject: PlanSubject): Comparison | undefined {
  const { live, result, configuration } = subject.input;
  const { apiVersion, kind, metadata } = configuration;
  const { name = '', namespace } = metadata;
  // of an object that is created, all but what it is called is new
  const empty = { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
  const after = subject.typed(result);
  const compared = after && subject.typed(live ?? empty)?.compare(after);
  return compared === undefined || compared instanceof Violations ? undefined : compared;
}

/** It, or what it is in, or what is in it is told of already. */
function isKnown(path: FieldPath, known: FieldSet): boolean {
  let set: FieldSet | undefined = known;
  for (const element of path) {
    const node: ReturnType<FieldSet['node']> = set?.node(element);
    if (node === undefined) return isKeyField(path) && set !== undefined;
    if (node.member) return true;
    set = node.children;
  }
  return true;
}

const METADATA = new Set([
  'creationTimestamp',
  'generation',
  'managedFields',
  'name',
  'namespace',
  'resourceVersion',
  'selfLink',
  'uid',
]);

/** What the server alone says of an object, and what says which object it is. */
export function isServersOwn([first, second]: FieldPath): boolean {
  if (first?.name === 'metadata') return second === undefined || METADATA.has(second.name);
  return first?.name === 'apiVersion' || first?.name === 'kind';
}
