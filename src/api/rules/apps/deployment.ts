import { forbidden, invalid, jsonEqual, Path, required as requiredError } from 'nekube/apimachinery';
import type { PodCheckOptions } from '../core/pod-options.ts';
import { defaultPodTemplateSpec, podTemplateWarnings, preparePodTemplate } from '../core/pod-template.ts';
import { semanticEqual } from '../core/semantic-equal.ts';
import { checkAtMost100Percent, checkIntOrPercent, intOrPercentValue } from '../int-or-percent.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, fields, type Loose, nonNegative, validateWith } from '../rule.ts';
import { ignoresStatus, prepare, takeOver } from '../strategy.ts';
import { checkReplicaTemplate, validateTemplateUpdate } from './replica-set.ts';
import {
  at,
  checkCollisionCount,
  checkCounts,
  checkWorkloadSelector,
  generationChanged,
  nextGeneration,
  notSupportedGo,
  podNameWarnings,
} from './workload.ts';

const SPEC = Path.of('spec');
const TEMPLATE = SPEC.child('template');

function defaultDeployment(deployment: Loose): void {
  const spec = (deployment.spec ??= {});
  spec.replicas ??= 1;
  const strategy = (spec.strategy ??= {});
  if (!strategy.type) strategy.type = 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= '25%';
    rolling.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  spec.template ??= {};
  defaultPodTemplateSpec(spec.template);
}

const checkRollingUpdate: Check = (rolling, path, context) => {
  const { maxUnavailable = 0, maxSurge = 0 } = rolling;
  fields({ maxUnavailable: checkIntOrPercent, maxSurge: checkIntOrPercent })(rolling, path, context);
  if (intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0) {
    const detail = 'may not be 0 when `maxSurge` is 0';
    context.errors.push(invalid(path.child('maxUnavailable'), maxUnavailable, detail));
  }
  checkAtMost100Percent(maxUnavailable, path.child('maxUnavailable'), context);
};

const checkStrategy: Check = (strategy, path, context) => {
  const { type, rollingUpdate } = strategy;
  const rolling = path.child('rollingUpdate');
  if (type === 'Recreate') {
    if (rollingUpdate)
      context.errors.push(forbidden(rolling, "may not be specified when strategy `type` is 'Recreate'"));
  } else if (type === 'RollingUpdate') {
    if (rollingUpdate) checkRollingUpdate(rollingUpdate, rolling, context);
    else context.errors.push(requiredError(rolling, 'this should be defaulted and never be nil'));
  } else context.errors.push(notSupportedGo(path, 'DeploymentStrategy', strategy, ['Recreate', 'RollingUpdate']));
};

const checkProgressDeadline: Check = (spec, path, context) => {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  if (deadline === undefined) return;
  const field = path.child('progressDeadlineSeconds');
  nonNegative(deadline, field, context);
  if (deadline <= minReadySeconds)
    context.errors.push(invalid(field, deadline, 'must be greater than minReadySeconds'));
};

function checkSpec(options: PodCheckOptions): Check {
  return ({ spec = {} }, _, context) => {
    nonNegative(spec.replicas, SPEC.child('replicas'), context);
    checkWorkloadSelector('deployment')(spec.selector, SPEC.child('selector'), context);
    checkReplicaTemplate(spec, options, context);
    checkStrategy(spec.strategy ?? {}, SPEC.child('strategy'), context);
    fields({ minReadySeconds: nonNegative, revisionHistoryLimit: nonNegative })(spec, SPEC, context);
    checkProgressDeadline(spec, SPEC, context);
  };
}

const checkStatus = checkCounts(
  [
    'observedGeneration',
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
    'terminatingReplicas',
    'collisionCount',
  ],
  [
    ['updatedReplicas', 'replicas', 'cannot be greater than status.replicas'],
    ['readyReplicas', 'replicas', 'cannot be greater than status.replicas'],
    ['availableReplicas', 'replicas', 'cannot be greater than status.replicas'],
    ['availableReplicas', 'readyReplicas', 'cannot be greater than readyReplicas'],
  ],
);

/** The rules of deployments. */
export const deploymentRules: ResourceRules = {
  defaults: { '*': defaultDeployment },
  ...prepare(ignoresStatus, {
    prepareForCreate: (deployment) => {
      deployment.metadata.generation = 1;
      preparePodTemplate(deployment.spec.template, undefined);
    },
    // annotations count too: they are copied to the replica sets
    prepareForUpdate: (deployment, old) => {
      preparePodTemplate(deployment.spec.template, old.spec?.template);
      const sameAnnotations = jsonEqual(deployment.metadata.annotations ?? {}, old.metadata.annotations ?? {});
      if (!sameAnnotations || !semanticEqual(deployment.spec, old.spec)) nextGeneration(deployment, old);
    },
  }),
  validate: (deployment) => validateWith(checkSpec({}), deployment),
  validateUpdate: (deployment, old) => validateTemplateUpdate(checkSpec, deployment, old),
  warnings: (deployment, old) => {
    const { template } = deployment.spec;
    if (!old)
      return [
        ...podNameWarnings(deployment.metadata.name ?? ''),
        ...podTemplateWarnings(template, undefined, TEMPLATE),
      ];
    return generationChanged(deployment, old) ? podTemplateWarnings(template, old.spec?.template, TEMPLATE) : [];
  },
  subresources: {
    status: {
      prepareForUpdate: (deployment, old) => {
        takeOver(deployment, old, 'spec');
        if (old.metadata.labels === undefined) delete deployment.metadata.labels;
        else deployment.metadata.labels = old.metadata.labels;
      },
      validateUpdate: (deployment, old) =>
        validateWith(at(Path.of('status'), 'status', checkStatus, checkCollisionCount), deployment, old),
      resetFields: [['spec'], ['metadata', 'labels']],
    },
  },
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
};
