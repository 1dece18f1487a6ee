import { compileRegexp } from 'nekube/apimachinery';
import type { Call, Expr, ListExpr, MapExpr } from './ast.ts';
import type { Checked } from './checker.ts';
import { CLAUSE_FAULTS, type Clause, parseFormat } from './library/text-format.ts';
import { parseTimestamp, readDuration, timestamp } from './time.ts';
import { type CelType, DYN, type TypeKind } from './type.ts';
import { formatType, unwrapOptional } from './unify.ts';
import { CelError } from './value.ts';

/**
 * What the compiler looks for in expressions whose types are right: literals that are no durations, timestamps or
 * patterns, and lists and maps whose entries are of different types.
 */
export function validateLiterals(checked: Checked): void {
  for (const [expr, isFormatted] of descendants(checked.expr)) {
    if (expr.kind === 'call') validateCall(expr, checked);
    if (expr.kind === 'call' && expr.function === 'format') validateFormat(expr, checked);
    // What is put into a text may well be of different types.
    if (isFormatted) continue;
    if (expr.kind === 'list') validateList(expr, checked);
    else if (expr.kind === 'map') validateMap(expr, checked);
  }
}

/** An expression and all within, each once; and whether it is within a call of `format`. */
function* descendants(expr: Expr): Iterable<readonly [Expr, boolean]> {
  const seen = new Set<Expr>();
  const pending: (readonly [Expr, boolean])[] = [[expr, false]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [node, isFormatted] = next;
    if (seen.has(node)) continue;
    seen.add(node);
    yield next;
    const within = isFormatted || (node.kind === 'call' && node.function === 'format');
    for (const child of childrenOf(node).reverse()) pending.push([child, within]);
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
  duration: (value) => typeof value === 'string' && readDuration(value) !== undefined,
  timestamp: isTimestamp,
  matches: (value) => typeof value !== 'string' || isPattern(value),
};

function isTimestamp(value: unknown): boolean {
  if (typeof value === 'bigint') return !(timestamp(value, 0) instanceof CelError);
  if (typeof value !== 'string') return value !== null;
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

/** A format that is a literal must fit the arguments that are written down with it. */
function validateFormat(expr: Call, checked: Checked): void {
  const [list] = expr.args;
  const format = expr.target?.kind === 'literal' ? expr.target.value : undefined;
  if (typeof format !== 'string' || list?.kind !== 'list' || expr.args.length !== 1) return;
  const reference = checked.referenceOf(expr);
  if (reference?.kind !== 'function' || !reference.overloads.some(({ id }) => id === 'string_format')) return;
  const { parts, used, error } = parseFormat(format, list.elements.length);
  const { issues } = checked;
  for (const [i, clause] of parts.filter((part) => typeof part !== 'string').entries()) {
    const wrong = misfit(clause, list.elements[i]!, checked);
    if (wrong === undefined) continue;
    const why = `${CLAUSE_FAULTS[clause.verb]} ${checked.typeOf(wrong).name}`;
    issues.report(wrong.at, `error during formatting: ${why}`);
    return;
  }
  if (error !== undefined) return issues.report(expr.at, error);
  const given = list.elements.length;
  if (given > used)
    issues.report(expr.at, `too many arguments supplied to string.format (expected ${used}, got ${given})`);
}

/** The kinds of types that each clause takes, besides dyn. */
const CLAUSE_KINDS: Readonly<Record<Clause['verb'], readonly TypeKind[]>> = {
  s: 'list map int uint double bool string timestamp bytes duration type null_type'.split(' ') as TypeKind[],
  d: ['int', 'uint'],
  f: ['double', 'string'],
  e: ['double', 'string'],
  b: ['int', 'uint', 'bool'],
  x: ['int', 'uint', 'string', 'bytes'],
  X: ['int', 'uint', 'string', 'bytes'],
  o: ['int', 'uint'],
};

/** The argument, or what is written down in it, that a clause does not take. */
function misfit(clause: Clause, arg: Expr, checked: Checked): Expr | undefined {
  const { kind } = checked.typeOf(arg);
  if (kind !== 'dyn' && !CLAUSE_KINDS[clause.verb].includes(kind)) return arg;
  if (clause.verb !== 's') return undefined;
  const inner = arg.kind === 'list' || arg.kind === 'map' ? childrenOf(arg) : [];
  for (const child of inner) {
    const wrong = misfit(clause, child, checked);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function validateList({ elements, optionals }: ListExpr, checked: Checked): void {
  let first: CelType | undefined;
  for (const [i, element] of elements.entries()) {
    const type = entryType(checked.typeOf(element), optionals.includes(i));
    first ??= type;
    if (isEquivalent(first, type)) continue;
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
    if (!isEquivalent(keyType, types[0])) mismatch(key, keyType, types[0], checked);
    if (!isEquivalent(valueType, types[1])) mismatch(value, valueType, types[1], checked);
  }
}

/** The same type, whether its values may be null or not. */
function isEquivalent(a: CelType, b: CelType): boolean {
  if (a.kind !== b.kind || a.params.length !== b.params.length) return false;
  if (a.kind !== 'type_param' && a.name !== b.name) return false;
  return a.params.every((param, i) => isEquivalent(param, b.params[i]!));
}

function entryType(type: CelType, optional: boolean): CelType {
  return optional ? (unwrapOptional(type) ?? DYN) : type;
}

function mismatch(expr: Expr, expected: CelType, found: CelType, { issues }: Checked): void {
  issues.report(expr.at, `expected type '${formatType(expected)}' but found '${formatType(found)}'`);
}
