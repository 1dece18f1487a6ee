import { invalid, type KubeObject, type Path, required as requiredError } from 'nekube/apimachinery';
import { invalidGo } from './go-struct.ts';
import { checkLabelSelector, checkSelectorOperator } from './label-selector.ts';
import type { ResourceRules } from './resource-rules.ts';
import { type Check, type Checks, defined, each, fields, type Loose, type RuleContext, validateWith } from './rule.ts';

const nonResource = '*NonResourceAttributes';

/** Exactly one of the two says what is asked for. Where none does, the absent one's value is shown. */
const checkAttributes: Check = ({ resourceAttributes, nonResourceAttributes }, path, { errors }) => {
  if (resourceAttributes && nonResourceAttributes) {
    const detail = 'cannot be specified in combination with resourceAttributes';
    errors.push(invalidGo(path.child('nonResourceAttributes'), nonResource, nonResourceAttributes, detail));
  }
  if (!resourceAttributes && !nonResourceAttributes) {
    const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    errors.push(invalid(path.child('resourceAttributes'), null, detail));
  }
};

const checkSubject: Check = ({ user = '', groups }, path, { errors }) => {
  if (user !== '' || groups?.length > 0) return;
  errors.push(invalid(path.child('user'), user, 'at least one of user or group must be specified'));
};

const checkFieldRequirement: Check = (requirement, path, context) => {
  if (!requirement.key) context.errors.push(requiredError(path.child('key'), 'must be specified'));
  checkSelectorOperator(requirement, path, context, true);
};

/** A requirement of labels is checked as the only one of a selector. */
const checkLabelRequirement: Check = (requirement, path, context) => {
  const selector = { matchExpressions: [requirement] };
  const errors = validateWith(checkLabelSelector({ allowUnknownOperator: true }), selector);
  for (const error of errors) {
    context.errors.push({ ...error, field: error.field.replace('matchExpressions[0]', path.toString()) });
  }
};

function checkSelector(checkRequirement: Check): Check {
  return defined((selector, path, context) => {
    const { rawSelector = '', requirements } = selector;
    const given = requirements?.length > 0;
    if (rawSelector !== '' && given) {
      const detail = 'may not specified at the same time as requirements';
      context.errors.push(invalid(path.child('rawSelector'), rawSelector, detail));
    }
    if (rawSelector === '' && !given) {
      const detail = `when ${path} is specified, requirements or rawSelector is required`;
      context.errors.push(requiredError(path.child('requirements'), detail));
    }
    each(checkRequirement)(requirements, path.child('requirements'), context);
  });
}

const checkSelectors = fields({
  resourceAttributes: defined(
    fields({
      fieldSelector: checkSelector(checkFieldRequirement),
      labelSelector: checkSelector(checkLabelRequirement),
    }),
  ),
});

function checkNoMetadata(detail: string, ...allowed: string[]): Check {
  return ({ metadata }, path, { errors }) => {
    const given = Object.entries(metadata ?? {}).filter(([field, value]) => {
      return field !== 'managedFields' && !allowed.includes(field) && (value ?? '') !== '';
    });
    if (given.length > 0) errors.push(invalid(path.child('metadata'), metadata, detail));
  };
}

const specOf = (...checks: Check[]): Check => {
  return ({ spec }, path, context) => {
    for (const check of checks) check(spec ?? {}, path.child('spec'), context);
  };
};

const selfChecks: Checks = [specOf(checkAttributes, checkSelectors), checkNoMetadata('must be empty')];

const subjectChecks: Checks = [specOf(checkAttributes, checkSubject, checkSelectors), checkNoMetadata('must be empty')];

const localChecks: Checks = [
  specOf(checkAttributes, checkSubject, checkSelectors),
  checkNoMetadata('must be empty except for namespace', 'namespace'),
  checkSameNamespace,
];

/** The rules of authorization.k8s.io, whose reviews are answered and not stored. */
export const authorizationRules: Readonly<Record<string, ResourceRules>> = {
  localsubjectaccessreviews: { validate: (review) => validateWith(localChecks, review) },
  selfsubjectaccessreviews: { validate: (review) => validateWith(selfChecks, review) },
  selfsubjectrulesreviews: {},
  subjectaccessreviews: { validate: (review) => validateWith(subjectChecks, review) },
};

function checkSameNamespace({ spec, metadata }: KubeObject, path: Path, { errors }: RuleContext): void {
  const attributes: Loose = spec?.resourceAttributes;
  const namespace = attributes?.namespace ?? '';
  if (attributes && namespace !== (metadata?.namespace ?? '')) {
    errors.push(invalid(path.child('spec.resourceAttributes.namespace'), namespace, 'must match metadata.namespace'));
  }
  if (spec?.nonResourceAttributes) {
    const at = path.child('spec.nonResourceAttributes');
    errors.push(invalidGo(at, nonResource, spec.nonResourceAttributes, 'disallowed on this kind of request'));
  }
}
