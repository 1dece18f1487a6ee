import type { PolicyOrigin } from './references.ts';
import type { CompiledPolicy, Level } from './policy-set.ts';

/** What became of a policy with one ancestor, for the caller to put time and generation to. */
export interface PolicyOutcome {
  readonly policy: PolicyOrigin;
  readonly ancestor: Ancestor;
  readonly condition: {
    readonly type: 'Accepted';
    readonly status: 'True' | 'False';
    readonly reason: 'Accepted' | 'Conflicted' | 'Invalid' | 'TargetNotFound' | (string & {});
    readonly message: string;
  };
}

/** A Gateway, or the target itself where it leads to none. */
export interface Ancestor {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/**
 * What became of each policy, by ancestor. `gatewaysOf` says which of our Gateways a target leads to; undefined: there is no such
 * object. A policy of targets that all lead to gateways of others is none of ours, and not told about.
 */
export function policyOutcomes(
  policies: readonly CompiledPolicy[],
  gatewaysOf: (target: Level) => readonly Ancestor[] | undefined,
): readonly PolicyOutcome[] {
  return policies.flatMap((policy) => outcomesOf(policy, gatewaysOf));
}

function outcomesOf(
  { object, origin, problems, lost }: CompiledPolicy,
  gatewaysOf: (target: Level) => readonly Ancestor[] | undefined,
): readonly PolicyOutcome[] {
  const outcomes = new Map<string, PolicyOutcome>();
  const tell = (ancestor: Ancestor, condition: PolicyOutcome['condition']): void => {
    const key = `${ancestor.group}/${ancestor.kind}/${ancestor.namespace}/${ancestor.name}`;
    const known = outcomes.get(key)?.condition;
    // what is wrong is told rather than what is right
    if (known === undefined || known.status === 'True') outcomes.set(key, { policy: origin, ancestor, condition });
  };
  for (const target of object.spec.targetRefs) {
    const level = { ...target, namespace: origin.namespace };
    const gateways = gatewaysOf(level);
    const ancestors = gateways ?? [
      { group: target.group, kind: target.kind, namespace: origin.namespace, name: target.name },
    ];
    for (const ancestor of ancestors) tell(ancestor, conditionOf(target, gateways !== undefined, problems, lost));
  }
  return [...outcomes.values()];
}

function conditionOf(
  target: CompiledPolicy['lost'][number]['target'],
  isThere: boolean,
  problems: CompiledPolicy['problems'],
  lost: CompiledPolicy['lost'],
): PolicyOutcome['condition'] {
  const what = `${target.kind} ${target.name}`;
  if (!isThere)
    return refused(
      'TargetNotFound',
      `${what} does not exist in the namespace of the policy: create it, or name another`,
    );
  const [problem, ...more] = problems;
  if (problem !== undefined) {
    return refused(problem.reason, [problem, ...more].map(({ message }) => message).join('; '));
  }
  const winner = lost.find((one) => one.target === target)?.to;
  if (winner !== undefined) {
    const section = target.sectionName === undefined ? '' : ` ${target.sectionName}`;
    return refused(
      'Conflicted',
      `${winner.kind} ${winner.namespace}/${winner.name} is older and about ${what}${section}, too`,
    );
  }
  return { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'The policy is in force' };
}

function refused(reason: string, message: string): PolicyOutcome['condition'] {
  return { type: 'Accepted', status: 'False', reason, message };
}
