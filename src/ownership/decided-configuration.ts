import type { JsonObject } from 'nekube/apimachinery';
import {
  changedFields,
  type Decision,
  decidedConfig,
  type FieldPath,
  formatPath,
  keepsLiveValue,
  type ParseableType,
  type TypedValue,
  valueAt,
  Violations,
} from 'nekube/smd';
import type { Configuration, ConflictsFound, FieldConflict } from './field-conflicts.ts';
import { type Why, whyText } from './why.ts';

/** What becomes of a conflict, and who says so: a policy, a flag. */
export interface Verdict {
  readonly decision: Decision;
  /** For people, as in `policy FieldPolicy shop/replicas`. */
  readonly by?: string;
  /** Why it is `fail` when it need not have been. */
  readonly reason?: string;
  /** The reason as data. */
  readonly why?: Why;
  /** It fails until a person, whom a policy wants to be asked, has decided. */
  readonly asks?: true;
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
  const edits = decided.some(({ decision }) => keepsLiveValue(decision));
  const config = edits ? type.parse(configuration as JsonObject) : undefined;
  if (config === undefined) return { configuration, decided };
  if (config instanceof Violations)
    return {
      configuration,
      decided: decided.map((one) => failedBy(one, { code: 'ConfigurationMalformed', problem: config.message })),
    };
  const changed = changesOf(config, live, type);
  const checked = decided.map((one) => {
    if (!keepsLiveValue(one.decision) || changed(one.path)) return one;
    const about = { decision: one.decision, kind: `${configuration.apiVersion} ${configuration.kind}` };
    if (note !== undefined) return failedBy(one, { code: 'NoSchema', ...about, note });
    return failedBy(one, { code: 'NoSuchField', ...about, path: formatPath(one.path) });
  });
  const edited = decidedConfig(config, live as JsonObject, checked);
  return { configuration: edited.value as Configuration, decided: checked };
}

/** A conflict that fails, whatever was decided. */
export function failedBy(conflict: FieldConflict & Partial<Verdict>, why: Why): DecidedConflict {
  return { ...conflict, decision: 'fail', reason: whyText(why), why };
}

/** Tells which fields the configuration changes; where the live object does not fit its type, which ones it states. */
function changesOf(
  config: TypedValue,
  live: ConflictsFound['live'],
  type: ParseableType,
): (path: FieldPath) => boolean {
  const before = type.parse(live as JsonObject, { allowDuplicates: true });
  const changed = before instanceof Violations ? undefined : changedFields(before, config);
  if (changed === undefined) return (path) => valueAt(config.value, path, config.type) !== undefined;
  return (path) => changed.has(path);
}
