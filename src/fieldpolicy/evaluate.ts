import type { Decision } from 'nekube/smd';
import type { CompiledPolicy } from './compile-policy.ts';
import { CONDITION_BUDGET } from './condition.ts';
import type { ContestedApply, ContestedField, PolicyVerdict } from './contract.ts';
import { ageOf, matchPolicy } from './matching.ts';

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
    const { matches, reason } = matchPolicy(policy, this.#apply, conflict);
    if (matches === false) return { because: reason };
    const doubt = policy.problems[0] ?? (matches === undefined ? reason : undefined);
    if (doubt !== undefined) return failing(policy, `it cannot be evaluated: ${doubt}`);
    const holds = this.#holds(policy, conflict);
    if (typeof holds === 'string')
      return failing(policy, `its condition cannot be evaluated: ${isSecret(this.#apply) ? UNTOLD : holds}`);
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

/** Errors of conditions show values, and are told in warnings and audit logs. */
const UNTOLD = 'why is not told of a Secret, whose values it might show';

function isSecret({ group, kind }: ContestedApply): boolean {
  return group === '' && kind === 'Secret';
}

function failing({ title }: CompiledPolicy, reason: string): Opinion {
  return { verdict: { policy: title, decision: 'fail', reason } };
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
  { owner, time }: ContestedField,
): Pick<PolicyVerdict, 'decision' | 'reason'> {
  const age = ageOf(time, now);
  const who = JSON.stringify(owner.manager);
  if (age === undefined)
    return { decision: 'fail', reason: `it cannot be evaluated: lease: the claim of ${who} has no time` };
  if (age >= durationSeconds) return { decision: 'force' };
  const decision = PLAIN[whileHeld]!;
  if (decision === 'yield') return { decision };
  return { decision, reason: `the lease of ${who} holds for ${durationSeconds - age}s more` };
}
