import { mutatingPolicyBindingRules, validatingPolicyBindingRules } from './admissionregistration/policy-binding.ts';
import { mutatingPolicyRules, validatingPolicyRules } from './admissionregistration/policy.ts';
import { mutatingWebhookRules, validatingWebhookRules } from './admissionregistration/webhooks.ts';
import type { ResourceRules } from './resource-rules.ts';

/** The rules of admissionregistration.k8s.io. Expressions are checked to be there, not compiled. */
export const admissionregistrationRules: Readonly<Record<string, ResourceRules>> = {
  mutatingadmissionpolicies: mutatingPolicyRules,
  mutatingadmissionpolicybindings: mutatingPolicyBindingRules,
  mutatingwebhookconfigurations: mutatingWebhookRules,
  validatingadmissionpolicies: validatingPolicyRules,
  validatingadmissionpolicybindings: validatingPolicyBindingRules,
  validatingwebhookconfigurations: validatingWebhookRules,
};
