import {
  cloneJson,
  applyJsonPatch,
  isJsonObject,
  isPatchError,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from 'nekube/apimachinery';
import { type CelValue, JsonPatchValue, ListValue, MapValue, misnamedObjects, ObjectLiteral, toJson } from 'nekube/cel';
import type { Invocation } from '../match/versioned.ts';
import { mergeConfiguration } from './apply-configuration.ts';
import { type Compiled, type CompiledConditions, compileConditions, ExpressionCompiler } from './compiler.ts';
import { OutOfBudget, RUNTIME_BUDGET, type Values } from './evaluation.ts';
import type { PolicySpec } from './policies.ts';

/** One change of a policy. */
export interface Mutation {
  readonly patchType: 'ApplyConfiguration' | 'JSONPatch';
  readonly applyConfiguration?: { readonly expression: string };
  readonly jsonPatch?: { readonly expression: string };
}

/** A MutatingAdmissionPolicy's spec. */
export interface MutatingSpec extends PolicySpec {
  readonly mutations?: readonly Mutation[];
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded';
}

/** A change, compiled. */
export interface CompiledMutation {
  readonly patchType: Mutation['patchType'];
  readonly expression: Compiled;
}

/** The expressions of a policy, compiled. */
export interface CompiledMutations {
  readonly conditions: CompiledConditions;
  readonly mutations: readonly CompiledMutation[];
}

/** The object after a change, or why there is none. */
export interface Mutated {
  readonly object?: KubeObject;
  readonly error?: string;
}

/** Compiles a policy. */
export function compileMutations(spec: MutatingSpec): CompiledMutations {
  const compiler = new ExpressionCompiler({ variables: true });
  const params = spec.paramKind !== undefined;
  for (const { name, expression } of spec.variables ?? []) compiler.define(name, expression, params);
  return {
    conditions: compileConditions(compiler, spec.matchConditions ?? [], params, spec.failurePolicy),
    mutations: (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }) => {
      const own = patchType === 'JSONPatch' ? ('jsonPatch' as const) : ('applyConfiguration' as const);
      const text = (own === 'jsonPatch' ? jsonPatch : applyConfiguration)?.expression ?? '';
      return { patchType, expression: compiler.compile(own, text, params) };
    }),
  };
}

/** Changes an object, which stays as it is; the result is not decoded yet. */
export function mutate({ patchType, expression }: CompiledMutation, values: Values, invocation: Invocation): Mutated {
  if (expression.program === undefined) return { error: expression.problem ?? '' };
  const object = values.object as KubeObject;
  const outcome = evaluate(expression, values);
  if (outcome.error !== undefined) return { error: outcome.error };
  const { value } = outcome;
  if (patchType === 'JSONPatch') return patched(object, value as CelValue);
  if (!(value instanceof ObjectLiteral)) return { error: 'unsupported return type from ApplyConfiguration expression' };
  const misnamed = misnamedObjects(value);
  if (misnamed.length > 0) return { error: `type mismatch: ${misnamed.join('\n')}` };
  return mergeConfiguration(object, jsonOf(value) as JsonObject, invocation.resource);
}

function evaluate(expression: Compiled, values: Values): { readonly value?: CelValue; readonly error?: string } {
  try {
    return values.all([expression], RUNTIME_BUDGET).outcomes[0] ?? {};
  } catch (error) {
    if (error instanceof OutOfBudget) return { error: error.message };
    throw error;
  }
}

function patched(object: KubeObject, value: CelValue): Mutated {
  const operations: JsonValue[] = [];
  for (const operation of value as ListValue) {
    if (!(operation instanceof JsonPatchValue))
      return { error: 'type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch' };
    const { op, path, from, value: given } = operation;
    const misnamed = given instanceof ObjectLiteral ? misnamedObjects(given, given.type.name) : [];
    if (misnamed.length > 0) return { error: `type mismatch: ${misnamed.join('\n')}` };
    operations.push({ op, path, ...(from !== '' && { from }), ...(given !== undefined && { value: jsonOf(given) }) });
  }
  try {
    return { object: applyJsonPatch(object as unknown as JsonValue, operations) as unknown as KubeObject };
  } catch (error) {
    if (!isPatchError(error)) throw error;
    // a test that fails only says that there is nothing to do
    return error.kind === 'test-failed' ? { object } : { error: `JSON Patch: ${error.message}` };
  }
}

/** A value as JSON, with what policies wrote down in it. */
export function jsonOf(value: CelValue): JsonValue {
  if (value instanceof ObjectLiteral)
    return Object.fromEntries([...value.fields].map(([name, field]): [string, JsonValue] => [name, jsonOf(field)]));
  if (value instanceof ListValue) return [...value].map(jsonOf);
  if (value instanceof MapValue)
    return Object.fromEntries(
      [...value.keys()].map((key): [string, JsonValue] => [String(key), jsonOf(value.find(key)!)]),
    );
  const json = toJson(value);
  return isJsonObject(json) ? cloneJson(json) : (json ?? null);
}
