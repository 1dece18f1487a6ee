/**
 * The Common Expression Language as Kubernetes has it: compiling with static types and cel-go's messages, estimates and
 * limits of cost, evaluation, and the libraries of functions.
 *
 * What it does not do: it knows no kind of object and no request; schemas, variables and an authorizer are handed in.
 * Nothing is thrown for a wrong expression or a failed evaluation: both are values.
 */
export * from './value.ts';
export * from './type.ts';
export * from './function.ts';
export * from './cost-range.ts';
export { type Activation, type Evaluation, type EvaluateOptions, type Program } from './plan.ts';
export { estimateCost, type EstimateOptions } from './cost-estimate.ts';
export { type Schema, withTypeAndObjectMeta } from './schema/schema.ts';
export { escapeName, unescapeName } from './schema/escape.ts';
export {
  declareType,
  type DeclaredType,
  type DeclareOptions,
  maxCardinality,
  sizesOf,
} from './schema/declared-type.ts';
export { type Adapter, adapterOf } from './schema/adapter.ts';
export { fromJson, toJson } from './schema/native.ts';
export { type Compilation, Environment, type EnvironmentOptions, type Expression } from './environment.ts';
export { baseEnvironment } from './base-environment.ts';
export {
  type AskAuthorizer,
  AUTHORIZER_TYPE,
  type AuthorizationAnswer,
  type AuthorizationQuestion,
  authorizerValue,
  JSON_PATCH_LIBRARY,
  JSON_PATCH_TYPE,
  JsonPatchValue,
  makeMutationObject,
  misnamedObjects,
  mutationType,
  ObjectLiteral,
  PendingAnswers,
  RESOURCE_CHECK_TYPE,
  requestResourceValue,
} from './library/index.ts';
