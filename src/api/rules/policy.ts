import { type FieldError, type KubeObject, Path, validatePathSegmentName } from 'nekube/apimachinery';
import { nextGeneration } from './apps/workload.ts';
import { checkConditions } from './conditions.ts';
import { semanticEqual } from './core/semantic-equal.ts';
import { invalidGo } from './go-struct.ts';
import { checkAtMost100Percent, checkIntOrPercent } from './int-or-percent.ts';
import { checkLabelSelector } from './label-selector.ts';
import type { ResourceRules } from './resource-rules.ts';
import { type Check, defined, fields, nonNegative, oneOf, validateWith } from './rule.ts';
import { ignoresStatus, prepare, writesStatus } from './strategy.ts';

const SPEC = Path.of('spec');

const checkAmount = defined(checkIntOrPercent, checkAtMost100Percent);

function checkSpec(allowInvalidLabelValue: boolean): Check {
  const checkFields = fields({
    minAvailable: checkAmount,
    maxUnavailable: checkAmount,
    selector: checkLabelSelector({ allowInvalidLabelValue }),
    unhealthyPodEvictionPolicy: oneOf('AlwaysAllow', 'IfHealthyBudget'),
  });
  return ({ spec = {} }, _, context) => {
    if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
      const detail = 'minAvailable and maxUnavailable cannot be both set';
      context.errors.push(invalidGo(SPEC, 'PodDisruptionBudgetSpec', spec, detail));
    }
    checkFields(spec, SPEC, context);
  };
}

function validateUpdate(budget: KubeObject, old: KubeObject): FieldError[] {
  const oldErrors = validateWith(fields({ spec: fields({ selector: checkLabelSelector() }) }), old);
  return validateWith(checkSpec(oldErrors.length > 0), budget, old);
}

const checkStatus = fields({
  status: fields({
    conditions: checkConditions,
    disruptionsAllowed: nonNegative,
    currentHealthy: nonNegative,
    desiredHealthy: nonNegative,
    expectedPods: nonNegative,
  }),
});

/** The rules of policy. */
export const policyRules: Readonly<Record<string, ResourceRules>> = {
  poddisruptionbudgets: {
    nameCheck: validatePathSegmentName,
    ...prepare(ignoresStatus, {
      prepareForCreate: (budget) => {
        budget.metadata.generation = 1;
      },
      prepareForUpdate: (budget, old) => {
        if (!semanticEqual(budget.spec, old.spec)) nextGeneration(budget, old);
      },
    }),
    validate: (budget) => validateWith(checkSpec(false), budget),
    validateUpdate,
    allowUnconditionalUpdate: false,
    subresources: {
      status: { ...writesStatus, validateUpdate: (budget, old) => validateWith(checkStatus, budget, old) },
    },
  },
};
