import { TypeValue } from 'nekube/cel';
import {
  type Compiled,
  type CompiledConditions,
  compileConditions,
  conditionsHold,
  ExpressionCompiler,
} from './compiler.ts';
import { type Outcome, OutOfBudget, RUNTIME_BUDGET, type Values } from './evaluation.ts';
import type { PolicySpec } from './policies.ts';

/** The most characters that a messageExpression's text may have, in bytes. */
const MAX_MESSAGE_BYTES = 5 * 1024;

/** One validation of a policy. */
export interface Validation {
  readonly expression: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
}

/** A ValidatingAdmissionPolicy's spec. */
export interface ValidatingSpec extends PolicySpec {
  readonly validations?: readonly Validation[];
  readonly auditAnnotations?: readonly { readonly key: string; readonly valueExpression: string }[];
}

/** The expressions of a policy, compiled; what does not compile says so when it is evaluated. */
export interface CompiledValidation {
  readonly spec: ValidatingSpec;
  readonly conditions: CompiledConditions;
  readonly validations: readonly Compiled[];
  /** Undefined where a validation has none. */
  readonly messages: readonly (Compiled | undefined)[];
  readonly annotations: readonly Compiled[];
}

/** What became of one validation. */
export interface Decision {
  readonly allowed: boolean;
  /** Empty where it is allowed, as is the reason. */
  readonly message: string;
  readonly reason: string;
}

/** What became of an audit annotation: a value, an error, or nothing to publish. */
export interface PublishedAnnotation {
  readonly key: string;
  readonly value?: string;
  readonly error?: string;
}

/** What a policy says about a request. */
export interface Verdict {
  readonly decisions: readonly Decision[];
  readonly annotations: readonly PublishedAnnotation[];
}

/** Compiles a policy. */
export function compileValidation(spec: ValidatingSpec): CompiledValidation {
  const compiler = new ExpressionCompiler({ variables: true });
  const params = spec.paramKind !== undefined;
  for (const { name, expression } of spec.variables ?? []) compiler.define(name, expression, params);
  const { validations = [], auditAnnotations = [] } = spec;
  return {
    spec,
    conditions: compileConditions(compiler, spec.matchConditions ?? [], params, spec.failurePolicy),
    validations: validations.map(({ expression }) => compiler.compile('condition', expression, params)),
    messages: validations.map(({ messageExpression: text }) =>
      text ? compiler.compile('message', text, params) : undefined,
    ),
    annotations: auditAnnotations.map(({ valueExpression: text }) => compiler.compile('annotation', text, params)),
  };
}

/** Evaluates a policy about a request. */
export function validate(policy: CompiledValidation, values: Values): Verdict {
  const failed = (message: string): Verdict => ({ decisions: [failure(policy, message)], annotations: [] });
  const conditions = conditionsHold(policy.conditions, values);
  if (conditions.error !== undefined) return failed(conditions.error);
  if (!conditions.hold) return { decisions: [], annotations: [] };
  try {
    const { outcomes, left } = values.all(policy.validations, RUNTIME_BUDGET);
    const messages = messagesOf(policy, values, left);
    const decisions = outcomes.map((outcome, i) => decisionOf(policy, i, outcome, messages));
    const { outcomes: annotations } = values.all(policy.annotations, RUNTIME_BUDGET);
    return { decisions, annotations: annotations.map((outcome, i) => annotationOf(policy, i, outcome)) };
  } catch (error) {
    if (error instanceof OutOfBudget) return failed(error.message);
    throw error;
  }
}

/** A failed evaluation refuses, unless the policy ignores that. */
function failure({ spec }: CompiledValidation, message: string): Decision {
  return { allowed: spec.failurePolicy === 'Ignore', message, reason: '' };
}

/** The texts of messageExpressions, or why there are none. */
type Messages = readonly (Outcome | undefined)[] | OutOfBudget;

function messagesOf({ messages }: CompiledValidation, values: Values, budget: number): Messages {
  try {
    return values.all(messages, budget).outcomes;
  } catch (error) {
    if (error instanceof OutOfBudget) return error;
    throw error;
  }
}

function decisionOf(
  policy: CompiledValidation,
  index: number,
  outcome: Outcome | undefined,
  messages: Messages,
): Decision {
  const validation = policy.spec.validations![index]!;
  if (outcome?.error !== undefined) return failure(policy, outcome.error);
  if (messages instanceof OutOfBudget) return failure(policy, `failed messageExpression: ${messages.message}`);
  if (outcome?.value === true) return { allowed: true, message: '', reason: '' };
  const message =
    evaluatedMessage(messages[index]) ||
    (validation.message ?? '').trim() ||
    `failed expression: ${validation.expression.trim()}`;
  return { allowed: false, message, reason: validation.reason ?? 'Invalid' };
}

/** A text that is too long, or of several lines, counts for nothing. */
function evaluatedMessage(outcome: Outcome | undefined): string {
  if (typeof outcome?.value !== 'string') return '';
  const text = outcome.value.trim();
  return Buffer.byteLength(text) > MAX_MESSAGE_BYTES || text.includes('\n') ? '' : text;
}

function annotationOf({ spec }: CompiledValidation, index: number, outcome: Outcome | undefined): PublishedAnnotation {
  const { key, valueExpression } = spec.auditAnnotations![index]!;
  if (outcome?.error !== undefined) return spec.failurePolicy === 'Ignore' ? { key } : { key, error: outcome.error };
  const value = outcome?.value;
  if (value === null) return { key };
  if (typeof value === 'string') return value.trim() === '' ? { key } : { key, value: value.trim() };
  const type = value instanceof TypeValue ? 'type' : typeof value;
  const error = `valueExpression '${valueExpression}' resulted in unsupported return type: ${type}. Return type must be either string or null.`;
  return { key, error };
}
