import type { Call, Comprehension, Expr, Literal, StructExpr } from './ast.ts';
import { attribute, constant, constantKey, flattened, named, type Planned, qualified, wrongKey } from './attribute.ts';
import { callAny, callOne } from './call-step.ts';
import type { Checked, Reference } from './checker.ts';
import { constantMap, listStep, mapStep, structStep } from './construction.ts';
import { foldable, PATTERN_FUNCTIONS, wrongPattern } from './fold.ts';
import { type Activation, Frame, type Step } from './frame.ts';
import type { FunctionCost, Overload } from './function.ts';
import { GrowingList } from './growing-list.ts';
import { Interruption } from './interruption.ts';
import { loopStep } from './iteration.ts';
import {
  conditionalStep,
  constantMembershipStep,
  equalityStep,
  isSimpleSet,
  logicStep,
  membershipStep,
  orStep,
} from './operator-step.ts';
import { callCost } from './run-cost.ts';
import { WELL_KNOWN_MESSAGES } from './standard/messages.ts';
import { ArrayList, CelError, type CelValue, ListValue, noSuchOverload, Optional } from './value.ts';

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

  #or(expr: Call, unwraps: boolean): Planned {
    return { run: orStep(this.plan(expr.target!).run, this.plan(expr.args[0]!).run, unwraps) };
  }

  #logic(expr: Call, absorbing: boolean): Planned {
    const [left, right] = this.#steps(expr.args) as [Step, Step];
    return { run: logicStep(left, right, absorbing) };
  }

  #conditional(expr: Call): Planned {
    const [condition, whenTrue, whenFalse] = expr.args.map((arg) => this.plan(arg)) as [Planned, Planned, Planned];
    const [yes, no] = [flattened(whenTrue.bare ?? whenTrue.run), flattened(whenFalse.bare ?? whenFalse.run)];
    const run = conditionalStep(condition.run, yes, no);
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
    const [left, right] = this.#steps(expr.args) as [Step, Step];
    return { run: equalityStep(left, right, negated, this.#costOf(expr.function)?.track) };
  }

  #membership(expr: Call, reference: Reference | undefined): Planned {
    const [value, container] = expr.args.map((arg) => this.plan(arg)) as [Planned, Planned];
    const { constant: list } = container;
    const isList = overloadsOf(reference).every(({ id }) => id === 'in_list') && overloadsOf(reference).length === 1;
    if (isList && list instanceof ListValue && isSimpleSet(list)) {
      if (list.size === 0) return constant(false);
      return { run: constantMembershipStep(value.run, list) };
    }
    return { run: membershipStep(value.run, container.run, isList) };
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

  #steps(nodes: readonly Expr[]): Step[] {
    return nodes.map((node) => this.plan(node).run);
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
    return {
      run: listStep(
        planned.map(({ run }) => run),
        optionals,
      ),
    };
  }

  #map(entries: readonly { readonly key: Expr; readonly value: Expr; readonly optional: boolean }[]): Planned {
    const planned = entries.map(({ key, value, optional }) => ({
      key: this.plan(key),
      value: this.plan(value),
      optional,
    }));
    const known = constantMap(planned);
    return known === undefined ? { run: mapStep(planned) } : constant(known);
  }

  #struct(expr: StructExpr): Planned {
    const fields = expr.fields.map(({ key, value, optional }) => ({ key, run: this.plan(value).run, optional }));
    const known = WELL_KNOWN_MESSAGES.get(expr.name.replace(/^\./, ''));
    const { makeObject } = this.#options;
    const reference = this.#checked.referenceOf(expr);
    const name = reference?.kind === 'ident' ? reference.declaration.name : expr.name;
    const make = (values: ReadonlyMap<string, CelValue>): CelValue => {
      if (known !== undefined) return known.make(values);
      return makeObject === undefined ? new CelError(`unknown type: ${name}`) : makeObject(name, values);
    };
    return { run: structStep(fields, make) };
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
    return { run: loopStep({ range, init, condition, step, result, accumulator, first, second }) };
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

function overloadsOf(reference: Reference | undefined): readonly Overload[] {
  return reference?.kind === 'function' ? reference.overloads : [];
}

function isOverload(reference: Reference | undefined, id: string): boolean {
  const overloads = overloadsOf(reference);
  return overloads.length === 1 && overloads[0]!.id === id;
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
