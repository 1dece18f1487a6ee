import { type PolicyExpressions, uncompiled } from './admissionregistration/expressions.ts';
import { mutatingPolicyBindingRules, validatingPolicyBindingRules } from './admissionregistration/policy-binding.ts';
import { mutatingPolicyRules, validatingPolicyRules } from './admissionregistration/policy.ts';
import { mutatingWebhookRules, validatingWebhookRules } from './admissionregistration/webhooks.ts';
import type { ResourceRules } from './resource-rules.ts';

/** The rules of admissionregistration.k8s.io, with what compiles the expressions in its objects. */
export function admissionregistrationRulesWith(
  expressions: PolicyExpressions,
): Readonly<Record<string, ResourceRules>> {
  return {
    mutatingadmissionpolicies: mutatingPolicyRules(expressions),
    mutatingadmissionpolicybindings: mutatingPolicyBindingRules,
    mutatingwebhookconfigurations: mutatingWebhookRules(expressions),
    validatingadmissionpolicies: validatingPolicyRules(expressions),
    validatingadmissionpolicybindings: validatingPolicyBindingRules,
    validatingwebhookconfigurations: validatingWebhookRules(expressions),
  };
}

/** The same rules where expressions are checked to be there, not compiled. */
export const admissionregistrationRules: Readonly<Record<string, ResourceRules>> =
  admissionregistrationRulesWith(uncompiled);
