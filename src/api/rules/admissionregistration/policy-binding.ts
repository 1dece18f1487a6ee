import {
  duplicate,
  invalid,
  type KubeObject,
  nameIsDnsSubdomain,
  notSupported,
  required as requiredError,
} from 'nekube/apimachinery';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, type Checks, fields, matches, requiredAnd, validateWith } from '../rule.ts';
import { countsGeneration, prepare } from '../strategy.ts';
import {
  checkMatchResources,
  checkMutatingOperations,
  checkParamRef,
  defaultPolicyBinding,
} from './match-resources.ts';
import { staticNameWarnings } from './static-name.ts';

const actions = ['Audit', 'Deny', 'Warn'];
const checkPolicyName = requiredAnd(
  '',
  matches((name) => nameIsDnsSubdomain(name, false)),
);

const checkActions: Check = (list, path, { errors }) => {
  const given: string[] = list ?? [];
  given.forEach((action, i) => {
    if (!actions.includes(action)) errors.push(notSupported(path.index(i), action, actions));
    if (given.indexOf(action) !== i) errors.push(duplicate(path.index(i), action));
  });
  if (given.includes('Deny') && given.includes('Warn')) {
    const why = 'repeating the same validation failure information in the API response and headers serves no purpose';
    errors.push(invalid(path, given, `must not contain both Deny and Warn (${why})`));
  }
  if (given.length === 0) errors.push(requiredError(path, 'at least one validation action is required'));
};

const validatingChecks: Checks = fields({
  spec: fields({
    policyName: checkPolicyName,
    paramRef: checkParamRef,
    matchResources: checkMatchResources,
    validationActions: checkActions,
  }),
});

const mutatingChecks: Checks = fields({
  spec: fields({
    policyName: checkPolicyName,
    paramRef: checkParamRef,
    matchResources: [checkMatchResources, checkMutatingOperations],
  }),
});

function bindingRules(checks: Checks): ResourceRules {
  return {
    ...prepare(countsGeneration('spec')),
    defaults: { '*': (binding: KubeObject) => defaultPolicyBinding(binding) },
    nameCheck: nameIsDnsSubdomain,
    validate: (binding) => validateWith(checks, binding),
    validateUpdate: (binding, old) => validateWith(checks, binding, old),
    warnings: staticNameWarnings,
    allowUnconditionalUpdate: false,
  };
}

/** What validating policies are applied to, and what follows. */
export const validatingPolicyBindingRules: ResourceRules = bindingRules(validatingChecks);

/** What mutating policies are applied to. */
export const mutatingPolicyBindingRules: ResourceRules = bindingRules(mutatingChecks);
