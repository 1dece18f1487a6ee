/**
 * Role-based access control: who may do what by the roles and bindings in storage.
 *
 * What it does not have: the aggregation of cluster roles, which is a controller's.
 */
import { goQuote, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import type { Authorizer } from '../authorizer.ts';
import type { RuleResolver } from '../rule-resolver.ts';
import { aggregate } from '../union.ts';
import { describeBinding } from './bindings.ts';
import { type PolicyRule, ruleAllows } from './policy-rule.ts';
import type { RoleRef, RoleRules } from './role-rules.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** Allows what a rule allows. It never denies, and tells of roles that bindings refer to in vain. */
export function rbacAuthorizer(roles: RoleRules): Authorizer & RuleResolver {
  return {
    authorize(attributes) {
      const errors: string[] = [];
      let by: string | undefined;
      roles.visit(attributes.user, attributes.resourceRequest ? attributes.namespace : '', {
        rule(rule, binding) {
          if (!ruleAllows(rule, attributes)) return false;
          by = describeBinding(binding);
          return true;
        },
        missing: (role) => void errors.push(roleNotFound(role)),
      });
      if (by !== undefined) return { decision: 'allow', reason: `RBAC: allowed by ${by}` };
      return { decision: 'no-opinion', reason: errors.length > 0 ? `RBAC: ${aggregate(errors)}` : '' };
    },
    rulesFor(user, namespace) {
      const { rules, missing } = roles.rulesFor(user, namespace);
      return {
        resourceRules: rules.filter(({ resources }) => resources?.length).map(asResourceRule),
        nonResourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs?.length).map(asNonResourceRule),
        incomplete: false,
        ...(missing.length > 0 && { error: aggregate(missing.map(roleNotFound)) }),
      };
    },
  };
}

function roleNotFound({ kind = '', name = '' }: RoleRef): string {
  return `${kind.toLowerCase()}.${GROUP} ${goQuote(name)} not found`;
}

function asResourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): JsonObject {
  return plain({ verbs, apiGroups, resources, resourceNames });
}

function asNonResourceRule({ verbs, nonResourceURLs }: PolicyRule): JsonObject {
  return plain({ verbs, nonResourceURLs });
}

function plain(rule: PolicyRule): JsonObject {
  const given = Object.entries(rule).filter(([, list]) => list !== undefined && list !== null);
  return Object.fromEntries(given.map(([field, list]) => [field, [...list] as JsonValue]));
}
