import type { CompiledPolicy } from './compile-policy.ts';
import { DECISIONS, type PolicyDecision } from './types.ts';

/**
 * The order in which policies are asked: the highest priority first; of equal ones those of the cluster before those of a
 * namespace, then the stricter decision, then by name.
 */
export function comparePolicies(a: CompiledPolicy, b: CompiledPolicy): number {
  return (
    priorityOf(b) - priorityOf(a) ||
    scopeOf(a) - scopeOf(b) ||
    strictnessOf(a.policy.spec?.decision) - strictnessOf(b.policy.spec?.decision) ||
    (a.title < b.title ? -1 : a.title > b.title ? 1 : 0)
  );
}

function priorityOf({ policy }: CompiledPolicy): number {
  const priority = policy.spec?.priority;
  return Number.isSafeInteger(priority) ? priority! : 0;
}

function scopeOf({ policy }: CompiledPolicy): number {
  return policy.kind === 'ClusterFieldPolicy' ? 0 : 1;
}

/** One that is none is asked first: it decides fail. */
function strictnessOf(decision: PolicyDecision): number {
  return DECISIONS.indexOf(decision);
}
