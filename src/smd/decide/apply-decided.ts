import { type FieldPath, formatPath } from '../fieldpath/path.ts';
import { FieldSet } from '../fieldpath/set.ts';
import { type Conflict, Conflicts } from '../merge/conflict.ts';
import type { Applied, Change, ForcedFields, Updater } from '../merge/updater.ts';
import type { TypedValue } from '../typed/typed-value.ts';
import { Violations } from '../typed/violations.ts';
import { changedFields } from './changed-fields.ts';
import { type Decision, keepsLiveValue, strictestByField } from './decision.ts';
import { decidedConfig } from './edit-config.ts';

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
 * of what it shares, and the helper lets go. But that it is one step, which happens whole or not at all, and that items which
 * it makes again stand where the configuration has them, and not as the helper came upon them.
 *
 * Where several managers own one field, the strictest decision counts. To share what the live object does not have is to
 * yield it. To yield is to leave out, also the map that states nothing more: if the manager had applied that map itself, it is
 * dropped as by any apply, with what others have there. A field that its owner states in another version cannot be yielded or shared if it is not the same field in
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
  const applied = updater.apply(change, decidedConfig(config, change.live.value, decided), forcedOf(decided));
  return applied instanceof Conflicts || applied instanceof Violations ? applied : { applied, decided };
}

/** One decision for a field, whoever owns it. */
function strictest(conflicts: readonly Conflict[], decisions: readonly Decision[]): DecidedConflict[] {
  const counting = strictestByField(
    conflicts,
    decisions.map((decision) => ({ decision })),
  );
  return conflicts.map((conflict, i) => ({ ...conflict, ...counting[i]! }));
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
    const decision =
      byPath.get(formatPath(one.path.slice(0, -1))) ?? (keepsLiveValue(one.decision) ? 'fail' : one.decision);
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
    ({ manager, decision }) => keepsLiveValue(decision) && change.managers.get(manager)?.apiVersion !== change.version,
  );
  if (!foreign) return decided;
  const changed = changedFields(change.live, config) ?? FieldSet.of();
  return decided.map((one) =>
    keepsLiveValue(one.decision) && !changed.has(one.path) ? { ...one, decision: 'fail' } : one,
  );
}

function forcedOf(decided: readonly DecidedConflict[]): ForcedFields {
  const forced = new Map<string, FieldSet>();
  for (const { manager, path, decision } of decided) {
    if (decision === 'force') forced.set(manager, (forced.get(manager) ?? FieldSet.of()).with(path));
  }
  return forced;
}
