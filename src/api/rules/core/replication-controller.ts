import {
  type FieldError,
  forbidden,
  invalid,
  isDns1123Label,
  jsonEqual,
  notSupported,
  Path,
  required as requiredError,
} from 'nekube/apimachinery';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, type Loose, nonNegative, validateWith } from '../rule.ts';
import { takeOver, writesStatus } from '../strategy.ts';
import type { PodCheckOptions } from './pod-options.ts';
import {
  checkPodTemplateSpec,
  defaultPodTemplateSpec,
  podTemplateOptions,
  podTemplateWarnings,
  preparePodTemplate,
} from './pod-template.ts';
import { semanticEqual } from './semantic-equal.ts';

const SPEC = Path.of('spec');
const TEMPLATE = SPEC.child('template');

/** A controller without labels and selector takes the labels of its template for both. */
function defaultController(controller: Loose): void {
  const spec = (controller.spec ??= {});
  const labels = spec.template?.metadata?.labels;
  if (labels) {
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (Object.keys(controller.metadata.labels ?? {}).length === 0) controller.metadata.labels = { ...labels };
  }
  spec.replicas ??= 1;
  defaultPodTemplateSpec(spec.template);
}

function checkController(options: PodCheckOptions): Check {
  return ({ spec }, _, context) => {
    nonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), context);
    const { selector = {}, template } = spec;
    if (Object.keys(selector).length === 0) context.errors.push(requiredError(SPEC.child('selector')));
    nonNegative(spec.replicas, SPEC.child('replicas'), context);
    if (!template) return void context.errors.push(requiredError(TEMPLATE));
    const labels = template.metadata?.labels ?? {};
    if (Object.keys(selector).some((key) => labels[key] !== selector[key])) {
      const shown = Object.keys(labels).length === 0 ? null : labels;
      const at = TEMPLATE.child('metadata', 'labels');
      context.errors.push(invalid(at, shown, '`selector` does not match template `labels`'));
    }
    checkPodTemplateSpec(options)(template, TEMPLATE, context);
    checkLongRunning(template.spec ?? {}, context.errors);
  };
}

/** Pods of a controller run for ever. */
function checkLongRunning({ restartPolicy, activeDeadlineSeconds }: Loose, errors: FieldError[]): void {
  const path = TEMPLATE.child('spec');
  if (restartPolicy !== 'Always') errors.push(notSupported(path.child('restartPolicy'), restartPolicy, ['Always']));
  if (activeDeadlineSeconds === undefined) return;
  const detail = 'activeDeadlineSeconds in ReplicationController is not Supported';
  errors.push(forbidden(path.child('activeDeadlineSeconds'), detail));
}

const COUNTS = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'];

const checkStatus: Check = ({ status = {} }, _, context) => {
  const path = Path.of('status');
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  for (const field of COUNTS) nonNegative(status[field], path.child(field), context);
  for (const field of ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']) {
    const count = status[field] ?? 0;
    if (count > replicas)
      context.errors.push(invalid(path.child(field), count, 'cannot be greater than status.replicas'));
  }
  if (availableReplicas <= readyReplicas) return;
  const detail = 'cannot be greater than readyReplicas';
  context.errors.push(invalid(path.child('availableReplicas'), availableReplicas, detail));
};

/** The rules of replication controllers. */
export const replicationControllerRules: ResourceRules = {
  defaults: { '*': defaultController },
  prepareForCreate: (controller) => {
    delete controller.status;
    controller.metadata.generation = 1;
    preparePodTemplate(controller.spec.template, undefined);
  },
  prepareForUpdate: (controller, old) => {
    takeOver(controller, old, 'status');
    preparePodTemplate(controller.spec.template, old.spec.template);
    if (semanticEqual(controller.spec, old.spec)) return;
    controller.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate: (controller) => validateWith(checkController({}), controller),
  validateUpdate: (controller, old) => {
    const options = podTemplateOptions(controller.spec.template, old.spec.template);
    return validateWith(checkController(options), controller, old);
  },
  warnings: (controller, old) => {
    if (!old)
      return [
        ...nameWarnings(controller.metadata.name ?? ''),
        ...podTemplateWarnings(controller.spec.template, undefined, TEMPLATE),
      ];
    // As upstream, an update warns about the template that was there before it.
    const changed = !jsonEqual(controller.metadata.generation ?? 0, old.metadata.generation ?? 0);
    return changed ? podTemplateWarnings(old.spec.template, undefined, TEMPLATE) : [];
  },
  resetFields: [['status']],
  subresources: {
    status: { ...writesStatus, validateUpdate: (controller, old) => validateWith(checkStatus, controller, old) },
  },
  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
  defaultGarbageCollection: 'orphan',
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
};

function nameWarnings(name: string): string[] {
  const problems = isDns1123Label(name);
  if (problems.length === 0) return [];
  const text = 'this is used in Pod names and hostnames, which can result in surprising behavior';
  return [`metadata.name: ${text}; a DNS label is recommended: [${problems.join(' ')}]`];
}
