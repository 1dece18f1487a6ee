import {
  forbidden,
  type KubeObject,
  nameIsDnsSubdomain,
  notSupported,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import type { ResourceRules } from './resource-rules.ts';
import {
  type Check,
  type Checks,
  checkImmutable,
  defined,
  fields,
  type Loose,
  type RuleContext,
  validateWith,
} from './rule.ts';
import { prepare } from './strategy.ts';

const systemPrefix = 'system-';
const highestUserValue = 1_000_000_000;
/** The classes that Kubernetes itself makes, with their values; none is the default class. */
const systemClasses: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

const checkPolicy: Check = (policy, path, { errors }) => {
  if (policy === '') errors.push(requiredError(path));
  else if (policy !== 'PreemptLowerPriority' && policy !== 'Never') {
    errors.push(notSupported(path, policy, ['PreemptLowerPriority', 'Never']));
  }
};

const checks: Checks = [checkName, fields({ preemptionPolicy: defined(checkPolicy) })];

/** The rules of scheduling.k8s.io. */
export const schedulingRules: Readonly<Record<string, ResourceRules>> = {
  priorityclasses: {
    ...prepare({
      prepareForCreate: ({ metadata }) => {
        metadata.generation = 1;
      },
    }),
    defaults: { '*': defaultPriorityClass },
    nameCheck: nameIsDnsSubdomain,
    validate: (priorityClass) => validateWith(checks, priorityClass),
    validateUpdate: (priorityClass, old) => validateWith(checkUnchanged, priorityClass, old),
  },
};

function defaultPriorityClass(priorityClass: KubeObject): void {
  priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
}

function checkName({ metadata, value = 0, globalDefault = false }: Loose, path: Path, { errors }: RuleContext): void {
  const name: string = metadata.name ?? '';
  if (name.startsWith(systemPrefix)) {
    const fault = systemFault(name, value, globalDefault);
    if (fault === undefined) return;
    const detail = `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${fault}`;
    errors.push(forbidden(path.child('metadata', 'name'), detail));
  } else if (value > highestUserValue) {
    const detail = `maximum allowed value of a user defined priority is ${highestUserValue}`;
    errors.push(forbidden(path.child('value'), detail));
  }
}

function systemFault(name: string, value: number, globalDefault: boolean): string | undefined {
  const wanted = systemClasses[name];
  if (wanted === undefined) return `${name} is not a known system priority class`;
  if (value !== wanted) return `value of ${name} PriorityClass must be ${wanted}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function checkUnchanged(priorityClass: Loose, path: Path, { errors, old }: RuleContext): void {
  if ((priorityClass.value ?? 0) !== (old.value ?? 0)) {
    errors.push(forbidden(path.child('value'), 'may not be changed in an update.'));
  }
  checkImmutable(priorityClass.preemptionPolicy, old.preemptionPolicy, path.child('preemptionPolicy'), errors);
}
