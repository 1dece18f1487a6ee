import type { JsonObject } from 'nekube/apimachinery';
import {
  type Decision,
  type FieldPath,
  FieldSet,
  formatPath,
  leaveOut,
  type ParseableType,
  type TypedValue,
  valueAt,
  Violations,
  withValueAt,
} from 'nekube/smd';
import type { Configuration, ConflictsFound, FieldConflict } from './field-conflicts.ts';

/** What becomes of a conflict, and who says so: a policy, a flag. */
export interface Verdict {
  readonly decision: Decision;
  /** For people, as in `policy FieldPolicy shop/replicas`. */
  readonly by?: string;
  /** Why it is `fail` when it need not have been. */
  readonly reason?: string;
}

/** A conflict with its decision. */
export interface DecidedConflict extends FieldConflict, Verdict {}

/**
 * The configuration that carries decisions out: without what yields, and with the live value where it is shared. Of what
 * is forced it says nothing, and of nothing that fails.
 *
 * What cannot be carried out has become `fail`, with the reason: a field that its owner states in another version, which
 * has no such field in the applied one.
 */
export function decidedConfiguration(
  configuration: Configuration,
  { live, type: { type, note } }: Pick<ConflictsFound, 'live' | 'type'>,
  decided: readonly DecidedConflict[],
): { readonly configuration: Configuration; readonly decided: readonly DecidedConflict[] } {
  const edits = decided.some(({ decision }) => decision === 'yield' || decision === 'share');
  const config = edits ? type.parse(configuration as JsonObject) : undefined;
  if (config === undefined) return { configuration, decided };
  if (config instanceof Violations)
    return { configuration, decided: decided.map((one) => failed(one, config.message)) };
  const changed = changesOf(config, live, type);
  const checked = decided.map((one) => {
    if (one.decision !== 'yield' && one.decision !== 'share') return one;
    if (changed(one.path)) return one;
    const why = note ?? `${configuration.apiVersion} ${configuration.kind} has no ${formatPath(one.path)}`;
    return failed(one, `cannot ${one.decision}: ${why}`);
  });
  const edited = edit(config, live as JsonObject, checked).value as Configuration;
  return { configuration: edited, decided: checked };
}

function failed(conflict: DecidedConflict, reason: string): DecidedConflict {
  return { ...conflict, decision: 'fail', reason };
}

/** Tells which fields the configuration changes; where the live object does not fit its type, which ones it states. */
function changesOf(
  config: TypedValue,
  live: ConflictsFound['live'],
  type: ParseableType,
): (path: FieldPath) => boolean {
  const before = type.parse(live as JsonObject, { allowDuplicates: true });
  const merged = before instanceof Violations ? before : before.merge(config);
  const comparison = before instanceof Violations || merged instanceof Violations ? undefined : before.compare(merged);
  if (comparison === undefined || comparison instanceof Violations)
    return (path) => valueAt(config.value, path, config.type) !== undefined;
  return (path) => comparison.modified.has(path) || comparison.added.has(path);
}

function edit(config: TypedValue, live: JsonObject, decided: readonly DecidedConflict[]): TypedValue {
  const left: FieldPath[] = [];
  let shared = config;
  for (const { path, decision } of decided) {
    if (decision !== 'yield' && decision !== 'share') continue;
    const value = decision === 'share' ? valueAt(live, path, config.type) : undefined;
    if (value === undefined) left.push(path);
    else shared = withValueAt(shared, path, value);
  }
  return leaveOut(shared, FieldSet.of(...left));
}
