import { type FieldPath, formatPath } from '../fieldpath/path.ts';
import { FieldSet } from '../fieldpath/set.ts';
import { type Conflict, Conflicts } from '../merge/conflict.ts';
import type { Applied, Change, ForcedFields, Updater } from '../merge/updater.ts';
import type { TypedValue } from '../typed/typed-value.ts';
import { valueAt } from '../typed/value-at.ts';
import { Violations } from '../typed/violations.ts';
import { type Decision, stricter } from './decision.ts';
import { leaveOut, withValueAt } from './edit-config.ts';

/** A conflict, and what becomes of it. */
export interface DecidedConflict extends Conflict {
  readonly decision: Decision;
}

/** Decides conflicts, all those of an apply at once: one decision each, in their order. */
export type DecideConflicts = (conflicts: readonly Conflict[]) => readonly Decision[];

/** An apply, and the conflicts that were decided on the way; empty: there were none. */
export interface DecidedApply {
  readonly applied: Applied;
  readonly decided: readonly DecidedConflict[];
}

/**
 * Applies a configuration and has its conflicts decided; without any, nothing is asked, and it is an apply as ever.
 *
 * Object and owners end as if it had been done by plain applies: a helper manager forces a part of the configuration
 * that has only the forced fields, the manager applies the configuration without what it yields and with the live value
 * of what it shares, and the helper lets go. But that it is one step, which happens whole or not at all.
 *
 * Where several managers own one field, the strictest decision counts. To share what the live object does not have is to
 * yield it. A field that its owner states in another version cannot be yielded or shared if it is not the same field in
 * the version of the apply; that fails. The key of an item is decided with the item.
 *
 * @returns Conflicts: those that are to fail, and nothing is changed
 */
export function applyDecided(
  updater: Updater,
  change: Change,
  config: TypedValue,
  decide: DecideConflicts,
): DecidedApply | Conflicts | Violations {
  const plain = updater.apply(change, config, false);
  if (plain instanceof Violations) return plain;
  if (!(plain instanceof Conflicts)) return { applied: plain, decided: [] };
  const decided = whatCanBe(change, config, withItems(strictest(plain.list, decide(plain.list))));
  const failing = decided.filter(({ decision }) => decision === 'fail');
  if (failing.length > 0) return new Conflicts(failing.map(({ manager, path }) => ({ manager, path })));
  const applied = updater.apply(change, editedConfig(change, config, decided), forcedOf(decided));
  return applied instanceof Conflicts || applied instanceof Violations ? applied : { applied, decided };
}

/** One decision for a path, whoever owns it. */
function strictest(conflicts: readonly Conflict[], decisions: readonly Decision[]): DecidedConflict[] {
  if (decisions.length !== conflicts.length)
    throw new RangeError(`${conflicts.length} conflicts need as many decisions, got ${decisions.length}`);
  const byPath = new Map<string, Decision>();
  for (const [i, { path }] of conflicts.entries()) {
    const text = formatPath(path);
    const other = byPath.get(text);
    byPath.set(text, other === undefined ? decisions[i]! : stricter(other, decisions[i]!));
  }
  return conflicts.map((conflict) => ({ ...conflict, decision: byPath.get(formatPath(conflict.path))! }));
}

/**
 * The key of an item is decided with the item: without its key, it would be another one. Keys are in conflict where the
 * item is missing, though somebody still owns it.
 */
function withItems(decided: readonly DecidedConflict[]): readonly DecidedConflict[] {
  if (!decided.some(({ path }) => isKeyField(path))) return decided;
  const byPath = new Map(decided.map(({ path, decision }) => [formatPath(path), decision]));
  return decided.map((one) => {
    if (!isKeyField(one.path)) return one;
    const decision = byPath.get(formatPath(one.path.slice(0, -1))) ?? (isEdit(one.decision) ? 'fail' : one.decision);
    return { ...one, decision };
  });
}

function isKeyField(path: FieldPath): boolean {
  const [item, field] = path.slice(-2);
  return item !== undefined && field !== undefined && item.key.some(({ name }) => name === field.name);
}

/** What edits the configuration must be about fields that it changes, in its own version; else it has to fail. */
function whatCanBe(
  change: Change,
  config: TypedValue,
  decided: readonly DecidedConflict[],
): readonly DecidedConflict[] {
  const foreign = decided.some(
    ({ manager, decision }) => isEdit(decision) && change.managers.get(manager)?.apiVersion !== change.version,
  );
  if (!foreign) return decided;
  const changes = changesOf(change.live, config);
  return decided.map((one) => (isEdit(one.decision) && !changes(one.path) ? { ...one, decision: 'fail' } : one));
}

function isEdit(decision: Decision): boolean {
  return decision === 'yield' || decision === 'share';
}

function changesOf(live: TypedValue, config: TypedValue): (path: FieldPath) => boolean {
  const merged = live.merge(config);
  const comparison = merged instanceof Violations ? merged : live.compare(merged);
  if (comparison instanceof Violations) return () => false;
  return (path) => comparison.modified.has(path) || comparison.added.has(path);
}

function editedConfig({ live }: Change, config: TypedValue, decided: readonly DecidedConflict[]): TypedValue {
  const left: FieldPath[] = [];
  let edited = config;
  for (const { path, decision } of decided) {
    if (!isEdit(decision)) continue;
    const value = decision === 'share' ? valueAt(live.value, path, live.type) : undefined;
    if (value === undefined) left.push(path);
    else edited = withValueAt(edited, path, value);
  }
  return leaveOut(edited, FieldSet.of(...left));
}

function forcedOf(decided: readonly DecidedConflict[]): ForcedFields {
  const forced = new Map<string, FieldSet>();
  for (const { manager, path, decision } of decided) {
    if (decision === 'force') forced.set(manager, (forced.get(manager) ?? FieldSet.of()).with(path));
  }
  return forced;
}
