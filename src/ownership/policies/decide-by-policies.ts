import type { KubeObject } from 'nekube/apimachinery';
import { parseApiVersion } from 'nekube/apimachinery';
import {
  type ConflictVerdict,
  type ContestedApply,
  type ContestedField,
  decideConflicts,
  type FieldDecision,
  type PolicySet,
} from 'nekube/fieldpolicy';
import { patternOf } from 'nekube/smd';
import type { Decide, DecisionContext } from '../apply-decided.ts';
import type { Verdict } from '../decided-configuration.ts';
import type { FieldConflict } from '../field-conflicts.ts';
import type { Identity } from './cluster-policies.ts';

/** What policies ask about beside the object and its conflicts. */
export interface PolicyContext {
  /** The part of the object that is applied to; default: the object itself. */
  readonly subresource?: string | undefined;
  /** Undefined where it is not known who applies. */
  readonly user: Identity | undefined;
  readonly now: () => Date;
  /** What the caller decided by field, which answers policies that ask a person. */
  readonly answers?: readonly FieldDecision[];
}

/**
 * Decides as a server does that heeds policies: the first policy that matches, else as `otherwise` says. What a policy asks
 * a person is answered by the caller's decisions by field: here, it is a person that decides.
 */
export function decideByPolicies(policies: PolicySet, context: PolicyContext, otherwise: Decide): Decide {
  if (policies.size === 0) return otherwise;
  return async (conflicts, decision) => {
    const fields = conflicts.map(contestedField);
    const apply = await contestedApply(policies, fields, decision, context);
    const verdicts = decideConflicts(policies, apply, fields, { decisions: [], force: false });
    const rest = await otherwise(conflicts, decision);
    return verdicts.map((verdict, i) => {
      if (verdict.by === undefined) return rest[i]!;
      return verdict.decision === 'ask' ? answered(verdict, conflicts[i]!, context) : told(verdict);
    });
  };
}

/** A conflict as policies see it. */
export function contestedField({ path, claim }: FieldConflict): ContestedField {
  return { path, owner: claim, time: claim.time };
}

/** An apply as policies see it; what it would be if it took everything is made only if a condition asks for it. */
export async function contestedApply(
  policies: PolicySet,
  fields: readonly ContestedField[],
  { configuration, fieldManager, live, taken }: DecisionContext,
  { subresource = '', user, now }: PolicyContext,
): Promise<ContestedApply> {
  const { group } = parseApiVersion(configuration.apiVersion) ?? { group: '' };
  const apply: Omit<ContestedApply, 'taken'> = {
    group,
    kind: configuration.kind,
    namespace: live.metadata.namespace ?? '',
    subresource,
    manager: fieldManager,
    ...(user && { user }),
    live,
    now: now(),
  };
  const unknown = (): KubeObject => {
    throw new Error('it was not made');
  };
  if (!policies.needsTaken({ ...apply, taken: unknown }, fields)) return { ...apply, taken: unknown };
  const made = await taken().catch((error: unknown) => error);
  return {
    ...apply,
    taken: () => {
      if (made instanceof Error) throw made;
      return made as KubeObject;
    },
  };
}

function told({ decision, policy, reason }: ConflictVerdict): Verdict {
  return { decision: decision as Verdict['decision'], by: `policy ${policy}`, ...(reason !== undefined && { reason }) };
}

function answered({ policy }: ConflictVerdict, { path }: FieldConflict, { answers = [] }: PolicyContext): Verdict {
  const answer = answers.find(({ pattern }) => pattern.matches(path));
  if (answer !== undefined)
    return { decision: answer.decision, by: `--decide ${answer.text}, asked by policy ${policy}` };
  const reason = `it asks a person; answer with --decide force=${patternOf(path)}, or share, or yield`;
  return { decision: 'fail', by: `policy ${policy}`, reason };
}
