import { compileRegexp } from 'nekube/apimachinery';
import type { Call, Comprehension, Expr, Literal, StructExpr } from './ast.ts';
import type { Checked, Reference } from './checker.ts';
import { LIST_CREATE_COST, MAP_CREATE_COST, STRUCT_CREATE_COST } from './cost-range.ts';
import { equalValues } from './equality.ts';
import type { FunctionCost, Overload } from './function.ts';
import { GrowingList } from './growing-list.ts';
import { Interruption } from './interruption.ts';
import { fits, goType, sizeOf, typeName } from './kind.ts';
import { callCost, type CostOfCall } from './run-cost.ts';
import { contains, qualify, qualifyIfPresent } from './selection.ts';
import { WELL_KNOWN_MESSAGES } from './standard/messages.ts';
import {
  ArrayList,
  CelError,
  type CelValue,
  EntryMap,
  ListValue,
  MapValue,
  noSuchOverload,
  ObjectValue,
  Optional,
  Uint,
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
        if (!(error instanceof Interruption)) throw error;
        return { value: new CelError(error.message), cost: frame.cost };
      }
    },
  };
}

const COST_EXCEEDED = new Interruption('operation cancelled: actual cost limit exceeded');

/** The state of one evaluation. */
class Frame {
  cost = 0;
  readonly #limit: number;
  readonly #activation: Activation;
  readonly #names: readonly string[];
  readonly #globals: (CelValue | undefined)[];
  readonly locals: (CelValue | undefined)[];

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
type Fields = ReadonlyMap<string, CelValue>;

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
  /** What `bare` is made of, so that it can be selected from further. */
  readonly attribute?: Attribute;
}

/** A value and what is selected from it. */
interface Attribute {
  readonly base: Step;
  readonly qualifiers: readonly Qualifier[];
  /** The attribute costs nothing itself, only what it is made of. */
  readonly free: boolean;
}

/** One selection: `.field`, `[index]` or, optional, `.?field`, `[?index]`. */
interface Qualifier {
  readonly key: Step;
  /** The key, where it is known. */
  readonly constant?: CelValue;
  readonly optional: boolean;
  /** Only whether the key is there is asked for. */
  readonly testOnly?: boolean;
}

class Planner {
  readonly #checked: Checked;
  readonly #options: PlanOptions;
  readonly variables: string[] = [];
  /** The first constant part that has no value. */
  failure: CelError | undefined;
  /** How many local slots there are; none is used twice. */
  locals = 0;
  readonly #scope: { readonly name: string; readonly slot: number; readonly init?: Step }[] = [];

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
      const { slot, init } = local;
      if (init === undefined) return named((frame) => frame.locals[slot]!);
      return named((frame) => {
        if (frame.locals[slot] === undefined) frame.locals[slot] = init(frame);
        return frame.locals[slot]!;
      });
    }
    const known = this.variables.indexOf(name);
    const slot = known >= 0 ? known : this.variables.push(name) - 1;
    return named((frame) => frame.global(slot));
  }

  #selection(operand: Planned, field: string, testOnly: boolean): Planned {
    const made = qualified(operand, { ...constantKey(field), optional: false, testOnly });
    if (!testOnly) return made;
    // The test itself costs nothing, and neither does the name: the selections before and the tested one do.
    const bare = made.bare!;
    const discount = made.attribute!.free ? 1 : 0;
    const run: Step = (frame) => {
      const found = bare(frame);
      frame.cost -= discount;
      return found instanceof Optional ? found.value !== undefined : found;
    };
    return { run, bare, attribute: { ...made.attribute!, free: true } };
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
        return this.#index(expr, false);
      case '_[?_]':
        return this.#index(expr, true);
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
        if (!(optional instanceof Optional)) return optional;
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
    const [yes, no] = [flattened(whenTrue.bare ?? whenTrue.run), flattened(whenFalse.bare ?? whenFalse.run)];
    const run: Step = (frame) => {
      const value = test(frame);
      if (value === true) return yes(frame);
      if (value === false) return no(frame);
      return value instanceof CelError ? value : noSuchOverload();
    };
    return attribute({ base: run, qualifiers: [], free: true });
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

  #index(expr: Call, optional: boolean): Planned {
    const [operand, index] = expr.args.map((arg) => this.plan(arg)) as [Planned, Planned];
    const { constant: known } = index;
    if (known === undefined) return qualified(operand, { key: index.bare ?? index.run, optional });
    this.failure ??= wrongKey(known);
    return qualified(operand, { ...constantKey(known), optional });
  }

  #optionalSelect(expr: Call): Planned {
    const [operand, field] = expr.args as [Expr, Literal];
    return qualified(this.plan(operand), { ...constantKey(String(field.value)), optional: true });
  }

  #equality(expr: Call, negated: boolean): Planned {
    const [left, right] = expr.args.map((arg) => this.plan(arg).run) as [Step, Step];
    const track = this.#costOf(expr.function)?.track;
    return {
      run: (frame) => {
        const a = left(frame);
        const b = right(frame);
        frame.spend(track?.([a, b], true, 'equals') ?? Math.ceil(Math.min(sizeOf(a), sizeOf(b)) * 0.1));
        if (a instanceof CelError) return a;
        if (b instanceof CelError) return b;
        const equal = equalValues(a, b);
        // What cannot be compared is not equal.
        return negated ? equal !== true : equal;
      },
    };
  }

  #membership(expr: Call, reference: Reference | undefined): Planned {
    const [value, container] = expr.args.map((arg) => this.plan(arg)) as [Planned, Planned];
    const { constant: list } = container;
    const isList = overloadsOf(reference).every(({ id }) => id === 'in_list') && overloadsOf(reference).length === 1;
    if (isList && list instanceof ListValue && isSimpleSet(list)) {
      if (list.size === 0) return constant(false);
      // a constant set is looked up without a cost of its own
      return {
        run: (frame) => {
          const found = value.run(frame);
          if (isUnhashable(found)) throw unhashable(found);
          return found instanceof CelError ? found : contains(list, found);
        },
      };
    }
    return {
      run: (frame) => {
        const found = value.run(frame);
        const inside = container.run(frame);
        frame.spend(isList ? sizeOf(inside) : 1);
        if (found instanceof CelError) return found;
        if (inside instanceof CelError) return inside;
        return contains(inside, found);
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
    const folded = foldable(name, overloads, args);
    const known = folded === undefined ? wrongPattern(name, args) : folded;
    if (known instanceof CelError) this.failure ??= known;
    if (known !== undefined) return constant(known);
    const steps = args.map(({ run }) => run);
    const [first] = overloads;
    if (first === undefined) return { run: () => noSuchOverload() };
    if (overloads.length === 1) {
      const isExact = unguarded || this.#isExact(nodes, first);
      const cost = callCost(first, this.#costOf(name));
      const hasPattern = PATTERN_FUNCTIONS.has(name) && args[1]!.constant !== undefined;
      const inTurn = first.id === 'string_format' || hasPattern;
      return { run: callOne(steps, first, { isExact, cost, name, inTurn, hasPattern }) };
    }
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
      if (wanted.kind === 'dyn' || wanted.kind === 'type_param') return true;
      return type.kind === wanted.kind && !type.nullable && this.#isCertain(node);
    });
  }

  /** Whether the values are of the type that the checker told: not where something dynamic was taken for it. */
  #isCertain(node: Expr): boolean {
    const reference = this.#checked.referenceOf(node);
    switch (node.kind) {
      case 'literal':
        return true;
      case 'ident':
        return !this.#scope.some(({ name }) => name === node.name);
      case 'select':
        return reference !== undefined || node.testOnly || this.#isCertain(node.operand);
      case 'call':
        return overloadsOf(reference).every(({ result }) => CERTAIN_KINDS.has(result.kind));
      default:
        return false;
    }
  }

  #list(elements: readonly Expr[], optionals: readonly number[]): Planned {
    const planned = elements.map((element) => this.plan(element));
    const constants = planned.map((element) => element.constant);
    if (optionals.length === 0 && constants.every((value) => value !== undefined))
      return constant(new ArrayList(constants as CelValue[]));
    const steps = planned.map(({ run }) => run);
    const isOptional = steps.map((_, i) => optionals.includes(i));
    const build: Step = (frame) => {
      const values: CelValue[] = [];
      for (let i = 0; i < steps.length; i++) {
        const value = steps[i]!(frame);
        if (value instanceof CelError) return value;
        const entry = isOptional[i] ? unwrap(value) : value;
        if (entry instanceof CelError) return entry;
        if (entry !== undefined) values.push(entry);
      }
      return new ArrayList(values);
    };
    return { run: spending(build, LIST_CREATE_COST) };
  }

  #map(entries: readonly { readonly key: Expr; readonly value: Expr; readonly optional: boolean }[]): Planned {
    const steps = entries.map(({ key, value, optional }) => ({
      key: this.plan(key),
      value: this.plan(value),
      optional,
    }));
    const isConstant = steps.every(
      ({ key, value, optional }) =>
        !optional && key.constant !== undefined && !isUnhashable(key.constant) && value.constant !== undefined,
    );
    const build = (frame: Frame | undefined): CelValue => {
      const made: [CelValue, CelValue][] = [];
      for (const { key, value, optional } of steps) {
        const name = key.constant ?? key.run(frame!);
        if (name instanceof CelError) return name;
        if (isUnhashable(name)) throw unhashable(name);
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
    return { run: spending(build, MAP_CREATE_COST) };
  }

  #struct(expr: StructExpr): Planned {
    const steps = expr.fields.map(({ key, value, optional }) => ({ key, run: this.plan(value).run, optional }));
    const known = WELL_KNOWN_MESSAGES.get(expr.name.replace(/^\./, ''));
    const make = known === undefined ? this.#options.makeObject : (_: string, fields: Fields) => known.make(fields);
    const reference = this.#checked.referenceOf(expr);
    const name = reference?.kind === 'ident' ? reference.declaration.name : expr.name;
    const build: Step = (frame) => {
      const fields = new Map<string, CelValue>();
      for (const { key, run, optional } of steps) {
        const value = run(frame);
        if (value instanceof CelError) return value;
        const field = optional ? unwrap(value) : value;
        if (field instanceof CelError) return field;
        if (field !== undefined) fields.set(key, field);
      }
      return make === undefined ? new CelError(`unknown type: ${name}`) : make(name, fields);
    };
    return { run: spending(build, STRUCT_CREATE_COST) };
  }

  #comprehension(expr: Comprehension): Planned {
    const range = this.plan(expr.range).run;
    const isEmptyList = expr.init.kind === 'list' && expr.init.elements.length === 0;
    const init: Step = isEmptyList ? () => new GrowingList() : this.plan(expr.init).run;
    const depth = this.#scope.length;
    if (expr.range.kind === 'list' && expr.range.elements.length === 0) return this.#binding(expr, init);
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
      if (!(over instanceof ListValue) && !(over instanceof MapValue)) return notIterable(over, second !== undefined);
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

  /** Nothing is gone through: a value has a name, and is evaluated when that is first asked for. */
  #binding(expr: Comprehension, init: Step): Planned {
    const slot = this.#local(expr.accumulator, init);
    const result = this.plan(expr.result).run;
    this.#scope.pop();
    return {
      run: (frame) => {
        frame.locals[slot] = undefined;
        return result(frame);
      },
    };
  }

  #local(name: string, init?: Step): number {
    const slot = this.locals++;
    this.#scope.push({ name, slot, ...(init && { init }) });
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

/** What cannot be a key in Go. */
function isUnhashable(value: CelValue): boolean {
  return value instanceof Uint8Array || (value instanceof ObjectValue && value.type.name === 'kubernetes.Semver');
}

function unhashable(value: CelValue): Interruption {
  return new Interruption(`internal error: runtime error: hash of unhashable type ${goType(value)}`);
}

function notIterable(value: CelValue, indexed: boolean): CelError {
  if (indexed) return new CelError(`unsupported comprehension range type: ${goType(value)}`);
  return new CelError(`got '${goType(value)}', expected iterable type`);
}

function constant(value: CelValue): Planned {
  return { run: () => value, constant: value };
}

/** A name: it costs 1, where it is not part of something that counts it. */
function named(base: Step): Planned {
  return attribute({ base, qualifiers: [], free: false });
}

function attribute(made: Attribute): Planned {
  const bare = resolve(made);
  return { bare, run: made.free ? bare : spending(bare, 1), attribute: made };
}

/** A selection costs 1; one from what is no name costs 1 more, for the attribute that this makes. */
function qualified(operand: Planned, qualifier: Qualifier): Planned {
  const before = operand.attribute ?? { base: operand.run, qualifiers: [], free: false };
  return attribute({ ...before, qualifiers: [...before.qualifiers, qualifier] });
}

/** As a branch of a condition, an optional in an optional is one. */
function flattened(step: Step): Step {
  return (frame) => {
    const value = step(frame);
    const inner = value instanceof Optional ? value.value : undefined;
    return inner instanceof Optional ? Optional.of(inner.value ?? null) : value;
  };
}

function constantKey(key: CelValue): { readonly key: Step; readonly constant: CelValue } {
  return { key: () => key, constant: key };
}

/** The value of an attribute, without the cost of the attribute itself. */
function resolve({ base, qualifiers }: Attribute): Step {
  if (qualifiers.length === 0) return base;
  const steps = qualifiers.map(plainStep);
  const isPlain = qualifiers.every(({ optional }) => !optional);
  return (frame) => {
    let value = base(frame);
    if (value instanceof CelError) return value;
    if (!isPlain || value instanceof Optional) return resolveOptional(frame, value, qualifiers);
    for (let i = 0; i < steps.length; i++) {
      value = steps[i]!(frame, value);
      if (value instanceof CelError) return value;
    }
    return value;
  };
}

function plainStep({ key, constant: known, testOnly }: Qualifier): (frame: Frame, value: CelValue) => CelValue {
  if (testOnly)
    return (frame, value) => {
      frame.spend(1);
      const found = qualifyIfPresent(value, known!);
      return found instanceof CelError ? found : found !== undefined;
    };
  if (known !== undefined)
    return (frame, value) => {
      frame.spend(1);
      return qualify(value, known);
    };
  return (frame, value) => {
    const index = key(frame);
    frame.spend(1);
    if (index instanceof CelError) return index;
    return wrongKey(index) ?? qualify(value, index);
  };
}

/** From an optional value or selection on, all selections may find nothing, and what they find is optional. */
function resolveOptional(frame: Frame, from: CelValue, qualifiers: readonly Qualifier[]): CelValue {
  let isOptional = false;
  let value = from;
  if (from instanceof Optional) {
    if (from.value === undefined) return from;
    isOptional = true;
    value = from.value;
  }
  for (const qualifier of qualifiers) {
    isOptional ||= qualifier.optional;
    const found = isOptional ? optionalStep(frame, value, qualifier) : plainStep(qualifier)(frame, value);
    if (found === undefined) return Optional.none;
    if (found instanceof CelError) return found;
    value = found;
  }
  return isOptional ? Optional.of(value) : value;
}

/** It costs nothing where nothing is found. */
function optionalStep(frame: Frame, value: CelValue, { key }: Qualifier): CelValue | undefined {
  const index = key(frame);
  if (index instanceof CelError) return index;
  const found = wrongKey(index) ?? qualifyIfPresent(value, index);
  if (found !== undefined && !(found instanceof CelError)) frame.spend(1);
  return found;
}

/** The error of what can be no key of anything. */
function wrongKey(key: CelValue): CelError | undefined {
  if (typeof key !== 'object' || key instanceof Uint) return undefined;
  return new CelError(`invalid qualifier type: ${goType(key)}`);
}

/** It costs so much when it is done, whatever came of it. */
function spending(step: Step, cost: number): Step {
  return (frame) => {
    const value = step(frame);
    frame.spend(cost);
    return value;
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

/** Of texts, numbers and bools. */
function isSimpleSet(list: ListValue): boolean {
  for (const value of list) if (!['bool', 'double', 'int', 'string', 'uint'].includes(typeName(value))) return false;
  return true;
}

/** Kinds of types that are what they are, whatever a call was made with. */
const CERTAIN_KINDS: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'int',
  'string',
  'timestamp',
  'uint',
]);

/** How a call is made, besides its overload. */
interface CallOptions {
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
function callOne(
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
function misfit(name: string, args: readonly CelValue[]): CelError {
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
