import type { Frame, Step } from './frame.ts';
import type { FunctionCost, Overload } from './function.ts';
import { fits, typeName } from './kind.ts';
import type { CostOfCall } from './run-cost.ts';
import { CelError, type CelValue, noSuchOverload } from './value.ts';

/** How a call is made, besides its overload. */
export interface CallOptions {
  /** The arguments are of the overload's types for certain. */
  readonly isExact: boolean;
  readonly cost: CostOfCall | undefined;
  readonly name: string;
  /** After an argument that is an error no other is evaluated. */
  readonly inTurn: boolean;
  /** It was made for a pattern, and does not tell what it was called with. */
  readonly hasPattern: boolean;
}

/** A call whose overload is known. A failed one costs as much, unless an argument was not evaluated. */
export function callOne(
  steps: readonly Step[],
  overload: Overload,
  { isExact, cost, name, inTurn, hasPattern }: CallOptions,
): Step {
  const { call, params } = overload;
  if (call === undefined) return () => noSuchOverload();
  const operands = OPERANDS.get(name);
  const isFit = (args: readonly CelValue[]): boolean =>
    operands === undefined ? args.every((arg, i) => fits(arg, params[i]!)) : operands.includes(typeName(args[0]!));
  const refuse = operands === undefined ? misfit : noSuchOperator;
  const unfit = hasPattern ? noSuchOverload : refuse;
  const [first, second] = steps;
  if (steps.length === 1)
    return (frame) => {
      const a = first!(frame);
      let result = a;
      if (!(a instanceof CelError)) result = isExact || isFit([a]) ? call(a) : unfit(name, [a]);
      frame.spend(cost === undefined ? 1 : cost([a], result));
      return result;
    };
  if (steps.length === 2 && !inTurn)
    return (frame) => {
      const a = first!(frame);
      const b = second!(frame);
      let result: CelValue;
      if (a instanceof CelError) result = a;
      else if (b instanceof CelError) result = b;
      else result = isExact || isFit([a, b]) ? call(a, b) : unfit(name, [a, b]);
      frame.spend(cost === undefined ? 1 : cost([a, b], result));
      return result;
    };
  return (frame) => {
    const args: CelValue[] = [];
    const failed = evaluateInTurn(steps, frame, args);
    if (failed !== undefined && args.length < steps.length) return failed;
    const result = failed ?? (isExact || isFit(args) ? call(...args) : unfit(name, args));
    frame.spend(cost === undefined ? 1 : cost(args, result));
    return result;
  };
}

/** A call whose overload the arguments decide; operators and unguarded functions look at them for themselves. */
export function callAny(
  steps: readonly Step[],
  overloads: readonly Overload[],
  name: string,
  cost: FunctionCost | undefined,
  unguarded: boolean,
): Step {
  const operands = OPERANDS.get(name);
  const choose = (args: readonly CelValue[]): Overload | undefined => {
    if (operands !== undefined) return operands.includes(typeName(args[0]!)) ? overloads[0] : undefined;
    return unguarded ? overloads[0] : overloads.find(({ params }) => args.every((arg, i) => fits(arg, params[i]!)));
  };
  const unfit = operands === undefined ? misfit : noSuchOperator;
  return (frame) => {
    const args: CelValue[] = [];
    const failed = evaluateInTurn(steps, frame, args);
    if (failed !== undefined && args.length < steps.length) {
      if (operands === undefined) return failed;
      // Operators evaluate both sides.
      for (const step of steps.slice(args.length)) args.push(step(frame));
    }
    const overload = failed === undefined ? choose(args) : undefined;
    const result = failed ?? (overload?.call === undefined ? unfit(name, args) : overload.call(...args));
    frame.spend(cost?.track?.(args, result, '') ?? 1);
    return result;
  };
}

/** The error of an operator that the type of its first operand does not have. */
function noSuchOperator(name: string, [first]: readonly CelValue[]): CelError {
  return RECEIVERS.includes(typeName(first!)) ? noSuchOverload() : new CelError(`no such overload: ${name}`);
}

/** The error of arguments that no overload takes. */
export function misfit(name: string, args: readonly CelValue[]): CelError {
  return new CelError(`no such overload: ${name}(${args.map(typeName).join(', ')})`);
}

/** Types whose values answer to calls that they do not know. */
const RECEIVERS = ['string', 'google.protobuf.Duration', 'google.protobuf.Timestamp'];

const NUMBERS = ['int', 'uint', 'double'];
const TIMES = ['google.protobuf.Duration', 'google.protobuf.Timestamp'];
const ORDERED = [...NUMBERS, ...TIMES, 'bool', 'string', 'bytes'];

/** The types that an operator can begin with; what stands on its other side it looks at itself. */
const OPERANDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['_+_', [...NUMBERS, ...TIMES, 'string', 'bytes', 'list']],
  ['_-_', [...NUMBERS, ...TIMES]],
  ['_*_', NUMBERS],
  ['_/_', NUMBERS],
  ['_%_', ['int', 'uint']],
  ['-_', ['int', 'double', 'bool', 'google.protobuf.Duration']],
  ['_<_', ORDERED],
  ['_<=_', ORDERED],
  ['_>_', ORDERED],
  ['_>=_', ORDERED],
  ['size', ['string', 'bytes', 'list', 'map']],
  ['matches', ['string']],
  ['sort', ['list']],
]);

/** Evaluates until one is an error, which is given; what was evaluated is in `args`. */
function evaluateInTurn(steps: readonly Step[], frame: Frame, args: CelValue[]): CelError | undefined {
  for (const step of steps) {
    const value = step(frame);
    args.push(value);
    if (value instanceof CelError) return value;
  }
  return undefined;
}
