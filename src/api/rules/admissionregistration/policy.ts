import {
  byteLength,
  duplicate,
  invalid,
  isQualifiedName,
  jsonEqual,
  type KubeObject,
  nameIsDnsSubdomain,
  notSupported,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { checkConditions } from '../conditions.ts';
import { invalidGo } from '../go-struct.ts';
import type { ResourceRules } from '../resource-rules.ts';
import {
  type Check,
  type Checks,
  defined,
  each,
  fields,
  given,
  isEmpty,
  type Loose,
  oneOf,
  type RuleContext,
  required,
  requiredAnd,
  requiredOneOf,
  validateWith,
} from '../rule.ts';
import { countsGeneration, ignoresStatus, prepare, writesStatusOnly } from '../strategy.ts';
import { checkExpression, checkMatchConditions } from './match-conditions.ts';
import {
  checkMatchResources,
  checkMutatingOperations,
  checkParamKind,
  defaultMatchResources,
} from './match-resources.ts';
import { staticNameWarnings } from './static-name.ts';

const mostAuditAnnotations = 20;
const maxValueBytes = 5 * 1024;
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const celWords =
  'true false null in as break const continue else for function if import let loop package namespace return var void while';
const reserved = new Set(celWords.split(' '));

const checkFailurePolicy = given('', oneOf('Fail', 'Ignore'));

/** A policy is about some resources. */
const checkConstraints: Check = given('', checkMatchResources, ({ resourceRules }, path, { errors }) => {
  if (isEmpty(resourceRules)) errors.push(requiredError(path.child('resourceRules')));
});

const checkVariable = fields({
  name: (name, path, { errors }) => {
    if ((name ?? '').trim() === '') errors.push(requiredError(path, 'name is not specified'));
    else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) || reserved.has(name)) {
      errors.push(invalid(path, name, 'must be a valid CEL identifier'));
    }
  },
  expression: (text, path, { errors }) => {
    if ((text ?? '').trim() === '') errors.push(requiredError(path, 'expression is not specified'));
  },
});

const checkNotBlank: Check = (text = '', path, { errors }) => {
  if (text !== '' && text.trim() === '') errors.push(invalid(path, text, 'must be non-empty if specified'));
};

const checkValidation = fields({
  expression: (text, path, { errors }) => {
    if ((text ?? '').trim() === '') errors.push(requiredError(path, 'expression is not specified'));
  },
  messageExpression: checkNotBlank,
  message: [
    checkNotBlank,
    (text = '', path, { errors }) => {
      if (/[\n\r]/.test(text.trim())) errors.push(invalid(path, text, 'must not contain line breaks'));
    },
  ],
  reason: defined(oneOf(...reasons)),
});

const checkAuditAnnotation: Check = ({ key = '', valueExpression = '' }, path, { errors, object }) => {
  const name: string = object.metadata.name ?? '';
  const at = path.child('key');
  if (name === '') errors.push(invalid(at, key, 'requires metadata.name be non-empty'));
  else for (const message of isQualifiedName(`${name}/${key}`)) errors.push(invalid(at, `${name}/${key}`, message));
  const [text, valueAt] = [valueExpression.trim(), path.child('valueExpression')];
  if (text === '') errors.push(requiredError(valueAt, 'valueExpression is not specified'));
  else if (byteLength(text) > maxValueBytes) {
    errors.push(requiredError(valueAt, `must not exceed ${maxValueBytes} bytes in length`));
  }
};

function checkAuditAnnotations(annotations: Loose, path: Path, context: RuleContext): void {
  const list: Loose[] = annotations ?? [];
  if (list.length > mostAuditAnnotations) {
    const detail = `must not have more than ${mostAuditAnnotations} auditAnnotations`;
    context.errors.push(invalidGo(path, '[]AuditAnnotation', list, detail));
  }
  list.forEach((annotation, i) => {
    checkAuditAnnotation(annotation, path.index(i), context);
    if (list.findIndex(({ key }) => key === annotation.key) === i) return;
    context.errors.push(duplicate(path.index(i).child('key'), annotation.key));
  });
}

function checkOutcome(spec: Loose, path: Path, context: RuleContext): void {
  if (!isEmpty(spec.validations) || !isEmpty(spec.auditAnnotations)) {
    fields({ validations: each(checkValidation), auditAnnotations: checkAuditAnnotations })(spec, path, context);
    return;
  }
  const detail = 'validations or auditAnnotations must contain at least one item';
  for (const field of ['validations', 'auditAnnotations'])
    context.errors.push(requiredError(path.child(field), detail));
}

function validatingChecks(keepConditions: boolean): Check {
  return fields({
    spec: [
      fields({
        failurePolicy: checkFailurePolicy,
        paramKind: checkParamKind,
        matchConstraints: checkConstraints,
        matchConditions: keepConditions ? [] : checkMatchConditions,
        variables: each(checkVariable),
      }),
      checkOutcome,
    ],
  });
}

/** One of two ways to change an object, as the type of the patch says. */
const mutations = { JSONPatch: 'jsonPatch', ApplyConfiguration: 'applyConfiguration' } as const;

const checkMutation: Check = (mutation, path, context) => {
  const type: string = mutation.patchType ?? '';
  const { errors } = context;
  if (type === '') errors.push(requiredError(path.child('patchType')));
  else if (!(type in mutations)) {
    errors.push(notSupported(path.child('patchType'), type, ['ApplyConfiguration', 'JSONPatch']));
  } else {
    const own = mutations[type as keyof typeof mutations];
    const other = own === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch';
    const needed = given(`must be specified when patchType is ${type}`, fields({ expression: checkExpression }));
    needed(mutation[own], path.child(own), context);
    if ((mutation[other] ?? null) === null) return;
    errors.push(invalid(path.child(other), `{${other}}`, `must not be specified when patchType is ${type}`));
  }
};

function mutatingChecks(keepConditions: boolean): Check {
  return fields({
    spec: fields({
      failurePolicy: checkFailurePolicy,
      paramKind: checkParamKind,
      matchConstraints: [checkConstraints, checkMutatingOperations],
      matchConditions: keepConditions ? [] : checkMatchConditions,
      variables: each(checkVariable),
      mutations: requiredAnd('mutations must contain at least one item', each(checkMutation)),
      reinvocationPolicy: requiredOneOf('IfNeeded', 'Never'),
    }),
  });
}

/** Conditions that are stored, for parameters of the same kind, are not checked again. */
function keepsConditions({ spec }: KubeObject, old: KubeObject): boolean {
  return (
    jsonEqual(spec.paramKind ?? null, old.spec.paramKind ?? null) &&
    jsonEqual(spec.matchConditions ?? [], old.spec.matchConditions ?? [])
  );
}

/** What the type checker of a policy reports. */
const statusChecks: Checks = fields({
  status: fields({
    typeChecking: defined(
      fields({ expressionWarnings: each(fields({ warning: required(), fieldRef: checkFieldRef })) }),
    ),
    conditions: checkConditions,
  }),
});

function checkFieldRef(reference: Loose, path: Path, { errors }: RuleContext): void {
  if ((reference ?? '').trim() === '') errors.push(requiredError(path));
}

function policyRules(checks: (keepConditions: boolean) => Check): ResourceRules {
  return {
    ...prepare(countsGeneration('spec')),
    defaults: { '*': defaultPolicy },
    nameCheck: nameIsDnsSubdomain,
    validate: (policy) => validateWith(checks(false), policy),
    validateUpdate: (policy, old) => validateWith(checks(keepsConditions(policy, old)), policy, old),
    warnings: staticNameWarnings,
    allowUnconditionalUpdate: false,
  };
}

/** Policies that refuse, warn or leave a trace. */
export const validatingPolicyRules: ResourceRules = {
  ...policyRules(validatingChecks),
  ...prepare(ignoresStatus, countsGeneration('spec')),
  subresources: {
    status: { ...writesStatusOnly, validateUpdate: (policy, old) => validateWith(statusChecks, policy, old) },
  },
};

/** Policies that change what is written. */
export const mutatingPolicyRules: ResourceRules = policyRules(mutatingChecks);

function defaultPolicy(policy: KubeObject): void {
  policy.spec ??= {};
  policy.spec.failurePolicy ??= 'Fail';
  defaultMatchResources(policy.spec.matchConstraints);
}
