import { type Decision, type FieldPath, formatPath, strictestByField } from 'nekube/smd';
import type { ContestedApply, ContestedField, PolicySet, PolicyVerdict } from './contract.ts';
import type { FieldDecision } from './field-decisions.ts';
import type { Why } from './why.ts';

/** What the caller of an apply, and a person that was asked, decided. */
export interface OwnDecisions {
  /** Of the caller: of several about one field the first counts. */
  readonly decisions: readonly FieldDecision[];
  /** The caller asks for everything. */
  readonly force: boolean;
  /**
   * What a person decided, by path as messages print it; undefined where nobody was asked, or did not answer yet. It counts
   * where a policy asks, and where none decides: who carries it out need not be who met the policy.
   */
  readonly answers?: ReadonlyMap<string, Decision> | undefined;
}

/** What becomes of one conflict, who says so, and why. */
export interface ConflictVerdict {
  /** `ask`: a person is to be asked. */
  readonly decision: Decision | 'ask';
  /** Undefined: nobody decided, so that it fails. */
  readonly by: 'policy' | 'person' | 'caller' | 'force' | undefined;
  /** The policy that decided, or that asked the person: `FieldPolicy shop/replicas`. */
  readonly policy?: string;
  /** Of the caller, as it was written. */
  readonly text?: string;
  readonly reason?: string;
  /** The reason of a policy as data. */
  readonly why?: Why;
  readonly ttlSeconds?: number;
}

/** From the most careful to the least. */
const ORDER: readonly ConflictVerdict['decision'][] = ['fail', 'ask', 'yield', 'share', 'force'];

/**
 * Decides conflicts, all those of one apply: the first policy that matches, else what a person answered, else the caller's
 * decisions, else `force`, else it fails. Policies bind those who force, too. Where several managers own one field, the
 * strictest decision is that of all of them.
 */
export function decideConflicts(
  policies: PolicySet,
  apply: ContestedApply,
  conflicts: readonly ContestedField[],
  own: OwnDecisions,
): readonly ConflictVerdict[] {
  const opinions = policies.decide(apply, conflicts);
  const verdicts = conflicts.map(({ path }, i) => {
    const opinion = opinions[i];
    return opinion === undefined ? ownVerdict(path, own) : policyVerdict(opinion, path, own);
  });
  return strictestByField(conflicts, verdicts, ORDER);
}

function policyVerdict(opinion: PolicyVerdict, path: FieldPath, { answers }: OwnDecisions): ConflictVerdict {
  const answer = opinion.decision === 'ask' ? answers?.get(formatPath(path)) : undefined;
  if (answer === undefined) return { ...opinion, by: 'policy' };
  return { decision: answer, by: 'person', policy: opinion.policy };
}

function ownVerdict(path: FieldPath, { decisions, force, answers }: OwnDecisions): ConflictVerdict {
  const answer = answers?.get(formatPath(path));
  if (answer !== undefined) return { decision: answer, by: 'person' };
  const own = decisions.find(({ pattern }) => pattern.matches(path));
  if (own !== undefined) return { decision: own.decision, by: 'caller', text: own.text };
  return force ? { decision: 'force', by: 'force' } : { decision: 'fail', by: undefined };
}

/** A verdict as warnings and reports tell it: `policy FieldPolicy shop/replicas decides yield for .spec.replicas (owned by "hpa")`. */
export function describeVerdict(verdict: ConflictVerdict, { path, owner }: ContestedField): string {
  const { decision, reason } = verdict;
  const what = `${whoDecides(verdict)} ${decision} for ${formatPath(path)} (owned by ${JSON.stringify(owner.manager)})`;
  return reason === undefined ? what : `${what}: ${reason}`;
}

/** Tells the warnings by which a server says what it decided, or would. */
export function isDecisionWarning(text: string): boolean {
  return /^policy \S+ \S+ decides |^the apply would wait for a decision/.test(text);
}

function whoDecides({ by, policy, text }: ConflictVerdict): string {
  switch (by) {
    case 'policy':
      return `policy ${policy} decides`;
    case 'person':
      return policy === undefined ? 'a person decides' : `a person, asked by policy ${policy}, decides`;
    case 'caller':
      return `the decision ${text} of this apply decides`;
    case 'force':
      return 'force=true decides';
    default:
      return 'no policy and no decision is about it:';
  }
}
