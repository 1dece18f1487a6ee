import type { Client } from 'nekube/client';
import { formatPath } from 'nekube/smd';
import {
  type ConflictVerdict,
  decideConflicts,
  type Explained,
  type FieldDecision,
  type PolicySet,
} from 'nekube/fieldpolicy';
import {
  applyConfiguration,
  type Configuration,
  type FieldConflict,
  findConflicts,
  type FindOptions,
  guarded,
} from '../field-conflicts.ts';
import { MASKED } from '../mask.ts';
import { isSecretPath } from '../pipeline/changes.ts';
import { contestedApply, contestedField, type PolicyContext } from '../policy-decisions.ts';
import { stockConflicts } from './stock-conflicts.ts';

/** A field in conflict, what becomes of it, and what each policy says about it. */
export interface ExplainedConflict extends FieldConflict {
  readonly verdict: ConflictVerdict;
  /** In their order of precedence. */
  readonly policies: readonly Explained[];
}

/** Whose apply is explained, and by what its conflicts are decided. */
export interface ExplainOptions extends FindOptions, PolicyContext {
  readonly policies: PolicySet;
  readonly decisions: readonly FieldDecision[];
  readonly force: boolean;
  readonly subresource?: string;
}

/**
 * Explains how the conflicts of an apply would be decided, and which policies are not about them because of what. Writes
 * nothing. Empty: there are none.
 *
 * @throws StatusError what the server answers to a dry run that is refused for anything else
 */
export async function explainApply(
  client: Client,
  configuration: Configuration,
  options: ExplainOptions,
): Promise<readonly ExplainedConflict[]> {
  const { policies, decisions, force, fieldManager } = options;
  const found = await findConflicts(client, configuration, options);
  // where there are policies, the server may have decided conflicts without telling them
  const conflicts = policies.size > 0 ? stockConflicts(configuration, found, fieldManager) : found.conflicts;
  const { live } = found;
  if (live === undefined || conflicts.length === 0) return [];
  const fields = conflicts.map(contestedField);
  const taken = () =>
    applyConfiguration(client, guarded(configuration, live), { ...options, force: true, dryRun: true });
  const apply = await contestedApply(policies, fields, { configuration, fieldManager, live, taken }, options);
  const verdicts = decideConflicts(policies, apply, fields, { decisions, force });
  const explained = policies.explain(apply, fields);
  return conflicts.map((conflict, i) => ({
    ...masked(configuration, conflict),
    verdict: verdicts[i]!,
    policies: explained[i]!,
  }));
}

/** Values of Secrets are not shown. */
function masked({ apiVersion, kind }: Configuration, conflict: FieldConflict): FieldConflict {
  if (apiVersion !== 'v1' || kind !== 'Secret' || !isSecretPath(formatPath(conflict.path))) return conflict;
  const { live, applied } = conflict;
  return { ...conflict, live: live === undefined ? live : MASKED, applied: applied === undefined ? applied : MASKED };
}
