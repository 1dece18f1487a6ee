import {
  duplicate,
  type FieldError,
  invalid,
  isDomainPrefixedPath,
  isQualifiedName,
  notSupported,
  type Path,
  required as requiredError,
  tooLong,
  tooMany,
} from 'nekube/apimachinery';
import type { PodCheckOptions } from '../core/pod-options.ts';
import { checkPodTemplateSpec } from '../core/pod-template.ts';
import { invalidGo } from '../go-struct.ts';
import { type Check, defined, faultless, fields, isEmpty, type Loose, matches, nonNegative } from '../rule.ts';
import { countIndexes } from './indexes.ts';

const MAX_INDEXED_PARALLELISM = 100_000;
const MAX_INDEXED_FAILURES = 100_000;
const MANY_COMPLETIONS = 100_000;
/** Limits of parallelism and failed indexes for more completions than these. */
const LIMIT_FOR_MANY = 10_000;
const MAX_RULES = 20;
const MAX_PATTERNS = 20;
const MAX_EXIT_CODES = 255;
const MAX_MANAGED_BY = 63;
const MAX_SUCCEEDED_INDEXES = 64 * 1024;

/** `Invalid value: detail`, for what is wrong with a whole struct; its value is not shown. */
export function invalidWhole(path: Path, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field: path.toString(), message: `Invalid value: ${detail}` };
}

/** A job's spec but for its selector; also that of a cron job's template. */
export function checkJobSpec(options: PodCheckOptions): Check {
  return (spec, path, context) => {
    checkNumbers(spec, path, context);
    checkManagedBy(spec.managedBy, path.child('managedBy'), context);
    checkCompletionMode(spec, path, context);
    if (spec.podFailurePolicy) checkFailurePolicy(spec, path.child('podFailurePolicy'), context);
    checkSuccessPolicy(spec, path.child('successPolicy'), context);
    checkReplacementPolicy(spec, path.child('podReplacementPolicy'), context);
    checkPodTemplateSpec(options)(spec.template ?? {}, path.child('template'), context);
    checkRestartPolicy(spec, path.child('template', 'spec', 'restartPolicy'), context);
  };
}

const checkPlainNumbers = fields({
  parallelism: nonNegative,
  completions: nonNegative,
  activeDeadlineSeconds: nonNegative,
  backoffLimit: nonNegative,
  ttlSecondsAfterFinished: nonNegative,
  backoffLimitPerIndex: nonNegative,
  maxFailedIndexes: nonNegative,
});

const checkNumbers: Check = (spec, path, context) => {
  checkPlainNumbers(spec, path, context);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    context.errors.push(requiredError(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'));
};

const checkManagedBy = defined(faultless(isDomainPrefixedPath), (name, path, { errors }) => {
  if (Buffer.byteLength(name) > MAX_MANAGED_BY) errors.push(tooLong(path, MAX_MANAGED_BY));
});

const checkCompletionMode: Check = (spec, path, context) => {
  const { completionMode: mode } = spec;
  const { errors } = context;
  if (mode !== undefined && mode !== 'NonIndexed' && mode !== 'Indexed')
    errors.push(notSupported(path.child('completionMode'), mode, ['NonIndexed', 'Indexed']));
  if (mode === 'Indexed') checkIndexed(spec, path, context);
  if (mode !== undefined && mode !== 'NonIndexed') return;
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes']) {
    if (spec[field] !== undefined)
      errors.push(invalid(path.child(field), spec[field], 'requires indexed completion mode'));
  }
};

const checkIndexed: Check = (spec, path, context) => {
  const { completions, parallelism, maxFailedIndexes } = spec;
  const { errors } = context;
  const failed = path.child('maxFailedIndexes');
  if (completions === undefined)
    errors.push(requiredError(path.child('completions'), 'when completion mode is Indexed'));
  if (parallelism > MAX_INDEXED_PARALLELISM) {
    const detail = `must be less than or equal to ${MAX_INDEXED_PARALLELISM} when completion mode is Indexed`;
    errors.push(invalid(path.child('parallelism'), parallelism, detail));
  }
  if (maxFailedIndexes > completions)
    errors.push(invalid(failed, maxFailedIndexes, 'must be less than or equal to completions'));
  if (maxFailedIndexes > MAX_INDEXED_FAILURES)
    errors.push(invalid(failed, maxFailedIndexes, `must be less than or equal to ${MAX_INDEXED_FAILURES}`));
  if (completions > MANY_COMPLETIONS && spec.backoffLimitPerIndex !== undefined) checkManyIndexes(spec, path, context);
};

const checkManyIndexes: Check = (spec, path, { errors }) => {
  const detail = `must be less than or equal to ${LIMIT_FOR_MANY} when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  if (spec.maxFailedIndexes === undefined) {
    const missing = `must be specified when completions is above ${MANY_COMPLETIONS}`;
    errors.push(requiredError(path.child('maxFailedIndexes'), missing));
  }
  for (const field of ['parallelism', 'maxFailedIndexes']) {
    if (spec[field] > LIMIT_FOR_MANY) errors.push(invalid(path.child(field), spec[field], detail));
  }
};

/** A list in Go's `%q`: `["a" "b"]`. */
function quotedList(values: readonly string[]): string {
  return `[${values.map((value) => `"${value}"`).join(' ')}]`;
}

/** Required, and one of these; both messages name them. */
function oneOfListed(values: readonly string[], extra: (value: string) => string | undefined = () => undefined): Check {
  return (value, path, { errors }) => {
    const problem = extra(value);
    if (!value) errors.push(requiredError(path, `valid values: ${quotedList(values)}`));
    else if (problem !== undefined) errors.push(invalid(path, value, problem));
    else if (!values.includes(value)) errors.push(notSupported(path, value, values));
  };
}

const checkFailurePolicy: Check = (spec, path, context) => {
  const rules: Loose[] = spec.podFailurePolicy.rules ?? [];
  const at = path.child('rules');
  if (rules.length > MAX_RULES) context.errors.push(tooMany(at, rules.length, MAX_RULES));
  const { containers = [], initContainers = [] } = spec.template?.spec ?? {};
  const names = [...(containers ?? []), ...(initContainers ?? [])].map(({ name }: Loose) => name ?? '');
  rules.forEach((rule, i) => checkFailureRule(spec, names)(rule, at.index(i), context));
};

function checkFailureRule(spec: Loose, names: readonly string[]): Check {
  const checkAction = oneOfListed(['Count', 'FailIndex', 'FailJob', 'Ignore'], (action) =>
    action === 'FailIndex' && spec.backoffLimitPerIndex === undefined
      ? 'requires the backoffLimitPerIndex to be set'
      : undefined,
  );
  return (rule, path, context) => {
    const { onExitCodes } = rule;
    const conditions = rule.onPodConditions ?? [];
    checkAction(rule.action, path.child('action'), context);
    if (onExitCodes) checkExitCodes(names)(onExitCodes, path.child('onExitCodes'), context);
    if (conditions.length > 0) checkConditionPatterns(conditions, path.child('onPodConditions'), context);
    const [exit, both] = [Boolean(onExitCodes), conditions.length > 0];
    if (exit && both)
      context.errors.push(invalidWhole(path, 'specifying both OnExitCodes and OnPodConditions is not supported'));
    if (!exit && !both)
      context.errors.push(invalidWhole(path, 'specifying one of OnExitCodes and OnPodConditions is required'));
  };
}

const checkPattern = fields({
  type: (type, path, context) => matches(isQualifiedName)(type ?? '', path, context),
  status: oneOfListed(['False', 'True', 'Unknown']),
});

const checkConditionPatterns: Check = (patterns: Loose[], path, context) => {
  if (patterns.length > MAX_PATTERNS) context.errors.push(tooMany(path, patterns.length, MAX_PATTERNS));
  patterns.forEach((pattern, i) => checkPattern(pattern, path.index(i), context));
};

const checkOperator = oneOfListed(['In', 'NotIn']);

function checkExitCodes(names: readonly string[]): Check {
  return ({ operator, containerName, values }, path, context) => {
    const { errors } = context;
    checkOperator(operator, path.child('operator'), context);
    if (containerName !== undefined && !names.includes(containerName)) {
      const detail = 'must be one of the container or initContainer names in the pod template';
      errors.push(invalid(path.child('containerName'), containerName, detail));
    }
    checkExitCodeValues(values, operator === 'In', path.child('values'), errors);
  };
}

function checkExitCodeValues(given: number[] | null, isIn: boolean, path: Path, errors: FieldError[]): void {
  const values = given ?? [];
  if (values.length === 0) errors.push(invalid(path, given, 'at least one value is required'));
  else if (values.length > MAX_EXIT_CODES) errors.push(tooMany(path, values.length, MAX_EXIT_CODES));
  values.forEach((code, i) => {
    if (isIn && code === 0) errors.push(invalid(path.index(i), code, 'must not be 0 for the In operator'));
    if (values.indexOf(code) !== i) errors.push(duplicate(path.index(i), code));
  });
  if (values.some((code, i) => i > 0 && values[i - 1]! > code)) errors.push(invalid(path, values, 'must be ordered'));
}

const checkSuccessPolicy: Check = (spec, path, context) => {
  const { successPolicy: policy } = spec;
  if (!policy) return;
  const { errors } = context;
  if (spec.completionMode !== 'Indexed')
    return void errors.push(invalidGo(path, 'SuccessPolicy', policy, 'requires indexed completion mode'));
  const rules: Loose[] = policy.rules ?? [];
  const at = path.child('rules');
  if (rules.length === 0)
    errors.push(requiredError(at, 'at least one rules must be specified when the successPolicy is specified'));
  if (rules.length > MAX_RULES) errors.push(tooMany(at, rules.length, MAX_RULES));
  rules.forEach((rule, i) => checkSuccessRule(spec.completions ?? 0)(rule, at.index(i), context));
};

function checkSuccessRule(completions: number): Check {
  return ({ succeededIndexes: indexes, succeededCount: count }, path, context) => {
    const { errors } = context;
    if (count === undefined && indexes === undefined)
      errors.push(requiredError(path, 'at least one of succeededCount or succeededIndexes must be specified'));
    const total = checkSucceededIndexes(indexes, completions, path.child('succeededIndexes'), errors);
    if (count === undefined) return;
    const at = path.child('succeededCount');
    const limit = (n: number, what: string) =>
      errors.push(invalid(at, count, `must be less than or equal to ${n} (${what})`));
    nonNegative(count, at, context);
    if (count > completions) limit(completions, 'the number of specified completions');
    if (indexes !== undefined && count > total)
      limit(total, 'the number of indexes in the specified succeededIndexes field');
  };
}

function checkSucceededIndexes(indexes: Loose, completions: number, path: Path, errors: FieldError[]): number {
  if (indexes === undefined) return 0;
  if (Buffer.byteLength(indexes) > MAX_SUCCEEDED_INDEXES) errors.push(tooLong(path, MAX_SUCCEEDED_INDEXES));
  const { total, problem } = countIndexes(indexes, completions);
  if (problem !== undefined) errors.push(invalid(path, indexes, `error parsing succeededIndexes: ${problem}`));
  return total;
}

const checkReplacementPolicy: Check = (spec, path, { errors }) => {
  const { podReplacementPolicy: policy } = spec;
  const supported = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  if (policy !== undefined && !supported.includes(policy)) errors.push(notSupported(path, policy, supported));
};

const checkRestartPolicy: Check = (spec, path, { errors }) => {
  const policy = spec.template?.spec?.restartPolicy;
  if (isEmpty(policy) || policy === 'Always') errors.push(requiredError(path, 'valid values: "OnFailure", "Never"'));
  else if (policy !== 'OnFailure' && policy !== 'Never')
    errors.push(notSupported(path, policy, ['OnFailure', 'Never']));
  else if (spec.podFailurePolicy && policy !== 'Never')
    errors.push(invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified'));
};
