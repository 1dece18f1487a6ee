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
import { expressionErrors, type PolicyCompiler, type PolicyExpressions } from './expressions.ts';
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

/** Expressions of one policy, while it is validated. */
interface Expressions {
  readonly all: PolicyExpressions;
  /** For all but match conditions, which know no variables. */
  readonly compiler: PolicyCompiler;
  /** The policy has parameters. */
  readonly params: boolean;
}

function expressionsOf(all: PolicyExpressions, spec: Loose, alwaysVariables: boolean): Expressions {
  const variables = alwaysVariables || (spec?.variables ?? []).length > 0;
  return { all, compiler: all.compiler(variables), params: (spec?.paramKind ?? null) !== null };
}

const checkVariableName = fields({
  name: (name, path, { errors }) => {
    if ((name ?? '').trim() === '') errors.push(requiredError(path, 'name is not specified'));
    else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) || reserved.has(name)) {
      errors.push(invalid(path, name, 'must be a valid CEL identifier'));
    }
  },
});

function checkVariable({ compiler, params }: Expressions): Check {
  return (variable, path, context) => {
    checkVariableName(variable, path, context);
    const { name = '', expression = '' } = variable;
    const at = path.child('expression');
    if (expression.trim() === '') context.errors.push(requiredError(at, 'expression is not specified'));
    else context.errors.push(...expressionErrors(at, expression, compiler.define(name, expression, params)));
  };
}

const checkNotBlank: Check = (text = '', path, { errors }) => {
  if (text !== '' && text.trim() === '') errors.push(invalid(path, text, 'must be non-empty if specified'));
};

function checkValidation({ compiler, params }: Expressions): Check {
  return fields({
    expression: (text = '', path, { errors }) => {
      if (text.trim() === '') errors.push(requiredError(path, 'expression is not specified'));
      else errors.push(...expressionErrors(path, text, compiler.problem('condition', text, params)));
    },
    messageExpression: [
      checkNotBlank,
      (text = '', path, { errors }) => {
        if (text.trim() !== '') errors.push(...expressionErrors(path, text, compiler.problem('message', text, params)));
      },
    ],
    message: [
      checkNotBlank,
      (text = '', path, { errors }) => {
        if (/[\n\r]/.test(text.trim())) errors.push(invalid(path, text, 'must not contain line breaks'));
      },
    ],
    reason: defined(oneOf(...reasons)),
  });
}

function checkAuditAnnotation(
  { key = '', valueExpression = '' }: Loose,
  path: Path,
  { errors, object }: RuleContext,
  { compiler, params }: Expressions,
): void {
  const name: string = object.metadata.name ?? '';
  const at = path.child('key');
  if (name === '') errors.push(invalid(at, key, 'requires metadata.name be non-empty'));
  else for (const message of isQualifiedName(`${name}/${key}`)) errors.push(invalid(at, `${name}/${key}`, message));
  const [text, valueAt] = [valueExpression.trim(), path.child('valueExpression')];
  if (text === '') errors.push(requiredError(valueAt, 'valueExpression is not specified'));
  else if (byteLength(text) > maxValueBytes) {
    errors.push(requiredError(valueAt, `must not exceed ${maxValueBytes} bytes in length`));
  } else {
    errors.push(...expressionErrors(valueAt, valueExpression, compiler.problem('annotation', text, params)));
  }
}

function checkAuditAnnotations(annotations: Loose, path: Path, context: RuleContext, expressions: Expressions): void {
  const list: Loose[] = annotations ?? [];
  if (list.length > mostAuditAnnotations) {
    const detail = `must not have more than ${mostAuditAnnotations} auditAnnotations`;
    context.errors.push(invalidGo(path, '[]AuditAnnotation', list, detail));
  }
  list.forEach((annotation, i) => {
    checkAuditAnnotation(annotation, path.index(i), context, expressions);
    if (list.findIndex(({ key }) => key === annotation.key) === i) return;
    context.errors.push(duplicate(path.index(i).child('key'), annotation.key));
  });
}

function checkOutcome(spec: Loose, path: Path, context: RuleContext, expressions: Expressions): void {
  if (!isEmpty(spec.validations) || !isEmpty(spec.auditAnnotations)) {
    each(checkValidation(expressions))(spec.validations, path.child('validations'), context);
    checkAuditAnnotations(spec.auditAnnotations, path.child('auditAnnotations'), context, expressions);
    return;
  }
  const detail = 'validations or auditAnnotations must contain at least one item';
  for (const field of ['validations', 'auditAnnotations'])
    context.errors.push(requiredError(path.child(field), detail));
}

/** Whether the conditions are checked again, and by what expressions are compiled. */
interface PolicyChecks {
  readonly keepConditions: boolean;
  readonly expressions: PolicyExpressions;
}

function validatingChecks({ keepConditions, expressions }: PolicyChecks): Check {
  return fields({
    spec: (spec, path, context) => {
      const own = expressionsOf(expressions, spec, false);
      fields({
        failurePolicy: checkFailurePolicy,
        paramKind: checkParamKind,
        matchConstraints: checkConstraints,
        matchConditions: keepConditions ? [] : checkMatchConditions(own.all, own.params),
        variables: each(checkVariable(own)),
      })(spec, path, context);
      if (spec) checkOutcome(spec, path, context, own);
    },
  });
}

/** One of two ways to change an object, as the type of the patch says. */
const mutations = { JSONPatch: 'jsonPatch', ApplyConfiguration: 'applyConfiguration' } as const;

function checkMutation(mutation: Loose, path: Path, context: RuleContext, { compiler, params }: Expressions): void {
  const type: string = mutation.patchType ?? '';
  const { errors } = context;
  if (type === '') errors.push(requiredError(path.child('patchType')));
  else if (!(type in mutations)) {
    errors.push(notSupported(path.child('patchType'), type, ['ApplyConfiguration', 'JSONPatch']));
  } else {
    const own = mutations[type as keyof typeof mutations];
    const other = own === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch';
    const needed = given(
      `must be specified when patchType is ${type}`,
      fields({ expression: checkExpression((text) => compiler.problem(own, text, params)) }),
    );
    needed(mutation[own], path.child(own), context);
    if ((mutation[other] ?? null) === null) return;
    errors.push(invalid(path.child(other), `{${other}}`, `must not be specified when patchType is ${type}`));
  }
}

function mutatingChecks({ keepConditions, expressions }: PolicyChecks): Check {
  return fields({
    spec: (spec, path, context) => {
      const own = expressionsOf(expressions, spec, true);
      const check: Check = (mutation, at, where) => checkMutation(mutation, at, where, own);
      fields({
        failurePolicy: checkFailurePolicy,
        paramKind: checkParamKind,
        matchConstraints: [checkConstraints, checkMutatingOperations],
        matchConditions: keepConditions ? [] : checkMatchConditions(own.all, own.params),
        variables: each(checkVariable(own)),
        mutations: requiredAnd('mutations must contain at least one item', each(check)),
        reinvocationPolicy: requiredOneOf('IfNeeded', 'Never'),
      })(spec, path, context);
    },
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

function policyRules(checks: (how: PolicyChecks) => Check, expressions: PolicyExpressions): ResourceRules {
  const checksFor = (keepConditions: boolean) => checks({ keepConditions, expressions });
  return {
    ...prepare(countsGeneration('spec')),
    defaults: { '*': defaultPolicy },
    nameCheck: nameIsDnsSubdomain,
    validate: (policy) => validateWith(checksFor(false), policy),
    validateUpdate: (policy, old) => validateWith(checksFor(keepsConditions(policy, old)), policy, old),
    warnings: staticNameWarnings,
    allowUnconditionalUpdate: false,
  };
}

/** Policies that refuse, warn or leave a trace. */
export const validatingPolicyRules = (expressions: PolicyExpressions): ResourceRules => ({
  ...policyRules(validatingChecks, expressions),
  ...prepare(ignoresStatus, countsGeneration('spec')),
  subresources: {
    status: { ...writesStatusOnly, validateUpdate: (policy, old) => validateWith(statusChecks, policy, old) },
  },
});

/** Policies that change what is written. */
export const mutatingPolicyRules = (expressions: PolicyExpressions): ResourceRules =>
  policyRules(mutatingChecks, expressions);

function defaultPolicy(policy: KubeObject): void {
  policy.spec ??= {};
  policy.spec.failurePolicy ??= 'Fail';
  defaultMatchResources(policy.spec.matchConstraints);
}
