import type { CelValue } from './value.ts';

/** What all nodes have: a number of their own in the expression, and where they stand in the source. */
interface Node {
  readonly id: number;
  readonly at: number;
}

/** A constant. */
export interface Literal extends Node {
  readonly kind: 'literal';
  readonly value: CelValue;
}

/** A name; one that begins with a dot is never a local variable. */
export interface Ident extends Node {
  readonly kind: 'ident';
  readonly name: string;
}

/** `operand.field`, or `has(operand.field)`. */
export interface Select extends Node {
  readonly kind: 'select';
  readonly operand: Expr;
  readonly field: string;
  readonly testOnly: boolean;
}

/** A function or operator; operators have names such as `_+_`. */
export interface Call extends Node {
  readonly kind: 'call';
  readonly function: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
}

/** `[a, ?b]` */
export interface ListExpr extends Node {
  readonly kind: 'list';
  readonly elements: readonly Expr[];
  readonly optionals: readonly number[];
}

/** An entry of a map, or with a text as its key a field of an object. */
export interface EntryExpr<K> extends Node {
  readonly key: K;
  readonly value: Expr;
  readonly optional: boolean;
}

/** `{key: value, ?key: value}` */
export interface MapExpr extends Node {
  readonly kind: 'map';
  readonly entries: readonly EntryExpr<Expr>[];
}

/** `Name{field: value}` */
export interface StructExpr extends Node {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: readonly EntryExpr<string>[];
}

/** What macros such as `all` and `map` are made of: a fold over a list or map. */
export interface Comprehension extends Node {
  readonly kind: 'comprehension';
  readonly range: Expr;
  readonly variable: string;
  /** With it, `variable` is the index or key, and this the element or value. */
  readonly variable2: string | undefined;
  readonly accumulator: string;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

/** An expression, parsed. Trees are shared and never changed. */
export type Expr = Literal | Ident | Select | Call | ListExpr | MapExpr | StructExpr | Comprehension;

/** The name of the accumulator of all macros, which no source can spell. */
export const ACCUMULATOR = '@result';

/** `a.b.c` of a chain of selections from a name; undefined for anything else. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.testOnly) return undefined;
  const prefix = qualifiedName(expr.operand);
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`;
}
