import { compileRegexp } from 'nekube/apimachinery';
import type { Call, Expr, ListExpr, MapExpr } from './ast.ts';
import type { Checked } from './checker.ts';
import { parseTimestamp, readDuration, timestamp } from './time.ts';
import { type CelType, DYN, sameType } from './type.ts';
import { formatType, unwrapOptional } from './unify.ts';
import { CelError } from './value.ts';

/**
 * What the compiler looks for in expressions whose types are right: literals that are no durations, timestamps or
 * patterns, and lists and maps whose entries are of different types.
 */
export function validateLiterals(checked: Checked): void {
  for (const expr of descendants(checked.expr)) {
    if (expr.kind === 'call') validateCall(expr, checked);
    else if (expr.kind === 'list') validateList(expr, checked);
    else if (expr.kind === 'map') validateMap(expr, checked);
  }
}

/** An expression and all within, each once. */
export function* descendants(expr: Expr): Iterable<Expr> {
  const seen = new Set<Expr>();
  const pending = [expr];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    yield next;
    pending.push(...childrenOf(next).reverse());
  }
}

function childrenOf(expr: Expr): Expr[] {
  switch (expr.kind) {
    case 'select':
      return [expr.operand];
    case 'call':
      return expr.target === undefined ? [...expr.args] : [expr.target, ...expr.args];
    case 'list':
      return [...expr.elements];
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return expr.fields.map(({ value }) => value);
    case 'comprehension':
      return [expr.range, expr.init, expr.condition, expr.step, expr.result];
    default:
      return [];
  }
}

/** The first argument is looked at, whatever it is an argument of: of the global `matches` it is the text. */
const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  duration: (value) => typeof value !== 'string' || readDuration(value) !== undefined,
  timestamp: isTimestamp,
  matches: (value) => typeof value !== 'string' || isPattern(value),
};

function isTimestamp(value: unknown): boolean {
  if (typeof value === 'bigint') return !(timestamp(value, 0) instanceof CelError);
  if (typeof value !== 'string') return true;
  const parsed = parseTimestamp(value);
  return parsed !== undefined && !(parsed instanceof CelError);
}

function isPattern(pattern: string): boolean {
  try {
    compileRegexp(pattern);
    return true;
  } catch {
    return false;
  }
}

function validateCall(expr: Call, { issues }: Checked): void {
  const check = Object.hasOwn(CHECKS, expr.function) ? CHECKS[expr.function] : undefined;
  const [literal] = expr.args;
  if (check === undefined || literal?.kind !== 'literal' || check(literal.value)) return;
  issues.report(literal.at, `invalid ${expr.function} argument`);
}

function validateList({ elements, optionals }: ListExpr, checked: Checked): void {
  let first: CelType | undefined;
  for (const [i, element] of elements.entries()) {
    const type = entryType(checked.typeOf(element), optionals.includes(i));
    first ??= type;
    if (sameType(first, type)) continue;
    mismatch(element, first, type, checked);
    return;
  }
}

function validateMap({ entries }: MapExpr, checked: Checked): void {
  const [first] = entries;
  if (first === undefined) return;
  const keyType = checked.typeOf(first.key);
  const valueType = entryType(checked.typeOf(first.value), first.optional);
  for (const { key, value, optional } of entries) {
    const types = [checked.typeOf(key), entryType(checked.typeOf(value), optional)] as const;
    if (!sameType(keyType, types[0])) mismatch(key, keyType, types[0], checked);
    if (!sameType(valueType, types[1])) mismatch(value, valueType, types[1], checked);
  }
}

function entryType(type: CelType, optional: boolean): CelType {
  return optional ? (unwrapOptional(type) ?? DYN) : type;
}

function mismatch(expr: Expr, expected: CelType, found: CelType, { issues }: Checked): void {
  issues.report(expr.at, `expected type '${formatType(expected)}' but found '${formatType(found)}'`);
}
