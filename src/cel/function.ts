import type { CostRange, SizeRange } from './cost-range.ts';
import type { CelType } from './type.ts';
import type { CelValue } from './value.ts';

/** What a function does with its arguments; the receiver is the first of them. No argument is an error. */
export type Implementation = (...args: CelValue[]) => CelValue;

/** One signature of a function. */
export interface Overload {
  /** Unique over all functions; costs and messages name it. */
  readonly id: string;
  /** `a.f(b)` and not `f(a, b)`; the receiver is the first of `params`. */
  readonly receiver: boolean;
  /** Type parameters in them are bound anew at each call. */
  readonly params: readonly CelType[];
  readonly result: CelType;
  /** Undefined where the evaluator has an implementation of its own, as of `||`. */
  readonly call: Implementation | undefined;
  /** Costs of this overload only; they come before those of the function's name. */
  readonly cost: FunctionCost | undefined;
}

/** A function with all its overloads, as data. */
export interface FunctionDeclaration {
  readonly name: string;
  readonly overloads: readonly Overload[];
  /** Arguments at run time need not be of the types of a signature: the implementation looks for itself. */
  readonly unguarded: boolean;
}

/** An argument whose size a cost depends on, before any value is known. */
export interface CostNode {
  readonly type: CelType;
  /** From the variable on: `['self', 'list', '@items']`; undefined for what is no selection. */
  readonly path: readonly string[] | undefined;
  /** The value of a literal. */
  readonly literal: CelValue | undefined;
  /** What is known of the size from the expression itself. */
  readonly computedSize: SizeRange | undefined;
}

/** What a call is estimated to cost, beyond what its arguments cost. */
export interface CallEstimate {
  readonly cost: CostRange;
  readonly resultSize?: SizeRange;
}

/** A call before it is evaluated. */
export interface EstimatedCall {
  readonly overloadId: string;
  readonly target: CostNode | undefined;
  readonly args: readonly CostNode[];
  /** The size of a node: computed, or bounded by its schema, or anything. */
  readonly sizeOf: (node: CostNode) => SizeRange;
}

/** The cost of calls. Undefined: as cel-go does where nothing else is said. */
export interface FunctionCost {
  readonly estimate?: (call: EstimatedCall) => CallEstimate | undefined;
  /** What a call did cost; the receiver is the first argument. */
  readonly track?: (args: readonly CelValue[], result: CelValue, overloadId: string) => number | undefined;
}

/** Parts of an overload that may be left out. */
export interface OverloadOptions {
  readonly cost?: FunctionCost;
}

/** A signature `name(params)`. */
export function globalOverload(
  id: string,
  params: readonly CelType[],
  result: CelType,
  call?: Implementation,
  { cost }: OverloadOptions = {},
): Overload {
  return { id, receiver: false, params, result, call, cost };
}

/** A signature `params[0].name(…)`. */
export function memberOverload(
  id: string,
  params: readonly CelType[],
  result: CelType,
  call?: Implementation,
  { cost }: OverloadOptions = {},
): Overload {
  return { id, receiver: true, params, result, call, cost };
}

/** A function of these overloads; several declarations of one name are merged by the environment. */
export function defineFunction(
  name: string,
  overloads: readonly Overload[],
  { unguarded = false }: { unguarded?: boolean } = {},
): FunctionDeclaration {
  return { name, overloads, unguarded };
}
