import {
  ACCUMULATOR,
  type Call,
  type Comprehension,
  type Expr,
  type ListExpr,
  type MapExpr,
  type Select,
} from './ast.ts';
import type { Checked } from './checker.ts';
import {
  addRanges,
  ANY_SIZE,
  type CostRange,
  fixed,
  LIST_CREATE_COST,
  MAP_CREATE_COST,
  multiplyRanges,
  REGEX_LENGTH_FACTOR,
  scaleRange,
  type SizeRange,
  STRING_TRAVERSAL_FACTOR,
  STRUCT_CREATE_COST,
  UNBOUNDED,
  uniteRanges,
} from './cost-range.ts';
import type { CallEstimate, CostNode, EstimatedCall, FunctionCost, Overload } from './function.ts';
import type { CelType } from './type.ts';
import { unwrapOptional } from './unify.ts';
import { codePoints } from './kind.ts';

/** What an estimate goes by, besides the expression. */
export interface EstimateOptions {
  /** Bounds the size of what a path from a variable leads to; undefined where nothing is known. */
  readonly sizeOf?: (path: readonly string[]) => SizeRange | undefined;
  /** Costs by the function's name; those of an overload come before them. */
  readonly functionCosts?: ReadonlyMap<string, FunctionCost>;
}

/**
 * Estimates what an evaluation costs at least and at most, as cel-go does with the options of Kubernetes: the numbers
 * decide which rules are accepted.
 */
export function estimateCost(checked: Checked, options: EstimateOptions = {}): CostRange {
  return new Estimator(checked, options).cost(checked.expr);
}

/** What is known of the entries of a list or map. */
interface EntrySize {
  readonly container: 'list' | 'map';
  readonly key: SizeRange;
  readonly value: SizeRange;
}

/** A local variable. */
interface Local {
  readonly name: string;
  readonly path: Path;
  readonly size: SizeRange | undefined;
  readonly entries: EntrySize | undefined;
}

type Path = readonly string[];

const NOTHING: CostRange = fixed(0);
const ONE: CostRange = fixed(1);
/** What no size was united with yet. */
const NO_SIZE: SizeRange = { min: UNBOUNDED, max: 0 };

class Estimator {
  readonly #checked: Checked;
  readonly #options: EstimateOptions;
  readonly #paths = new Map<Expr, Path>();
  readonly #sizes = new Map<Expr, SizeRange>();
  readonly #entries = new Map<Expr, EntrySize>();
  /** The innermost last. */
  readonly #locals: Local[] = [];

  constructor(checked: Checked, options: EstimateOptions) {
    this.#checked = checked;
    this.#options = options;
  }

  cost(expr: Expr): CostRange {
    switch (expr.kind) {
      case 'literal':
        return NOTHING;
      case 'ident':
        return this.#ident(expr, expr.name);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return addRanges(this.#sum(expr.fields.map(({ value }) => value)), fixed(STRUCT_CREATE_COST));
      case 'comprehension':
        return isBinding(expr) ? this.#binding(expr) : this.#comprehension(expr);
    }
  }

  #sum(exprs: readonly Expr[]): CostRange {
    return exprs.reduce((sum, expr) => addRanges(sum, this.cost(expr)), NOTHING);
  }

  #local(name: string): Local | undefined {
    return this.#locals.findLast((local) => local.name === name);
  }

  #ident(expr: Expr, name: string): CostRange {
    this.#paths.set(expr, this.#local(name)?.path ?? [name]);
    return ONE;
  }

  #select(expr: Select): CostRange {
    const reference = this.#checked.referenceOf(expr);
    if (reference?.kind === 'ident') return this.#ident(expr, reference.declaration.name);
    const operand = this.cost(expr.operand);
    if (expr.testOnly) return operand;
    this.#paths.set(expr, [...this.#pathOf(expr.operand), expr.field]);
    const { kind } = this.#checked.typeOf(expr.operand);
    return kind === 'map' || kind === 'struct' ? addRanges(operand, ONE) : operand;
  }

  #pathOf(expr: Expr): Path {
    const local = expr.kind === 'ident' ? this.#local(expr.name) : undefined;
    return local?.path ?? this.#paths.get(expr) ?? [];
  }

  #call(expr: Call): CostRange {
    if (expr.function === 'dyn') {
      const cost = this.cost(expr.args[0]!);
      this.#copySizes(expr, expr.args[0]!);
      return addRanges(ONE, cost);
    }
    const argCosts = expr.args.map((arg) => this.cost(arg));
    const args = expr.args.map((arg) => this.#node(arg));
    const reference = this.#checked.referenceOf(expr);
    if (reference?.kind !== 'function') return NOTHING;
    const target = reference.isMember ? expr.target : undefined;
    const targetCost = target === undefined ? NOTHING : this.cost(target);
    const call = { target: target && this.#node(target), args, sizeOf: (node: CostNode) => this.#sizeOfNode(node) };
    let cost: CostRange | undefined;
    let size: SizeRange | undefined;
    for (const overload of reference.overloads) {
      const of = { ...call, overloadId: overload.id };
      const estimate = this.#overload(expr, reference.declaration.name, overload, of, argCosts);
      cost = cost === undefined ? estimate.cost : uniteRanges(cost, estimate.cost);
      const { resultSize } = estimate;
      if (resultSize !== undefined) size = size === undefined ? resultSize : uniteRanges(size, resultSize);
      if (overload.id === 'index_list' || overload.id === 'index_map') {
        size = this.#entriesOf(expr.args[0]!)?.value;
        const step = overload.id === 'index_list' ? '@items' : '@values';
        this.#paths.set(expr, [...this.#pathOf(expr.args[0]!), step]);
      }
      size ??= this.#size(expr);
    }
    if (size !== undefined) this.#sizes.set(expr, size);
    return addRanges(targetCost, cost ?? NOTHING);
  }

  #node(expr: Expr): CostNode {
    const path = this.#pathOf(expr);
    return {
      type: this.#checked.typeOf(expr),
      path: path.length === 0 || path[0] === ACCUMULATOR ? undefined : path,
      literal: expr.kind === 'literal' ? expr.value : undefined,
      computedSize: this.#size(expr),
    };
  }

  #sizeOfNode({ computedSize, path }: CostNode): SizeRange {
    return computedSize ?? (path && this.#options.sizeOf?.(path)) ?? ANY_SIZE;
  }

  /** The cost of a call of one overload, its arguments included. */
  #overload(
    expr: Call,
    name: string,
    overload: Overload,
    call: EstimatedCall,
    argCosts: readonly CostRange[],
  ): CallEstimate {
    const known = overload.cost?.estimate?.(call) ?? this.#options.functionCosts?.get(name)?.estimate?.(call);
    const estimate = known ?? this.#lazy(expr, overload.id, call, argCosts) ?? this.#standard(expr, overload.id, call);
    if (known === undefined && LAZY.has(overload.id)) return estimate;
    return { ...estimate, cost: addRanges(estimate.cost, argCosts.reduce(addRanges, NOTHING)) };
  }

  /** Of operators that need not evaluate all arguments. */
  #lazy(
    expr: Call,
    overloadId: string,
    { args }: EstimatedCall,
    argCosts: readonly CostRange[],
  ): CallEstimate | undefined {
    if (!LAZY.has(overloadId)) return undefined;
    const [first, second, third] = argCosts as [CostRange, CostRange, CostRange];
    if (overloadId !== 'conditional') return { cost: { min: first.min, max: addRanges(first, second).max } };
    const resultSize = uniteRanges(args[1]!.computedSize ?? ANY_SIZE, args[2]!.computedSize ?? ANY_SIZE);
    this.#setEntries(expr, uniteEntries(this.#entriesOf(expr.args[1]!), this.#entriesOf(expr.args[2]!)));
    return { cost: addRanges(first, uniteRanges(second, third)), resultSize };
  }

  /** Of the standard library, without the arguments. */
  #standard(expr: Call, overloadId: string, { target, args }: EstimatedCall): CallEstimate {
    const size = (node: CostNode | undefined) => node?.computedSize ?? ANY_SIZE;
    const [first, second] = [size(args[0]), size(args[1])];
    switch (overloadId) {
      case 'string_format':
        return { cost: traversal(size(target)) };
      case 'string_to_bytes':
        return { cost: traversal(first), resultSize: { min: first.min, max: wrapped(first.max, 4n) } };
      case 'bytes_to_string':
        return { cost: traversal(first), resultSize: { min: Math.floor(first.min / 4), max: first.max } };
      case 'strings_quote':
        return { cost: traversal(first), resultSize: { min: first.min + 2, max: wrapped(first.max, 2n, 2n) } };
      case 'starts_with_string':
      case 'ends_with_string':
        return { cost: traversal(first) };
      case 'in_list':
        return { cost: second };
      case 'matches_string': {
        const pattern = scaleRange(first, REGEX_LENGTH_FACTOR);
        return { cost: multiplyRanges(traversal(addRanges(size(target), ONE)), pattern) };
      }
      case 'contains_string':
        return { cost: multiplyRanges(traversal(size(target)), traversal(first)) };
      case 'add_string':
      case 'add_bytes':
      case 'add_list': {
        const resultSize = addRanges(first, second);
        this.#setEntries(expr, uniteEntries(this.#entriesOf(expr.args[0]!), this.#entriesOf(expr.args[1]!)));
        return { cost: overloadId === 'add_list' ? ONE : traversal(resultSize), resultSize };
      }
      default:
        return { cost: COMPARISONS.has(overloadId) ? comparison(first, second) : ONE };
    }
  }

  #list(expr: ListExpr): CostRange {
    const cost = this.#sum(expr.elements);
    this.#entries.set(expr, { container: 'list', key: fixed(1), value: this.#uniteSizes(expr.elements) });
    return addRanges(cost, fixed(LIST_CREATE_COST));
  }

  #map(expr: MapExpr): CostRange {
    const cost = this.#sum(expr.entries.flatMap(({ key, value }) => [key, value]));
    const key = this.#uniteSizes(expr.entries.map((entry) => entry.key));
    const value = this.#uniteSizes(expr.entries.map((entry) => entry.value));
    this.#entries.set(expr, { container: 'map', key, value });
    return addRanges(cost, fixed(MAP_CREATE_COST));
  }

  #uniteSizes(exprs: readonly Expr[]): SizeRange {
    if (exprs.length === 0) return fixed(0);
    return exprs.reduce((size, expr) => uniteRanges(size, this.#size(expr) ?? ANY_SIZE), NO_SIZE);
  }

  #comprehension(expr: Comprehension): CostRange {
    let sum = addRanges(this.cost(expr.range), this.cost(expr.init));
    const depth = this.#locals.length;
    this.#pushBound(expr.accumulator, expr.init);
    this.#pushIterated(expr);
    const each = addRanges(this.cost(expr.condition), this.cost(expr.step));
    this.#locals.length = depth + 1;
    sum = addRanges(sum, this.cost(expr.result));
    this.#locals.length = depth;
    const count = this.#size(expr.range) ?? ANY_SIZE;
    this.#setResultSize(expr, count);
    return addRanges(sum, multiplyRanges(count, each));
  }

  #setResultSize(expr: Comprehension, count: SizeRange): void {
    if (expr.init.kind === 'literal') {
      const size = this.#size(expr.init);
      if (size !== undefined) this.#sizes.set(expr, size);
    } else if (expr.init.kind === 'list' || expr.init.kind === 'map') {
      this.#sizes.set(expr, count);
      this.#setEntries(expr, this.#entriesOf(expr.step));
    }
  }

  #binding(expr: Comprehension): CostRange {
    const sum = addRanges(this.cost(expr.range), this.cost(expr.init));
    this.#pushBound(expr.accumulator, expr.init);
    const cost = addRanges(sum, this.cost(expr.result));
    this.#locals.pop();
    this.#copySizes(expr, expr.result);
    return cost;
  }

  #pushBound(name: string, expr: Expr): void {
    this.#locals.push({ name, path: this.#pathOf(expr), size: this.#size(expr), entries: this.#entriesOf(expr) });
  }

  #pushIterated({ range, variable, variable2 }: Comprehension): void {
    const entries = this.#entriesOf(range);
    const isList = (entries?.container ?? this.#checked.typeOf(range).kind) === 'list';
    const path = this.#pathOf(range);
    const push = (name: string, step: string, size: SizeRange | undefined) =>
      this.#locals.push({ name, path: [...path, step], size, entries: undefined });
    if (variable2 === undefined) {
      push(variable, isList ? '@items' : '@keys', isList ? entries?.value : entries?.key);
      return;
    }
    push(variable, isList ? '@indices' : '@keys', entries?.key);
    push(variable2, isList ? '@items' : '@values', entries?.value);
  }

  #copySizes(to: Expr, from: Expr): void {
    const size = this.#size(from);
    if (size !== undefined) this.#sizes.set(to, size);
    this.#setEntries(to, this.#entriesOf(from));
  }

  #setEntries(expr: Expr, entries: EntrySize | undefined): void {
    if (entries !== undefined) this.#entries.set(expr, entries);
  }

  #entriesOf(expr: Expr): EntrySize | undefined {
    const local = expr.kind === 'ident' ? this.#local(expr.name) : undefined;
    return this.#entries.get(expr) ?? local?.entries;
  }

  /** What is known of an expression's size; undefined for nothing. */
  #size(expr: Expr): SizeRange | undefined {
    const known = this.#sizes.get(expr) ?? literalSize(expr);
    if (known !== undefined) return known;
    const path = this.#pathOf(expr);
    const bounded = path.length === 0 ? undefined : this.#options.sizeOf?.(path);
    if (bounded !== undefined) {
      this.#sizes.set(expr, bounded);
      return bounded;
    }
    if (isScalar(this.#checked.typeOf(expr))) return ONE;
    return expr.kind === 'ident' ? this.#local(expr.name)?.size : undefined;
  }
}

const LAZY: ReadonlySet<string> = new Set(['logical_or', 'logical_and', 'conditional']);

const COMPARISONS: ReadonlySet<string> = new Set(
  ['equals', 'not_equals'].concat(
    ['less', 'greater', 'less_equals', 'greater_equals'].flatMap((name) => [`${name}_string`, `${name}_bytes`]),
  ),
);

/** Of two values at most the smaller one is gone through. */
function comparison(left: SizeRange, right: SizeRange): CostRange {
  const max = Math.min(left.max, right.max);
  return traversal({ min: max > 0 ? 1 : 0, max });
}

function traversal(size: SizeRange): CostRange {
  return scaleRange(size, STRING_TRAVERSAL_FACTOR);
}

/** Where cel-go multiplies unchecked, what is too large begins at 0 again. */
function wrapped(size: number, factor: bigint, added = 0n): number {
  const exact = size >= UNBOUNDED ? 2n ** 64n - 1n : BigInt(size);
  return Number(BigInt.asUintN(64, exact * factor + added));
}

function uniteEntries(a: EntrySize | undefined, b: EntrySize | undefined): EntrySize | undefined {
  if (a === undefined || b === undefined) return undefined;
  return { container: a.container, key: uniteRanges(a.key, b.key), value: uniteRanges(a.value, b.value) };
}

/** A comprehension that only names a value: nothing is gone through. */
function isBinding({ range, condition, accumulator }: Comprehension): boolean {
  const runsNever = range.kind === 'list' && range.elements.length === 0;
  return runsNever && condition.kind === 'literal' && condition.value === false && accumulator !== '__result__';
}

function literalSize(expr: Expr): SizeRange | undefined {
  if (expr.kind === 'list') return fixed(expr.elements.length);
  if (expr.kind === 'map') return fixed(expr.entries.length);
  if (expr.kind !== 'literal') return undefined;
  if (typeof expr.value === 'string') return fixed(codePoints(expr.value));
  return fixed(expr.value instanceof Uint8Array ? expr.value.length : 1);
}

const SCALARS: ReadonlySet<string> = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);

function isScalar(type: CelType): boolean {
  const inner = unwrapOptional(type);
  return inner === undefined ? SCALARS.has(type.kind) : isScalar(inner);
}
