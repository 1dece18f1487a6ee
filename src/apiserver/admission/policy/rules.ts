import { admissionregistrationRulesWith, type ResourceRules } from 'nekube/api';
import { ExpressionCompiler } from './compiler.ts';

/** The rules of admissionregistration.k8s.io, by `group/resource`, by which expressions must compile. */
export function policyRules(): [string, ResourceRules][] {
  const rules = admissionregistrationRulesWith({ compiler: (variables) => new ExpressionCompiler({ variables }) });
  return Object.entries(rules).map(([resource, own]) => [`admissionregistration.k8s.io/${resource}`, own]);
}
