import {
  invalid,
  jsonEqual,
  type KubeObject,
  nameIsDnsSubdomain,
  type Path,
  parseQuantity,
  required as requiredError,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, type Checks, fields, type Loose, type RuleContext, validateWith } from '../rule.ts';
import { ignoresStatus, prepare, writesStatus } from '../strategy.ts';
import { roundUpAmounts } from './amounts.ts';
import { checkResourceAmount, checkResourceName } from './resources.ts';

const podCompute = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];
const podQuota = ['pods', ...podCompute];
const quotaResources = [
  ...podQuota,
  ...['ephemeral-storage', 'requests.storage', 'requests.ephemeral-storage', 'limits.ephemeral-storage'],
  ...['resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'persistentvolumeclaims', 'configmaps'],
  ...['services.nodeports', 'services.loadbalancers'],
];

/** Scopes, and which of the resources that Kubernetes knows each can be applied to. */
const scopes: Readonly<Record<string, readonly string[]>> = {
  Terminating: podQuota,
  NotTerminating: podQuota,
  BestEffort: ['pods'],
  NotBestEffort: podQuota,
  PriorityClass: podQuota,
  CrossNamespacePodAffinity: podQuota,
  VolumeAttributesClass: ['persistentvolumeclaims', 'requests.storage'],
};
const existsOnly = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];
const conflicts = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

const checkAmounts: Check = (amounts, path, context) => {
  for (const name of Object.keys(amounts ?? {}).sort()) {
    checkQuotaName(name, path.key(name), context);
    checkResourceAmount(name, amounts[name], path.key(name), context.errors);
  }
};

const specChecks: Checks = fields({ spec: [fields({ hard: checkAmounts }), checkScopes, checkScopeSelector] });
const statusChecks: Checks = fields({ status: fields({ hard: checkAmounts, used: checkAmounts }) });
const updateChecks: Checks = [specChecks, fields({ spec: fields({ scopes: checkSameScopes }) })].flat();

/** Resource quotas. What is used is counted elsewhere. */
export const resourceQuotaRules: ResourceRules = {
  ...prepare(ignoresStatus),
  defaults: { '*': defaultResourceQuota },
  nameCheck: nameIsDnsSubdomain,
  validate: (quota) => validateWith(specChecks, quota),
  validateUpdate: (quota, old) => validateWith(updateChecks, quota, old),
  warnings: (quota, old) => (old ? [] : quotaWarnings(quota)),
  subresources: {
    status: { ...writesStatus, validateUpdate: (quota, old) => validateWith(statusChecks, quota, old) },
  },
  returnsDeletedObject: true,
};

function checkQuotaName(name: string, path: Path, context: RuleContext): void {
  checkResourceName(name, path, context);
  if (name.includes('/') || isKnown(name)) return;
  context.errors.push(invalid(path, name, 'must be a standard resource for quota'));
}

function isKnown(name: string): boolean {
  return quotaResources.includes(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-');
}

/** Resources of `hard` that Kubernetes knows and the scope does not count; unknown scopes take all. */
function misplaced(hard: Loose, scope: string): string[] {
  const fitting = scopes[scope];
  return Object.keys(hard ?? {}).filter((name) => fitting && isKnown(name) && !fitting.includes(name));
}

function checkScopes(spec: Loose, path: Path, { errors }: RuleContext): void {
  const at = path.child('scopes');
  const given: string[] = spec.scopes ?? [];
  for (const scope of given) {
    if (!(scope in scopes)) errors.push(invalid(at, given, 'unsupported scope'));
    for (const _ of misplaced(spec.hard, scope)) {
      errors.push(invalid(at, given, 'unsupported scope applied to resource'));
    }
  }
  for (const pair of conflicts) {
    if (pair.every((scope) => given.includes(scope))) errors.push(invalid(at, given, 'conflicting scopes'));
  }
}

function checkScopeSelector(spec: Loose, path: Path, context: RuleContext): void {
  if (!spec.scopeSelector) return;
  const at = path.child('scopeSelector', 'matchExpressions');
  const requirements: Loose[] = spec.scopeSelector.matchExpressions ?? [];
  for (const requirement of requirements) checkRequirement(requirement, spec, at, context);
  const named = requirements.map(({ scopeName }) => scopeName);
  for (const pair of conflicts) {
    if (!pair.every((scope) => named.includes(scope))) continue;
    context.errors.push(invalid(at, spec.scopes ?? null, 'conflicting scopes'));
  }
}

function checkRequirement(requirement: Loose, spec: Loose, path: Path, { errors }: RuleContext): void {
  const { scopeName = '', operator = '', values = [] } = requirement;
  if (!(scopeName in scopes)) errors.push(invalid(path.child('scopeName'), scopeName, 'unsupported scope'));
  for (const _ of misplaced(spec.hard, scopeName)) {
    errors.push(invalidGo(path, 'ScopeSelector', spec.scopeSelector, 'unsupported scope applied to resource'));
  }
  if (existsOnly.includes(scopeName) && operator !== 'Exists') {
    const names = 'ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort';
    const more = 'ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity';
    const detail = `must be 'Exists' when scope is any of ${names}, ${more}`;
    errors.push(invalid(path.child('operator'), operator, detail));
  }
  const at = path.child('values');
  if (operator === 'In' || operator === 'NotIn') {
    const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    if (values.length === 0) errors.push(requiredError(at, detail));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    if (values.length !== 0) errors.push(invalid(at, values, detail));
  } else errors.push(invalid(path.child('operator'), operator, 'not a valid selector operator'));
}

function checkSameScopes(scopesNow: Loose, path: Path, { errors, old }: RuleContext): void {
  const set = (names: string[] | undefined) => [...new Set(names ?? [])].sort();
  if (jsonEqual(set(scopesNow), set(old.spec.scopes))) return;
  errors.push(invalid(path, scopesNow, 'field is immutable'));
}

function quotaWarnings({ spec }: KubeObject): string[] {
  const hard: Record<string, string> = spec?.hard ?? {};
  return ['cpu', 'memory', 'storage', 'ephemeral-storage'].flatMap((name) => {
    const bare = name === 'cpu' || name === 'memory' ? name : '';
    const request = [`requests.${name}`, bare].find((key) => hard[key] !== undefined);
    const limit = `limits.${name}`;
    if (request === undefined || hard[limit] === undefined) return [];
    if (parseQuantity(hard[request]!).cmp(parseQuantity(hard[limit]!)) <= 0) return [];
    return [`ResourceQuota ${request} (${hard[request]}) should be less than ${limit} (${hard[limit]})`];
  });
}

function defaultResourceQuota({ spec, status }: KubeObject): void {
  for (const holder of [spec, status]) roundUpAmounts(holder?.hard);
  roundUpAmounts(status?.used);
}
