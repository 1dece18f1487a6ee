import {
  invalid,
  isValidPathSegmentName,
  jsonEqual,
  type KubeObject,
  type NameCheck,
  nameIsDnsSubdomain,
  notSupported,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { invalidGo } from './go-struct.ts';
import { checkLabelSelector, hasInvalidLabelValue } from './label-selector.ts';
import { validateMetaChanges } from './meta.ts';
import type { ResourceRules } from './resource-rules.ts';
import {
  type Check,
  type Checks,
  defined,
  each,
  fields,
  type Loose,
  matches,
  type RuleContext,
  requiredAnd,
  validateWith,
} from './rule.ts';

const group = 'rbac.authorization.k8s.io';

/** Names of users and groups as they come from outside, so all that a URL's path can hold. */
const nameCheck: NameCheck = (name) => isValidPathSegmentName(name);

function checkRule(namespaced: boolean): Check {
  return (rule, path, { errors }) => {
    const empty = (field: string) => !(rule[field]?.length > 0);
    if (empty('verbs')) errors.push(requiredError(path.child('verbs'), 'verbs must contain at least one value'));
    if (!empty('nonResourceURLs')) {
      const report = (detail: string) =>
        errors.push(invalid(path.child('nonResourceURLs'), rule.nonResourceURLs, detail));
      if (namespaced) report('namespaced rules cannot apply to non-resource URLs');
      if (!empty('apiGroups') || !empty('resources') || !empty('resourceNames')) {
        report('rules cannot apply to both regular resources and non-resource URLs');
      }
      return;
    }
    const groupsAt = path.child('apiGroups');
    if (empty('apiGroups')) errors.push(requiredError(groupsAt, 'resource rules must supply at least one api group'));
    const resourcesAt = path.child('resources');
    if (empty('resources')) errors.push(requiredError(resourcesAt, 'resource rules must supply at least one resource'));
  };
}

/** Unlike {@link oneOf}, also a missing text is unsupported. */
function only(...supported: string[]): Check {
  return (value = '', path, { errors }) => {
    if (!supported.includes(value)) errors.push(notSupported(path, value, supported));
  };
}

function checkRoleRef(...kinds: string[]): Check {
  return fields({
    apiGroup: only(group),
    kind: only(...kinds),
    name: requiredAnd('', matches(isValidPathSegmentName)),
  });
}

function checkSubject(namespaced: boolean): Check {
  return (subject, path, context) => {
    const { kind = '', name = '', apiGroup = '', namespace = '' } = subject;
    const { errors } = context;
    if (name === '') errors.push(requiredError(path.child('name')));
    if (kind === 'ServiceAccount') {
      if (name !== '') matches((text) => nameIsDnsSubdomain(text, false))(name, path.child('name'), context);
      if (apiGroup !== '') errors.push(notSupported(path.child('apiGroup'), apiGroup, ['']));
      if (!namespaced && namespace === '') errors.push(requiredError(path.child('namespace')));
    } else if (kind === 'User' || kind === 'Group') {
      if (apiGroup !== group) errors.push(notSupported(path.child('apiGroup'), apiGroup, [group]));
    } else errors.push(notSupported(path.child('kind'), kind, ['ServiceAccount', 'User', 'Group']));
  };
}

function checkSameRole(binding: Loose, path: Path, { errors, old }: RuleContext): void {
  if (jsonEqual(binding.roleRef ?? null, old.roleRef ?? null)) return;
  errors.push(invalidGo(path.child('roleRef'), 'RoleRef', binding.roleRef, 'cannot change roleRef'));
}

function checkAggregation(allowInvalidLabelValue: boolean): Check {
  const checkSelector = checkLabelSelector({ allowInvalidLabelValue });
  return fields({
    aggregationRule: defined(({ clusterRoleSelectors: selectors }, path, context) => {
      const at = path.child('clusterRoleSelectors');
      const detail = 'at least one clusterRoleSelector required if aggregationRule is non-nil';
      if (!(selectors?.length > 0)) context.errors.push(requiredError(at, detail));
      each(checkSelector, checkUsableSelector(checkSelector))(selectors, at, context);
    }),
  });
}

/** Says once more of an invalid selector that it is none; no value is left to show. */
function checkUsableSelector(checkSelector: Check): Check {
  return (selector, path, { errors }) => {
    if (validateWith(checkSelector, selector).length > 0) errors.push(invalid(path, null, 'invalid label selector.'));
  };
}

/** Subjects of users and groups are of this API group, as is the role. */
function defaultBinding(binding: KubeObject): void {
  if (binding.roleRef) binding.roleRef.apiGroup ||= group;
  for (const subject of binding.subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= group;
  }
}

function bindingRules(namespaced: boolean, ...roleKinds: string[]): ResourceRules {
  const checks: Checks = fields({ roleRef: checkRoleRef(...roleKinds), subjects: each(checkSubject(namespaced)) });
  return {
    defaults: { '*': defaultBinding },
    nameCheck,
    validate: (binding) => validateWith(checks, binding),
    validateUpdate: (binding, old) => [
      ...validateWith(checks, binding, old),
      ...validateMetaChanges(binding.metadata, old.metadata, { namespaced }),
      ...validateWith(checkSameRole, binding, old),
    ],
    allowCreateOnUpdate: true,
  };
}

const roleChecks = fields({ rules: each(checkRule(true)) });

function clusterRoleChecks(old?: KubeObject): Checks {
  const kept = (old?.aggregationRule?.clusterRoleSelectors ?? []).some(hasInvalidLabelValue);
  return [fields({ rules: each(checkRule(false)) }), checkAggregation(kept)];
}

/** The rules of rbac.authorization.k8s.io. That nobody gives away more than they have is authorization's business. */
export const rbacRules: Readonly<Record<string, ResourceRules>> = {
  clusterrolebindings: bindingRules(false, 'ClusterRole'),
  clusterroles: {
    nameCheck,
    validate: (role) => validateWith(clusterRoleChecks(), role),
    validateUpdate: (role, old) => [
      ...validateWith(clusterRoleChecks(old), role, old),
      ...validateMetaChanges(role.metadata, old.metadata, { namespaced: false }),
    ],
    allowCreateOnUpdate: true,
  },
  rolebindings: bindingRules(true, 'Role', 'ClusterRole'),
  roles: {
    nameCheck,
    validate: (role) => validateWith(roleChecks, role),
    validateUpdate: (role, old) => [
      ...validateWith(roleChecks, role, old),
      ...validateMetaChanges(role.metadata, old.metadata, { namespaced: true }),
    ],
    allowCreateOnUpdate: true,
  },
};
