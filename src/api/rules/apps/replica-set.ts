import { type FieldError, invalid, type KubeObject, Path } from 'nekube/apimachinery';
import type { PodCheckOptions } from '../core/pod-options.ts';
import {
  checkPodTemplateSpec,
  defaultPodTemplateSpec,
  podTemplateOptions,
  podTemplateWarnings,
  preparePodTemplate,
} from '../core/pod-template.ts';
import { semanticEqual } from '../core/semantic-equal.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, checkImmutable, type Loose, nonNegative, validateWith } from '../rule.ts';
import { ignoresStatus, prepare, writesStatus } from '../strategy.ts';
import {
  at,
  checkCounts,
  checkLongRunning,
  checkTemplateLabels,
  checkWorkloadSelector,
  compileSelector,
  generationChanged,
  nextGeneration,
  podNameWarnings,
} from './workload.ts';

const SPEC = Path.of('spec');
const TEMPLATE = SPEC.child('template');

/** Selector and template as replica sets, and deployments for them, have them. */
export function checkReplicaTemplate(spec: Loose, options: PodCheckOptions, context: Parameters<Check>[2]): void {
  const selector = compileSelector(spec.selector);
  if (selector === undefined) {
    context.errors.push(invalid(SPEC.child('selector'), spec.selector, 'invalid label selector'));
    return;
  }
  const template = spec.template ?? {};
  checkTemplateLabels(selector, template, TEMPLATE, context.errors);
  checkPodTemplateSpec(options)(template, TEMPLATE, context);
  checkLongRunning('ReplicaSet')(template, TEMPLATE, context);
}

function checkSpec(options: PodCheckOptions): Check {
  return ({ spec = {} }, _, context) => {
    nonNegative(spec.replicas, SPEC.child('replicas'), context);
    nonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), context);
    checkWorkloadSelector('deployment')(spec.selector, SPEC.child('selector'), context);
    checkReplicaTemplate(spec, options, context);
  };
}

/** A template's selector may not change once it is stored. */
export const checkSelectorUnchanged: Check = (object, _, { errors, old }) =>
  checkImmutable(object.spec?.selector, old.spec?.selector, SPEC.child('selector'), errors);

/** Validates an update of something with a template in its spec. */
export function validateTemplateUpdate(
  check: (options: PodCheckOptions) => Check,
  object: KubeObject,
  old: KubeObject,
): FieldError[] {
  const options = podTemplateOptions(object.spec?.template, old.spec?.template);
  return validateWith([check(options), checkSelectorUnchanged], object, old);
}

const checkStatus = checkCounts(
  [
    'replicas',
    'fullyLabeledReplicas',
    'readyReplicas',
    'availableReplicas',
    'observedGeneration',
    'terminatingReplicas',
  ],
  [
    ['fullyLabeledReplicas', 'replicas', 'cannot be greater than status.replicas'],
    ['readyReplicas', 'replicas', 'cannot be greater than status.replicas'],
    ['availableReplicas', 'replicas', 'cannot be greater than status.replicas'],
    ['availableReplicas', 'readyReplicas', 'cannot be greater than readyReplicas'],
  ],
);

/** The rules of replica sets. */
export const replicaSetRules: ResourceRules = {
  defaults: {
    '*': (set) => {
      const spec = (set.spec ??= {});
      spec.replicas ??= 1;
      spec.template ??= {};
      defaultPodTemplateSpec(spec.template);
    },
  },
  ...prepare(ignoresStatus, {
    prepareForCreate: (set) => {
      set.metadata.generation = 1;
      preparePodTemplate(set.spec.template, undefined);
    },
    prepareForUpdate: (set, old) => {
      preparePodTemplate(set.spec.template, old.spec?.template);
      if (!semanticEqual(set.spec, old.spec)) nextGeneration(set, old);
    },
  }),
  validate: (set) => validateWith(checkSpec({}), set),
  validateUpdate: (set, old) => validateTemplateUpdate(checkSpec, set, old),
  warnings: (set, old) => {
    if (!old)
      return [
        ...podNameWarnings(set.metadata.name ?? ''),
        ...podTemplateWarnings(set.spec.template, undefined, TEMPLATE),
      ];
    return generationChanged(set, old) ? podTemplateWarnings(set.spec.template, old.spec?.template, TEMPLATE) : [];
  },
  subresources: {
    status: {
      ...writesStatus,
      validateUpdate: (set, old) => validateWith(at(Path.of('status'), 'status', checkStatus), set, old),
    },
  },
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
};
