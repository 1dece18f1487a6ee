import { type FieldError, invalid, type KubeObject, Path, required as requiredError } from 'nekube/apimachinery';
import type { PodCheckOptions } from '../core/pod-options.ts';
import {
  checkPodTemplateSpec,
  defaultPodTemplateSpec,
  podTemplateOptions,
  podTemplateWarnings,
  preparePodTemplate,
} from '../core/pod-template.ts';
import { semanticEqual } from '../core/semantic-equal.ts';
import { checkAtMost100Percent, checkIntOrPercent, intOrPercentValue } from '../int-or-percent.ts';
import { checkLabelSelector, hasInvalidLabelValue } from '../label-selector.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, checkImmutable, fields, type Loose, nonNegative, validateWith } from '../rule.ts';
import { ignoresStatus, prepare, writesStatus } from '../strategy.ts';
import {
  at,
  checkCollisionCount,
  checkCounts,
  checkLongRunning,
  checkTemplateLabels,
  compileSelector,
  isEmptySelector,
  nextGeneration,
  notSupportedGo,
} from './workload.ts';

const SPEC = Path.of('spec');
const TEMPLATE = SPEC.child('template');
/** Where apps/v1 keeps the generation of the template, which earlier versions had in the spec. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

function defaultDaemonSet(set: Loose): void {
  const spec = (set.spec ??= {});
  const strategy = (spec.updateStrategy ??= {});
  if (!strategy.type) strategy.type = 'RollingUpdate';
  const isRolling = strategy.type === 'RollingUpdate';
  if (isRolling) strategy.rollingUpdate ??= {};
  if (strategy.rollingUpdate) {
    strategy.rollingUpdate.maxUnavailable ??= isRolling ? 1 : 0;
    strategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  spec.template ??= {};
  defaultPodTemplateSpec(spec.template);
  // every object of this version has it, as the conversion from the internal one writes it; so a client owns it too
  setTemplateGeneration(set, templateGenerationOf(set));
}

function templateGenerationOf({ metadata }: KubeObject): number {
  return Number(metadata.annotations?.[TEMPLATE_GENERATION] ?? 0);
}

function setTemplateGeneration({ metadata }: KubeObject, generation: number): void {
  const annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
  metadata.annotations = Object.fromEntries(Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const checkRollingUpdate: Check = (rolling, path, context) => {
  const { maxUnavailable = 0, maxSurge = 0 } = rolling;
  fields({ maxUnavailable: checkIntOrPercent, maxSurge: checkIntOrPercent })(rolling, path, context);
  fields({ maxUnavailable: checkAtMost100Percent, maxSurge: checkAtMost100Percent })(rolling, path, context);
  const unavailable = intOrPercentValue(maxUnavailable) !== 0;
  const surge = intOrPercentValue(maxSurge) !== 0;
  if (unavailable && surge) {
    context.errors.push(invalid(path.child('maxSurge'), maxSurge, 'may not be set when maxUnavailable is non-zero'));
  } else if (!unavailable && !surge) {
    context.errors.push(requiredError(path.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0'));
  }
};

const checkStrategy: Check = (strategy, path, context) => {
  const { type, rollingUpdate } = strategy;
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate')
    context.errors.push(notSupportedGo(path, 'DaemonSetUpdateStrategy', strategy, ['RollingUpdate', 'OnDelete']));
  else if (rollingUpdate) checkRollingUpdate(rollingUpdate, path.child('rollingUpdate'), context);
  else context.errors.push(requiredError(path.child('rollingUpdate')));
};

function checkSpec(options: PodCheckOptions, allowInvalidLabelValue = false): Check {
  return ({ spec = {} }, _, context) => {
    const { selector, template = {} } = spec;
    const field = SPEC.child('selector');
    checkLabelSelector({ allowInvalidLabelValue })(selector, field, context);
    const compiled = compileSelector(selector);
    if (compiled !== undefined) checkTemplateLabels(compiled, template, TEMPLATE, context.errors);
    if (selector && isEmptySelector(selector))
      context.errors.push(invalid(field, selector, 'empty selector is invalid for daemonset'));
    checkPodTemplateSpec(options)(template, TEMPLATE, context);
    checkLongRunning('DaemonSet')(template, TEMPLATE, context);
    nonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), context);
    checkStrategy(spec.updateStrategy ?? {}, SPEC.child('updateStrategy'), context);
    nonNegative(spec.revisionHistoryLimit, SPEC.child('revisionHistoryLimit'), context);
  };
}

const COUNTS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
];
const checkStatus = at(Path.of('status'), 'status', checkCounts(COUNTS, []), checkCollisionCount);

function validateUpdate(set: KubeObject, old: KubeObject): FieldError[] {
  const options = podTemplateOptions(set.spec?.template, old.spec?.template);
  const keepsLabelValue = options.allowInvalidLabelValueInSelector || hasInvalidLabelValue(old.spec?.selector);
  const errors: FieldError[] = [];
  checkImmutable(set.spec?.selector, old.spec?.selector, SPEC.child('selector'), errors);
  return [...errors, ...validateWith(checkSpec(options, keepsLabelValue), set, old)];
}

/** The rules of daemon sets. */
export const daemonSetRules: ResourceRules = {
  internalAnnotations: [TEMPLATE_GENERATION],
  versionedAnnotations: [TEMPLATE_GENERATION],
  defaults: { '*': defaultDaemonSet },
  ...prepare(ignoresStatus, {
    prepareForCreate: (set) => {
      set.metadata.generation = 1;
      setTemplateGeneration(set, Math.max(templateGenerationOf(set), 1));
      preparePodTemplate(set.spec.template, undefined);
    },
    prepareForUpdate: (set, old) => {
      preparePodTemplate(set.spec.template, old.spec?.template);
      const generation = templateGenerationOf(old);
      const sameTemplate = semanticEqual(set.spec.template, old.spec?.template);
      setTemplateGeneration(set, sameTemplate ? generation : generation + 1);
      if (!sameTemplate || !semanticEqual(set.spec, old.spec)) nextGeneration(set, old);
    },
  }),
  validate: (set) => validateWith(checkSpec({}), set),
  validateUpdate,
  warnings: (set, old) =>
    !old || templateGenerationOf(set) !== templateGenerationOf(old)
      ? podTemplateWarnings(set.spec.template, old?.spec?.template, TEMPLATE)
      : [],
  subresources: {
    status: {
      ...prepare(writesStatus, {
        // it is a part of the spec, whatever the annotations of the request are
        prepareForUpdate: (set, old) => setTemplateGeneration(set, templateGenerationOf(old)),
      }),
      validateUpdate: (set, old) => validateWith(checkStatus, set, old),
    },
  },
};
