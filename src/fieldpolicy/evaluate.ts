import type { Decision } from 'nekube/smd';
import type { CompiledPolicy } from './compile-policy.ts';
import { CONDITION_BUDGET } from './condition.ts';
import type { ContestedApply, ContestedField, PolicyVerdict } from './contract.ts';
import { ageOf, matchPolicy } from './matching.ts';
import { type Why, whyText } from './why.ts';

/** How long an apply that asks waits for a person, unless the policy says otherwise. */
export const DEFAULT_ASK_TTL_SECONDS = 86_400;

/** What a policy says about a conflict: a verdict, or why it is not about it. */
export type Opinion = { readonly verdict: PolicyVerdict } | { readonly because: string };

/** Asks policies about the conflicts of one apply, within the budget for conditions. */
export class Evaluator {
  readonly #apply: ContestedApply;
  #budget = CONDITION_BUDGET;
  /** What came of conditions that are about no one field. */
  readonly #held = new Map<CompiledPolicy, boolean | string>();

  constructor(apply: ContestedApply) {
    this.#apply = apply;
  }

  /** A policy that matches and cannot be evaluated decides fail. */
  opinionOf(policy: CompiledPolicy, conflict: ContestedField): Opinion {
    const match = matchPolicy(policy, this.#apply, conflict);
    if (match.matches === false) return { because: match.because };
    const [problem] = policy.problems;
    if (problem !== undefined) return failing(policy, { code: 'Malformed', problem });
    if (match.matches === undefined) return failing(policy, match.why);
    const holds = this.#holds(policy, conflict);
    if (typeof holds === 'string')
      return failing(
        policy,
        isSecret(this.#apply) ? { code: 'ConditionOfSecretFailed' } : { code: 'ConditionFailed', error: holds },
      );
    if (!holds) return { because: `condition: is false` };
    return { verdict: verdictOf(policy, this.#apply, conflict) };
  }

  #holds(policy: CompiledPolicy, conflict: ContestedField): boolean | string {
    const { condition } = policy;
    if (condition === undefined || typeof condition === 'string') return condition ?? true;
    const known = this.#held.get(policy);
    if (known !== undefined) return known;
    const { holds, cost } = condition.evaluate(this.#apply, conflict, this.#budget);
    this.#budget = Math.max(0, this.#budget - cost);
    if (!condition.ofField) this.#held.set(policy, holds);
    return holds;
  }
}

function isSecret({ group, kind }: ContestedApply): boolean {
  return group === '' && kind === 'Secret';
}

function failing({ title }: CompiledPolicy, why: Why): Opinion {
  return { verdict: { policy: title, ...decidedAs('fail', why) } };
}

function decidedAs(decision: Decision, why: Why): Pick<PolicyVerdict, 'decision' | 'reason' | 'why'> {
  return { decision, reason: whyText(why), why };
}

const PLAIN: Readonly<Record<string, Decision>> = { Fail: 'fail', Yield: 'yield', Share: 'share', Force: 'force' };

function verdictOf({ policy, title }: CompiledPolicy, apply: ContestedApply, conflict: ContestedField): PolicyVerdict {
  const { decision, ask } = policy.spec;
  if (decision === 'Lease') return { policy: title, ...leased(policy.spec.lease!, apply, conflict) };
  if (decision === 'Ask')
    return { policy: title, decision: 'ask', ttlSeconds: ask?.ttlSeconds ?? DEFAULT_ASK_TTL_SECONDS };
  return { policy: title, decision: PLAIN[decision]! };
}

/** Another's claim holds until it is as old as the lease. */
function leased(
  { durationSeconds, whileHeld = 'Yield' }: NonNullable<CompiledPolicy['policy']['spec']['lease']>,
  { now }: ContestedApply,
  { owner: { manager }, time }: ContestedField,
): Pick<PolicyVerdict, 'decision' | 'reason' | 'why'> {
  const age = ageOf(time, now);
  if (age === undefined) return decidedAs('fail', { code: 'ClaimTimeUnknown', field: 'lease', manager });
  if (age >= durationSeconds) return { decision: 'force' };
  const decision = PLAIN[whileHeld]!;
  return decision === 'yield'
    ? { decision }
    : decidedAs(decision, { code: 'LeaseHolds', manager, seconds: durationSeconds - age });
}
