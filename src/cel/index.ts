/**
 * The Common Expression Language as Kubernetes has it: compiling with static types and cel-go's messages, estimates and
 * limits of cost, evaluation, and the libraries of functions.
 *
 * What it does not do: it knows no kind of object and no request; schemas, variables and an authorizer are handed in.
 * Nothing is thrown for a wrong expression or a failed evaluation: both are values.
 */
// values and their types
export {
  ArrayList,
  CelError,
  type CelValue,
  Duration,
  EntryMap,
  ListValue,
  MapValue,
  ObjectValue,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from './value.ts';
export {
  BOOL,
  BYTES,
  CelType,
  DOUBLE,
  DURATION,
  DYN,
  type Fields,
  type FieldType,
  INT,
  listType,
  mapType,
  NULL,
  nullableType,
  objectType,
  opaqueType,
  optionalType,
  sameType,
  STRING,
  TIMESTAMP,
  TYPE,
  type TypeKind,
  typeParam,
  typeType,
  UINT,
} from './type.ts';
// environments: what expressions may use, and compiling them
export { type Compilation, Environment, type EnvironmentOptions, type Expression } from './environment.ts';
export { syntaxProblem } from './syntax-problem.ts';
export { baseEnvironment } from './base-environment.ts';
export {
  type CallEstimate,
  type CostNode,
  defineFunction,
  type EstimatedCall,
  type FunctionCost,
  type FunctionDeclaration,
  globalOverload,
  type Implementation,
  memberOverload,
  type Overload,
  type OverloadOptions,
} from './function.ts';
// evaluating, and what it costs
export type { Activation } from './frame.ts';
export { type Evaluation, type EvaluateOptions, type Program } from './plan.ts';
export { estimateCost, type EstimateOptions } from './cost-estimate.ts';
export { type CostRange, type Range, type SizeRange, UNBOUNDED } from './cost-range.ts';
// values that schemas describe
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
// what Kubernetes hands to expressions
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
