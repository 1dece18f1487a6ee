import { type CompiledPolicy, compilePolicy } from './compile-policy.ts';
import type { ApplyTarget, ContestedApply, ContestedField, Explained, PolicySet, PolicyVerdict } from './contract.ts';
import { Evaluator } from './evaluate.ts';
import { matchPolicy, matchTarget } from './matching.ts';
import { comparePolicies } from './precedence.ts';
import type { FieldPolicy } from './types.ts';

/** Objects of an informer are never changed, so that one is compiled once. */
const compiled = new WeakMap<FieldPolicy, CompiledPolicy>();

/** Makes a set of policies, in whatever order they come; each is compiled once, however often it is in a set. */
export function compilePolicies(policies: readonly FieldPolicy[]): PolicySet {
  return new OrderedPolicies(policies.map(compiledOnce).sort(comparePolicies));
}

function compiledOnce(policy: FieldPolicy): CompiledPolicy {
  let made = compiled.get(policy);
  if (made === undefined) compiled.set(policy, (made = compilePolicy(policy)));
  return made;
}

class OrderedPolicies implements PolicySet {
  readonly #policies: readonly CompiledPolicy[];

  constructor(policies: readonly CompiledPolicy[]) {
    this.#policies = policies;
  }

  get size(): number {
    return this.#policies.length;
  }

  concerns(target: ApplyTarget): boolean {
    return this.#policies.some((policy) => matchTarget(policy, target).matches !== false);
  }

  needsTaken(apply: ContestedApply, conflicts: readonly ContestedField[]): boolean {
    return this.#policies.some(
      (policy) =>
        typeof policy.condition === 'object' &&
        policy.condition.needsTaken &&
        conflicts.some((conflict) => matchPolicy(policy, apply, conflict).matches !== false),
    );
  }

  decide(apply: ContestedApply, conflicts: readonly ContestedField[]): readonly (PolicyVerdict | undefined)[] {
    const evaluator = new Evaluator(apply);
    const about = this.#policies.filter((policy) => matchTarget(policy, apply).matches !== false);
    return conflicts.map((conflict) => {
      for (const policy of about) {
        const opinion = evaluator.opinionOf(policy, conflict);
        if ('verdict' in opinion) return opinion.verdict;
      }
      return undefined;
    });
  }

  explain(apply: ContestedApply, conflicts: readonly ContestedField[]): readonly (readonly Explained[])[] {
    return conflicts.map((conflict) => {
      // who comes after the one that decides costs it nothing
      let decided = false;
      const evaluator = new Evaluator(apply);
      return this.#policies.map((policy) => {
        const opinion = evaluator.opinionOf(policy, conflict);
        const matches = 'verdict' in opinion;
        const explained = {
          policy: policy.title,
          priority: policy.policy.spec?.priority ?? 0,
          decides: matches && !decided,
        };
        decided ||= matches;
        return { ...explained, ...opinion };
      });
    });
  }
}
