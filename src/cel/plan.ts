import { compileRegexp } from 'nekube/apimachinery';
import type { Call, Comprehension, Expr, Literal, StructExpr } from './ast.ts';
import type { Checked, Reference } from './checker.ts';
import { LIST_CREATE_COST, MAP_CREATE_COST, STRUCT_CREATE_COST } from './cost-range.ts';
import { equalValues } from './equality.ts';
import type { FunctionCost, Overload } from './function.ts';
import { GrowingList } from './growing-list.ts';
import { fits, sizeOf, typeName } from './kind.ts';
import { callCost, type CostOfCall } from './run-cost.ts';
import { at, contains, hasField, optionalAt, optionalSelect, select } from './selection.ts';
import {
  ArrayList,
  CelError,
  type CelValue,
  EntryMap,
  ListValue,
  MapValue,
  noSuchOverload,
  Optional,
} from './value.ts';

/** The value of a variable; undefined for one that is not set. Asked at most once an evaluation. */
export type Activation = (name: string) => CelValue | undefined;

/** What an evaluation may cost. */
export interface EvaluateOptions {
  /** In units of cost; an evaluation that needs more ends with an error. Absent: no limit. */
  readonly costLimit?: number;
}

/** What came of an evaluation. */
export interface Evaluation {
  readonly value: CelValue;
  /** What it cost, also where it failed. */
  readonly cost: number;
}

/** An expression that is ready to be evaluated, as often as one likes. */
export interface Program {
  /** The variables that it mentions. */
  readonly variables: readonly string[];
  evaluate(activation: Activation, options?: EvaluateOptions): Evaluation;
}

/** Makes the objects of `Name{…}` expressions. */
export type ObjectMaker = (type: string, fields: ReadonlyMap<string, CelValue>) => CelValue;

/** What planning needs beside the expression. */
export interface PlanOptions {
  readonly makeObject?: ObjectMaker;
  /** What functions cost, by their names; what an overload says of itself comes before. */
  readonly functionCosts?: ReadonlyMap<string, FunctionCost>;
}

/**
 * Turns a checked expression into functions that call each other: names are slots, overloads are chosen, constants are
 * folded. Costs are counted on the way, as cel-go's tracker counts them.
 *
 * @returns an error when a constant part of it has no value, wherever it stands
 */
export function plan(checked: Checked, options: PlanOptions = {}): Program | CelError {
  const planner = new Planner(checked, options);
  const step = planner.plan(checked.expr).run;
  if (planner.failure !== undefined) return planner.failure;
  const variables = planner.variables;
  return {
    variables,
    evaluate(activation, { costLimit = Number.POSITIVE_INFINITY } = {}) {
      const frame = new Frame(activation, variables, planner.locals, costLimit);
      try {
        return { value: step(frame), cost: frame.cost };
      } catch (error) {
        if (error !== COST_EXCEEDED) throw error;
        return { value: new CelError('operation cancelled: actual cost limit exceeded'), cost: frame.cost };
      }
    },
  };
}

/** Thrown through all operators, none of which may absorb it; never leaves this file. */
const COST_EXCEEDED = new Error('cost limit exceeded');

/** The state of one evaluation. */
class Frame {
  cost = 0;
  readonly #limit: number;
  readonly #activation: Activation;
  readonly #names: readonly string[];
  readonly #globals: (CelValue | undefined)[];
  readonly locals: CelValue[];

  constructor(activation: Activation, names: readonly string[], locals: number, limit: number) {
    this.#activation = activation;
    this.#names = names;
    this.#limit = limit;
    this.#globals = new Array(names.length);
    this.locals = new Array(locals);
  }

  spend(cost: number): void {
    this.cost += cost;
    if (this.cost > this.#limit) throw COST_EXCEEDED;
  }

  global(slot: number): CelValue {
    let value = this.#globals[slot];
    if (value === undefined) {
      const name = this.#names[slot]!;
      const found = this.#activation(name);
      value = found === undefined ? new CelError(`no such attribute(s): ${name}`) : found;
      this.#globals[slot] = value;
    }
    return value;
  }
}

type Step = (frame: Frame) => CelValue;

/** A planned node. */
interface Planned {
  readonly run: Step;
  /** Its value, if that is known already. */
  readonly constant?: CelValue;
  /**
   * A name with selections, whose cost is one for the name and one for each selection. Where its value is an index or the
   * branch of a condition the name costs nothing: `bare` is without it.
   */
  readonly bare?: Step;
}

class Planner {
  readonly #checked: Checked;
  readonly #options: PlanOptions;
  readonly variables: string[] = [];
  /** The first constant part that has no value. */
  failure: CelError | undefined;
  /** How many local slots there are at most. */
  locals = 0;
  readonly #scope: { readonly name: string; readonly slot: number }[] = [];

  constructor(checked: Checked, options: PlanOptions) {
    this.#checked = checked;
    this.#options = options;
  }

  plan(expr: Expr): Planned {
    const reference = this.#checked.referenceOf(expr);
    if (reference?.kind === 'ident' && expr.kind !== 'struct') return this.#name(reference.declaration);
    switch (expr.kind) {
      case 'literal':
        return constant(expr.value);
      case 'ident':
        return this.#name({ name: expr.name });
      case 'select':
        return this.#selection(this.plan(expr.operand), expr.field, expr.testOnly);
      case 'call':
        return this.#call(expr, reference);
      case 'list':
        return this.#list(expr.elements, expr.optionals);
      case 'map':
        return this.#map(expr.entries);
      case 'struct':
        return this.#struct(expr);
      case 'comprehension':
        return this.#comprehension(expr);
    }
  }

  #name({ name, value }: { readonly name: string; readonly value?: CelValue }): Planned {
    if (value !== undefined) return constant(value);
    const local = this.#scope.findLast((variable) => variable.name === name);
    if (local !== undefined) {
      const { slot } = local;
      return attribute((frame) => frame.locals[slot]!);
    }
    const known = this.variables.indexOf(name);
    const slot = known >= 0 ? known : this.variables.push(name) - 1;
    return attribute((frame) => frame.global(slot));
  }

  #selection(operand: Planned, field: string, testOnly: boolean): Planned {
    if (testOnly) {
      // the test itself costs nothing, and neither does the name: the selections before and the tested one do
      const before = operand.bare;
      const run = before ?? operand.run;
      return {
        run: (frame) => {
          const value = run(frame);
          frame.spend(1);
          return value instanceof CelError ? value : hasField(value, field);
        },
      };
    }
    return qualified(operand, (value) => select(value, field));
  }

  #call(expr: Call, reference: Reference | undefined): Planned {
    switch (expr.function) {
      case '_&&_':
        return this.#logic(expr, false);
      case '_||_':
        return this.#logic(expr, true);
      case '_?_:_':
        return this.#conditional(expr);
      case '@not_strictly_false':
        return this.#notStrictlyFalse(expr);
      case '_[_]':
        return this.#index(expr, at);
      case '_[?_]':
        return this.#index(expr, optionalAt);
      case '_?._':
        return this.#optionalSelect(expr);
      case '_==_':
      case '_!=_':
        return this.#equality(expr, expr.function === '_!=_');
      case '@in':
        return this.#membership(expr, reference);
      case 'or':
        return isOverload(reference, 'optional_or_optional') ? this.#or(expr, false) : this.#function(expr, reference);
      case 'orValue':
        return isOverload(reference, 'optional_orValue_value') ? this.#or(expr, true) : this.#function(expr, reference);
      default:
        return this.#function(expr, reference);
    }
  }

  /** `a.or(b)` and `a.orValue(b)`: the other side is evaluated only if the first is none. */
  #or(expr: Call, unwraps: boolean): Planned {
    const [first, other] = [this.plan(expr.target!).run, this.plan(expr.args[0]!).run];
    return {
      run: (frame) => {
        const optional = first(frame);
        if (optional instanceof CelError) return optional;
        if (!(optional instanceof Optional)) return noSuchOverload();
        if (optional.value === undefined) return other(frame);
        return unwraps ? optional.value : optional;
      },
    };
  }

  /** `&&` (absorbing false) and `||` (absorbing true): an error counts only if the other side does not decide. */
  #logic(expr: Call, absorbing: boolean): Planned {
    const [left, right] = expr.args.map((arg) => this.plan(arg).run) as [Step, Step];
    const run: Step = (frame) => {
      const a = left(frame);
      if (a === absorbing) return a;
      const b = right(frame);
      if (b === absorbing) return b;
      if (a === !absorbing && b === !absorbing) return a;
      if (a instanceof CelError) return a;
      return b instanceof CelError ? b : noSuchOverload();
    };
    return { run };
  }

  #conditional(expr: Call): Planned {
    const [condition, whenTrue, whenFalse] = expr.args.map((arg) => this.plan(arg)) as [Planned, Planned, Planned];
    const test = condition.run;
    const [yes, no] = [whenTrue.bare ?? whenTrue.run, whenFalse.bare ?? whenFalse.run];
    const run: Step = (frame) => {
      const value = test(frame);
      if (value === true) return yes(frame);
      if (value === false) return no(frame);
      return value instanceof CelError ? value : noSuchOverload();
    };
    return { run, bare: run };
  }

  #notStrictlyFalse(expr: Call): Planned {
    const argument = this.plan(expr.args[0]!).run;
    return {
      run: (frame) => {
        const value = argument(frame);
        frame.spend(1);
        return value !== false;
      },
    };
  }

  #index(expr: Call, read: (operand: CelValue, index: CelValue) => CelValue): Planned {
    const [operand, index] = expr.args.map((arg) => this.plan(arg)) as [Planned, Planned];
    const known = index.constant;
    if (known !== undefined) return qualified(operand, (value) => read(value, known));
    const key = index.bare ?? index.run;
    const through = (value: CelValue, frame: Frame): CelValue => {
      const at = key(frame);
      frame.spend(1);
      return at instanceof CelError ? at : read(value, at);
    };
    return {
      run: withFrame(operand.run, through, operand.bare === undefined ? 1 : 0),
      bare: withFrame(operand.bare ?? operand.run, through, 0),
    };
  }

  #optionalSelect(expr: Call): Planned {
    const [operand, field] = expr.args as [Expr, Literal];
    const name = String(field.value);
    return qualified(this.plan(operand), (value) => optionalSelect(value, name));
  }

  #equality(expr: Call, negated: boolean): Planned {
    const [left, right] = expr.args.map((arg) => this.plan(arg).run) as [Step, Step];
    const track = this.#costOf(expr.function)?.track;
    return {
      run: (frame) => {
        const a = left(frame);
        const b = right(frame);
        if (a instanceof CelError) return a;
        if (b instanceof CelError) return b;
        const equal = equalValues(a, b);
        frame.spend(track?.([a, b], true, 'equals') ?? Math.ceil(Math.min(sizeOf(a), sizeOf(b)) * 0.1));
        return typeof equal === 'boolean' ? equal !== negated : equal;
      },
    };
  }

  #membership(expr: Call, reference: Reference | undefined): Planned {
    const [value, container] = expr.args.map((arg) => this.plan(arg)) as [Planned, Planned];
    const { constant: list } = container;
    if (list instanceof ListValue && isSimpleSet(list)) {
      // a constant set is looked up without a cost of its own
      return {
        run: (frame) => {
          const found = value.run(frame);
          return found instanceof CelError ? found : contains(list, found);
        },
      };
    }
    const isList = overloadsOf(reference).every(({ id }) => id === 'in_list') && overloadsOf(reference).length === 1;
    return {
      run: (frame) => {
        const found = value.run(frame);
        const inside = container.run(frame);
        if (found instanceof CelError) return found;
        if (inside instanceof CelError) return inside;
        const result = contains(inside, found);
        frame.spend(isList ? sizeOf(inside) : 1);
        return result;
      },
    };
  }

  #function(expr: Call, reference: Reference | undefined): Planned {
    const overloads = overloadsOf(reference);
    const isMember = reference?.kind === 'function' && reference.isMember;
    const nodes = isMember ? [expr.target!, ...expr.args] : expr.args;
    const args = nodes.map((node) => this.plan(node));
    const unguarded = reference?.kind === 'function' && reference.declaration.unguarded;
    const name = reference?.kind === 'function' ? reference.declaration.name : expr.function;
    const known = foldable(name, overloads, args) ?? wrongPattern(name, args);
    if (known instanceof CelError) this.failure ??= known;
    if (known !== undefined) return constant(known);
    const steps = args.map(({ run }) => run);
    const [first] = overloads;
    if (first === undefined) return { run: () => noSuchOverload() };
    if (overloads.length === 1)
      return {
        run: callOne(steps, first, unguarded || this.#isExact(nodes, first), callCost(first, this.#costOf(name)), name),
      };
    return { run: callAny(steps, overloads, name, this.#costOf(name), unguarded) };
  }

  #costOf(name: string): FunctionCost | undefined {
    return this.#options.functionCosts?.get(name);
  }

  /** Whether the arguments are of the overload's types for certain. */
  #isExact(nodes: readonly Expr[], overload: Overload): boolean {
    return nodes.every((node, i) => {
      const type = this.#checked.typeOf(node);
      const wanted = overload.params[i]!;
      return wanted.kind === 'dyn' || wanted.kind === 'type_param' || (type.kind === wanted.kind && !type.nullable);
    });
  }

  #list(elements: readonly Expr[], optionals: readonly number[]): Planned {
    const planned = elements.map((element) => this.plan(element));
    const constants = planned.map((element) => element.constant);
    if (optionals.length === 0 && constants.every((value) => value !== undefined))
      return constant(new ArrayList(constants as CelValue[]));
    const steps = planned.map(({ run }) => run);
    const isOptional = steps.map((_, i) => optionals.includes(i));
    return {
      run: (frame) => {
        const values: CelValue[] = [];
        for (let i = 0; i < steps.length; i++) {
          const value = steps[i]!(frame);
          if (value instanceof CelError) return value;
          const entry = isOptional[i] ? unwrap(value) : value;
          if (entry instanceof CelError) return entry;
          if (entry !== undefined) values.push(entry);
        }
        frame.spend(LIST_CREATE_COST);
        return new ArrayList(values);
      },
    };
  }

  #map(entries: readonly { readonly key: Expr; readonly value: Expr; readonly optional: boolean }[]): Planned {
    const steps = entries.map(({ key, value, optional }) => ({
      key: this.plan(key),
      value: this.plan(value),
      optional,
    }));
    const isConstant = steps.every(
      (e) => !e.optional && e.key.constant !== undefined && e.value.constant !== undefined,
    );
    const build = (frame: Frame | undefined): CelValue => {
      const made: [CelValue, CelValue][] = [];
      for (const { key, value, optional } of steps) {
        const name = key.constant ?? key.run(frame!);
        if (name instanceof CelError) return name;
        const found = value.constant ?? value.run(frame!);
        if (found instanceof CelError) return found;
        const entry = optional ? unwrap(found) : found;
        if (entry instanceof CelError) return entry;
        if (entry === undefined) continue;
        made.push([name, entry]);
      }
      return new EntryMap(made);
    };
    if (isConstant) {
      const value = build(undefined);
      if (!(value instanceof CelError)) return constant(value);
    }
    return {
      run: (frame) => {
        const map = build(frame);
        frame.spend(MAP_CREATE_COST);
        return map;
      },
    };
  }

  #struct(expr: StructExpr): Planned {
    const steps = expr.fields.map(({ key, value, optional }) => ({ key, run: this.plan(value).run, optional }));
    const make = this.#options.makeObject;
    const reference = this.#checked.referenceOf(expr);
    const name = reference?.kind === 'ident' ? reference.declaration.name : expr.name;
    return {
      run: (frame) => {
        const fields = new Map<string, CelValue>();
        for (const { key, run, optional } of steps) {
          const value = run(frame);
          if (value instanceof CelError) return value;
          const field = optional ? unwrap(value) : value;
          if (field instanceof CelError) return field;
          if (field !== undefined) fields.set(key, field);
        }
        frame.spend(STRUCT_CREATE_COST);
        return make?.(name, fields) ?? new CelError(`unknown type: ${name}`);
      },
    };
  }

  #comprehension(expr: Comprehension): Planned {
    const range = this.plan(expr.range).run;
    const isEmptyList = expr.init.kind === 'list' && expr.init.elements.length === 0;
    const init: Step = isEmptyList ? () => new GrowingList() : this.plan(expr.init).run;
    const depth = this.#scope.length;
    const accumulator = this.#local(expr.accumulator);
    const first = this.#local(expr.variable);
    const second = expr.variable2 === undefined ? undefined : this.#local(expr.variable2);
    const condition = this.plan(expr.condition).run;
    const step = this.plan(expr.step).run;
    this.#scope.length = depth + 1;
    const result = this.plan(expr.result).run;
    this.#scope.length = depth;
    const run: Step = (frame) => {
      const over = range(frame);
      if (over instanceof CelError) return over;
      if (!(over instanceof ListValue) && !(over instanceof MapValue))
        return new CelError(`got '${goType(over)}', expected iterable type`);
      const { locals } = frame;
      locals[accumulator] = init(frame);
      const iterate = (one: CelValue, two: CelValue | undefined): boolean => {
        locals[first] = one;
        if (second !== undefined) locals[second] = two!;
        if (condition(frame) === false) return false;
        locals[accumulator] = step(frame);
        return true;
      };
      if (over instanceof ListValue) iterateList(over, second !== undefined, iterate);
      else for (const key of over.keys()) if (!iterate(key, second && over.find(key))) break;
      return result(frame);
    };
    return { run };
  }

  #local(name: string): number {
    const slot = this.#scope.push({ name, slot: this.#scope.length }) - 1;
    this.locals = Math.max(this.locals, slot + 1);
    return slot;
  }
}

function iterateList(
  list: ListValue,
  indexed: boolean,
  iterate: (one: CelValue, two: CelValue | undefined) => boolean,
): void {
  for (let i = 0; i < list.size; i++) {
    const element = list.get(i);
    if (!(indexed ? iterate(BigInt(i), element) : iterate(element, undefined))) return;
  }
}

function constant(value: CelValue): Planned {
  return { run: () => value, constant: value };
}

/** A name: it costs 1, where it is not part of something that counts it. */
function attribute(bare: Step): Planned {
  return {
    bare,
    run: (frame) => {
      frame.spend(1);
      return bare(frame);
    },
  };
}

/** A selection costs 1; one from what is no name costs 1 more, for the attribute that this makes. */
function qualified(operand: Planned, read: (value: CelValue) => CelValue): Planned {
  const through = (value: CelValue, frame: Frame): CelValue => {
    frame.spend(1);
    return read(value);
  };
  return {
    run: withFrame(operand.run, through, operand.bare === undefined ? 1 : 0),
    bare: withFrame(operand.bare ?? operand.run, through, 0),
  };
}

function withFrame(operand: Step, read: (value: CelValue, frame: Frame) => CelValue, extra: number): Step {
  if (extra === 0)
    return (frame) => {
      const value = operand(frame);
      return value instanceof CelError ? value : read(value, frame);
    };
  return (frame) => {
    const value = operand(frame);
    frame.spend(extra);
    return value instanceof CelError ? value : read(value, frame);
  };
}

function overloadsOf(reference: Reference | undefined): readonly Overload[] {
  return reference?.kind === 'function' ? reference.overloads : [];
}

/** What an optional entry adds; undefined for none. */
function unwrap(value: CelValue): CelValue | undefined {
  if (value instanceof Optional) return value.value;
  return new CelError(`cannot initialize optional entry from non-optional value ${typeName(value)}`);
}

/** Conversions of literals are done once, when the program is made. */
function foldable(name: string, overloads: readonly Overload[], args: readonly Planned[]): CelValue | undefined {
  const [only] = args;
  if (!CONVERSIONS.has(name) || args.length !== 1 || only!.constant === undefined) return undefined;
  const overload = overloads.find(({ params }) => fits(only!.constant!, params[0]!));
  return overload?.call === undefined ? misfit(name, [only!.constant]) : overload.call(only!.constant);
}

/** Patterns that are literals are compiled when the program is made. */
function wrongPattern(name: string, args: readonly Planned[]): CelError | undefined {
  const pattern = args[1]?.constant;
  if (!PATTERN_FUNCTIONS.has(name) || typeof pattern !== 'string') return undefined;
  try {
    compileRegexp(pattern);
    return undefined;
  } catch (error) {
    return new CelError((error as Error).message);
  }
}

const PATTERN_FUNCTIONS: ReadonlySet<string> = new Set(['matches', 'find', 'findAll']);

function isOverload(reference: Reference | undefined, id: string): boolean {
  const overloads = overloadsOf(reference);
  return overloads.length === 1 && overloads[0]!.id === id;
}

const CONVERSIONS: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
]);

/** Texts, numbers and bools of one type each. */
function isSimpleSet(list: ListValue): boolean {
  if (list.size === 0) return false;
  const type = typeName(list.get(0));
  for (const value of list) if (typeName(value) !== type) return false;
  return ['bool', 'double', 'int', 'string', 'uint'].includes(type);
}

/** A call whose overload is known. */
function callOne(
  steps: readonly Step[],
  overload: Overload,
  isExact: boolean,
  cost: CostOfCall | undefined,
  name: string,
): Step {
  const { call, params } = overload;
  if (call === undefined) return () => noSuchOverload();
  const [first, second] = steps;
  if (steps.length === 1)
    return (frame) => {
      const a = first!(frame);
      if (a instanceof CelError) return a;
      if (!isExact && !fits(a, params[0]!)) return misfit(name, [a]);
      const result = call(a);
      frame.spend(cost === undefined ? 1 : cost([a], result));
      return result;
    };
  if (steps.length === 2)
    return (frame) => {
      const a = first!(frame);
      const b = second!(frame);
      if (a instanceof CelError) return a;
      if (b instanceof CelError) return b;
      if (!isExact && !(fits(a, params[0]!) && fits(b, params[1]!))) return misfit(name, [a, b]);
      const result = call(a, b);
      frame.spend(cost === undefined ? 1 : cost([a, b], result));
      return result;
    };
  return (frame) => {
    const args = evaluateAll(steps, frame);
    if (args instanceof CelError) return args;
    if (!isExact && !args.every((arg, i) => fits(arg, params[i]!))) return misfit(name, args);
    const result = call(...args);
    frame.spend(cost === undefined ? 1 : cost(args, result));
    return result;
  };
}

/** A call whose overload the arguments decide; operators and unguarded functions look at them for themselves. */
function callAny(
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
  const unfit = operands === undefined ? misfit : () => new CelError(`no such overload: ${name}`);
  return (frame) => {
    const args = evaluateAll(steps, frame);
    if (args instanceof CelError) return args;
    const overload = choose(args);
    const result = overload?.call === undefined ? unfit(name, args) : overload.call(...args);
    frame.spend(cost?.track?.(args, result, '') ?? 1);
    return result;
  };
}

/** The error of arguments that no overload takes. */
function misfit(name: string, args: readonly CelValue[]): CelError {
  return new CelError(`no such overload: ${name}(${args.map(typeName).join(', ')})`);
}

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
  ['-_', ['int', 'double', 'google.protobuf.Duration']],
  ['_<_', ORDERED],
  ['_<=_', ORDERED],
  ['_>_', ORDERED],
  ['_>=_', ORDERED],
  ['size', ['string', 'bytes', 'list', 'map']],
  ['matches', ['string']],
]);

function evaluateAll(steps: readonly Step[], frame: Frame): CelValue[] | CelError {
  const values: CelValue[] = [];
  let failed: CelError | undefined;
  for (const step of steps) {
    const value = step(frame);
    if (value instanceof CelError) failed ??= value;
    values.push(value);
  }
  return failed ?? values;
}

/** What cel-go calls the type of a value in its own language. */
function goType(value: CelValue): string {
  const names: Readonly<Record<string, string>> = {
    bool: 'types.Bool',
    bytes: 'types.Bytes',
    double: 'types.Double',
    'google.protobuf.Duration': 'types.Duration',
    'google.protobuf.Timestamp': 'types.Timestamp',
    int: 'types.Int',
    null_type: 'types.Null',
    optional_type: '*types.Optional',
    string: 'types.String',
    type: '*types.Type',
    uint: 'types.Uint',
  };
  const name = typeName(value);
  return names[name] ?? `cel.${name.slice(name.lastIndexOf('.') + 1)}`;
}
