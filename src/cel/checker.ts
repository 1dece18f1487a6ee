import { type Call, type Comprehension, type Expr, qualifiedName, type Select, type StructExpr } from './ast.ts';
import type { FunctionDeclaration, Overload } from './function.ts';
import { Issues } from './issue.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DYN,
  ERROR,
  INT,
  listType,
  mapType,
  NULL,
  optionalType,
  STRING,
  UINT,
} from './type.ts';
import { WELL_KNOWN_MESSAGES } from './standard/messages.ts';
import { formatType, isDyn, mostGeneral, Substitutions, unwrapOptional, withParams } from './unify.ts';
import { type CelValue, Uint } from './value.ts';

/** A name that stands for a value: a variable, or with a value a constant such as the name of a type. */
export interface IdentDeclaration {
  readonly name: string;
  readonly type: CelType;
  readonly value?: CelValue;
}

/** What names mean in an expression. */
export interface Declarations {
  ident(name: string): IdentDeclaration | undefined;
  function(name: string): FunctionDeclaration | undefined;
}

/** What a node of an expression was found to mean. */
export type Reference =
  | { readonly kind: 'ident'; readonly declaration: IdentDeclaration }
  | {
      readonly kind: 'function';
      readonly declaration: FunctionDeclaration;
      readonly overloads: readonly Overload[];
      readonly isMember: boolean;
    };

/** An expression with the type of each of its nodes, and what its names mean. */
export interface Checked {
  readonly expr: Expr;
  readonly issues: Issues;
  /** The names of variables in it, local ones included. */
  readonly variables: ReadonlySet<string>;
  typeOf(expr: Expr): CelType;
  referenceOf(expr: Expr): Reference | undefined;
}

/** Finds the types of an expression; what is wrong with them stands in `issues`. */
export function check(source: string, expr: Expr, declarations: Declarations): Checked {
  const issues = new Issues(source);
  const checker = new Checker(issues, declarations);
  checker.check(expr);
  return {
    expr,
    issues,
    variables: new Set([...checker.references.values()].flatMap(variableOf)),
    typeOf: (node) => checker.finalType(node),
    referenceOf: (node) => checker.references.get(node),
  };
}

class Checker {
  readonly #issues: Issues;
  readonly #declarations: Declarations;
  readonly #types = new Map<Expr, CelType>();
  readonly references = new Map<Expr, Reference>();
  readonly #substitutions = new Substitutions();
  /** Local variables, the innermost last. */
  readonly #locals: IdentDeclaration[] = [];

  constructor(issues: Issues, declarations: Declarations) {
    this.#issues = issues;
    this.#declarations = declarations;
  }

  finalType(expr: Expr): CelType {
    return this.#substitutions.resolve(this.#types.get(expr) ?? DYN, true);
  }

  check(expr: Expr): CelType {
    const type = this.#typeOf(expr);
    this.#types.set(expr, type);
    return type;
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.kind) {
      case 'literal':
        return literalType(expr.value);
      case 'ident':
        return this.#ident(expr, expr.name);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
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

  #lookUp(name: string): IdentDeclaration | undefined {
    const bare = name.startsWith('.') ? name.slice(1) : name;
    return this.#locals.findLast((local) => local.name === bare) ?? this.#declarations.ident(bare);
  }

  #ident(expr: Expr, name: string): CelType {
    const declaration = this.#lookUp(name);
    if (declaration === undefined) return this.#undeclared(expr, name);
    this.references.set(expr, { kind: 'ident', declaration });
    return declaration.type;
  }

  #undeclared(expr: Expr, name: string): CelType {
    this.#issues.report(expr.at, `undeclared reference to '${name}' (in container '')`);
    return ERROR;
  }

  #select(expr: Select): CelType {
    const qualified = qualifiedName(expr);
    const declaration = qualified === undefined ? undefined : this.#lookUp(qualified);
    if (declaration !== undefined) {
      this.references.set(expr, { kind: 'ident', declaration });
      return declaration.type;
    }
    const type = this.#field(expr, expr.operand, expr.field, false);
    return expr.testOnly ? BOOL : this.#substitutions.resolve(type, false);
  }

  #field(expr: Expr, operand: Expr, field: string, optional: boolean): CelType {
    const type = this.#substitutions.resolve(this.check(operand), false);
    const inner = unwrapOptional(type);
    const found = this.#fieldOf(expr, inner ?? type, field);
    return inner !== undefined || optional ? optionalType(found) : found;
  }

  #fieldOf(expr: Expr, target: CelType, field: string): CelType {
    switch (target.kind) {
      case 'map':
        return target.params[1]!;
      case 'struct':
        return this.#fieldType(expr, target, field);
      case 'type_param':
        this.#substitutions.assign(DYN, target);
        return DYN;
      case 'dyn':
      case 'error':
        return DYN;
      default:
        this.#issues.report(expr.at, `type '${formatType(target)}' does not support field selection`);
        return DYN;
    }
  }

  #fieldType(node: { readonly at: number }, struct: CelType, field: string): CelType {
    const found = struct.fields?.(field);
    if (found !== undefined) return found.type;
    const why = struct.fields ? `undefined field '${field}'` : `unexpected failed resolution of '${struct.name}'`;
    this.#issues.report(node.at, why);
    return ERROR;
  }

  #call(expr: Call): CelType {
    if (expr.function === '_?._') return this.#optionalSelect(expr);
    for (const arg of expr.args) this.check(arg);
    if (expr.target === undefined) return this.#resolve(expr, expr.function.replace(/^\./, ''), undefined);
    const prefix = qualifiedName(expr.target);
    const qualified = prefix === undefined ? undefined : `${prefix.replace(/^\./, '')}.${expr.function}`;
    if (qualified !== undefined && this.#declarations.function(qualified) !== undefined)
      return this.#resolve(expr, qualified, undefined);
    this.check(expr.target);
    return this.#resolve(expr, expr.function, expr.target);
  }

  #optionalSelect(expr: Call): CelType {
    const [operand, field] = expr.args as [Expr, Expr];
    const name = field.kind === 'literal' ? String(field.value) : '';
    const declaration = this.#declarations.function('_?._');
    if (declaration !== undefined)
      this.references.set(expr, { kind: 'function', declaration, overloads: declaration.overloads, isMember: false });
    this.#types.set(field, STRING);
    return this.#substitutions.resolve(this.#field(expr, operand, name, true), false);
  }

  /** Finds the overloads that fit; with several, what the arguments are is decided when the call is made. */
  #resolve(expr: Call, name: string, target: Expr | undefined): CelType {
    const declaration = this.#declarations.function(name);
    if (declaration === undefined) return this.#undeclared(expr, expr.function);
    const nodes = target === undefined ? expr.args : [target, ...expr.args];
    const types = nodes.map((node) => this.#types.get(node)!);
    if (name === '_&&_' || name === '_||_') return this.#logic(expr, declaration, types);
    const fitting: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of declaration.overloads) {
      if (overload.receiver !== (target !== undefined)) continue;
      const { params, result: type } = this.#instance(overload);
      if (!this.#substitutions.assignAll(types, params)) continue;
      fitting.push(overload);
      const resolved = this.#substitutions.resolve(type, false);
      if (result === undefined) result = resolved;
      else if (!isDyn(result) && !isSame(resolved, result)) result = DYN;
    }
    if (result === undefined) return this.#noOverload(expr, name, types, target !== undefined);
    const isMember = target !== undefined;
    this.references.set(expr, { kind: 'function', declaration, overloads: fitting, isMember });
    return result;
  }

  #noOverload(expr: Call, name: string, types: readonly CelType[], isMember: boolean): CelType {
    const shown = types.map((type) => formatType(this.#substitutions.resolve(type, true)));
    const receiver = isMember ? `${shown.shift()}.` : '';
    this.#issues.report(
      expr.at,
      `found no matching overload for '${name}' applied to '${receiver}(${shown.join(', ')})'`,
    );
    return ERROR;
  }

  #logic(expr: Call, declaration: FunctionDeclaration, types: readonly CelType[]): CelType {
    let wrong = false;
    expr.args.forEach((arg, i) => {
      if (this.#substitutions.assign(types[i]!, BOOL)) return;
      this.#mismatch(arg, BOOL, types[i]!);
      wrong = true;
    });
    if (wrong) return ERROR;
    this.references.set(expr, { kind: 'function', declaration, overloads: declaration.overloads, isMember: false });
    return BOOL;
  }

  /** An overload with fresh parameters in the place of its own. */
  #instance({ params, result }: Overload): { readonly params: readonly CelType[]; readonly result: CelType } {
    if (![result, ...params].some(hasParams)) return { params, result };
    const fresh = new Map<string, CelType>();
    const replace = (type: CelType): CelType => {
      if (type.kind === 'type_param') {
        if (!fresh.has(type.name)) fresh.set(type.name, this.#substitutions.fresh());
        return fresh.get(type.name)!;
      }
      return type.params.length === 0 ? type : withParams(type, type.params.map(replace));
    };
    return { params: params.map(replace), result: replace(result) };
  }

  #mismatch(node: { readonly at: number }, expected: CelType, found: CelType): void {
    this.#issues.report(node.at, `expected type '${formatType(expected)}' but found '${formatType(found)}'`);
  }

  #list(elements: readonly Expr[], optionals: readonly number[]): CelType {
    let joined: CelType | undefined;
    elements.forEach((element, i) => {
      const type = this.#optionalEntry(element, this.check(element), optionals.includes(i));
      joined = this.#join(joined, type);
    });
    return listType(joined ?? this.#substitutions.fresh());
  }

  /** What an entry contributes: of an optional one, what is in it. */
  #optionalEntry(node: Expr, type: CelType, optional: boolean): CelType {
    if (!optional) return type;
    const inner = unwrapOptional(type);
    if (inner === undefined && !isDyn(type)) this.#mismatch(node, optionalType(type), type);
    return inner ?? type;
  }

  /** Entries of different types make a dynamic list or map; what Kubernetes has against them is looked for later. */
  #join(before: CelType | undefined, type: CelType): CelType {
    if (before === undefined) return type;
    if (this.#substitutions.assign(before, type)) return mostGeneral(before, type);
    return DYN;
  }

  #map(entries: readonly { readonly key: Expr; readonly value: Expr; readonly optional: boolean }[]): CelType {
    let keys: CelType | undefined;
    let values: CelType | undefined;
    for (const { key, value, optional } of entries) {
      keys = this.#join(keys, this.check(key));
      values = this.#join(values, this.#optionalEntry(value, this.check(value), optional));
    }
    return mapType(keys ?? this.#substitutions.fresh(), values ?? this.#substitutions.fresh());
  }

  #struct(expr: StructExpr): CelType {
    const declaration = this.#lookUp(expr.name);
    if (declaration === undefined) return this.#undeclared(expr, expr.name);
    this.references.set(expr, { kind: 'ident', declaration });
    const type = this.#messageType(expr, declaration);
    for (const field of expr.fields) {
      const given = this.check(field.value);
      const wanted = type.kind === 'struct' ? this.#fieldType(field, type, field.key) : ERROR;
      const value = this.#optionalEntry(field.value, given, field.optional);
      if (this.#substitutions.assign(wanted, value)) continue;
      const [expected, found] = [formatType(wanted), formatType(value)];
      this.#issues.report(
        field.at,
        `expected type of field '${field.key}' is '${expected}' but provided type is '${found}'`,
      );
    }
    return WELL_KNOWN_MESSAGES.get(type.name)?.result ?? type;
  }

  #messageType(expr: StructExpr, { type }: IdentDeclaration): CelType {
    if (type.kind === 'error') return ERROR;
    if (type.kind !== 'type') {
      this.#issues.report(expr.at, `'${formatType(type)}' is not a type`);
      return ERROR;
    }
    const named = type.params[0] ?? DYN;
    const known = WELL_KNOWN_MESSAGES.get(named.name);
    if (known !== undefined) return known.type;
    if (named.kind === 'struct') return named;
    this.#issues.report(expr.at, `'${formatType(named)}' is not a message type`);
    return ERROR;
  }

  #comprehension(expr: Comprehension): CelType {
    const range = this.#substitutions.resolve(this.check(expr.range), false);
    const accumulator = this.check(expr.init);
    const depth = this.#locals.length;
    this.#locals.push({ name: expr.accumulator, type: accumulator });
    const [first, second] = this.#iterated(expr, range);
    this.#locals.push({ name: expr.variable, type: first });
    if (expr.variable2 !== undefined) this.#locals.push({ name: expr.variable2, type: second });
    this.#expect(expr.condition, BOOL);
    this.#expect(expr.step, accumulator);
    this.#locals.length = depth + 1;
    const result = this.check(expr.result);
    this.#locals.length = depth;
    return this.#substitutions.resolve(result, false);
  }

  #expect(expr: Expr, wanted: CelType): void {
    const type = this.check(expr);
    if (!this.#substitutions.assign(wanted, type)) this.#mismatch(expr, wanted, type);
  }

  /** The types of the variables of a comprehension over a range. */
  #iterated({ range: node, variable2 }: Comprehension, range: CelType): readonly [CelType, CelType] {
    switch (range.kind) {
      case 'list':
        return variable2 === undefined ? [range.params[0]!, DYN] : [INT, range.params[0]!];
      case 'map':
        return [range.params[0]!, range.params[1]!];
      case 'dyn':
      case 'error':
      case 'type_param':
        this.#substitutions.assign(DYN, range);
        return [DYN, DYN];
      default: {
        const shown = formatType(range);
        const why = `expression of type '${shown}' cannot be range of a comprehension (must be list, map, or dynamic)`;
        this.#issues.report(node.at, why);
        return [ERROR, ERROR];
      }
    }
  }
}

function variableOf(reference: Reference): string[] {
  return reference.kind === 'ident' && reference.declaration.value === undefined ? [reference.declaration.name] : [];
}

function literalType(value: CelValue): CelType {
  if (value === null) return NULL;
  if (value instanceof Uint) return UINT;
  if (value instanceof Uint8Array) return BYTES;
  switch (typeof value) {
    case 'bigint':
      return INT;
    case 'number':
      return DOUBLE;
    case 'boolean':
      return BOOL;
    default:
      return STRING;
  }
}

function hasParams(type: CelType): boolean {
  return type.kind === 'type_param' || type.params.some(hasParams);
}

function isSame(a: CelType, b: CelType): boolean {
  return formatType(a) === formatType(b);
}
