import type { JsonObject } from 'nekube/apimachinery';
import type { UserInfo } from '../user.ts';
import { aggregate } from './union.ts';

/** What a user may do in a namespace, as far as it can be listed (SubjectRulesReviewStatus). */
export interface ResolvedRules {
  readonly resourceRules: readonly JsonObject[];
  readonly nonResourceRules: readonly JsonObject[];
  /** Something allows or denies that cannot be listed. */
  readonly incomplete: boolean;
  readonly error?: string;
}

/** Lists what a user may do. */
export interface RuleResolver {
  rulesFor(user: UserInfo, namespace: string): ResolvedRules;
}

/** The rules of all of them, in their order. */
export function unionOfRules(resolvers: readonly RuleResolver[]): RuleResolver {
  return {
    rulesFor(user, namespace) {
      const all = resolvers.map((resolver) => resolver.rulesFor(user, namespace));
      const errors = all.flatMap(({ error }) => (error === undefined ? [] : [error]));
      return {
        resourceRules: all.flatMap((rules) => rules.resourceRules),
        nonResourceRules: all.flatMap((rules) => rules.nonResourceRules),
        incomplete: all.some((rules) => rules.incomplete),
        ...(errors.length > 0 && { error: aggregate(errors) }),
      };
    },
  };
}

/** Says that what an authorizer of this kind allows cannot be listed. */
export function unlistable(error: string): RuleResolver {
  return { rulesFor: () => ({ resourceRules: [], nonResourceRules: [], incomplete: true, error }) };
}

/** Nothing that can be listed. */
export const NO_RULES: RuleResolver = {
  rulesFor: () => ({ resourceRules: [], nonResourceRules: [], incomplete: false }),
};
