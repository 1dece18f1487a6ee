import { type Call, type EntryExpr, type Expr, type StructExpr } from './ast.ts';
import { LITERAL_WORDS, LITERALS, PRIMARY, PRODUCTS, RELATIONS, setOf, startsExpression, SUMS } from './grammar.ts';
import { Issues } from './issue.ts';
import { codePoints } from './kind.ts';
import type { Token, TokenKind } from './lexer.ts';
import { literalValue } from './literal-value.ts';
import { type Macro, MacroError, MACROS, Maker } from './macros.ts';
import { Mismatch, RecoveringReader, Stop } from './recovering-reader.ts';

/** What a source was parsed into; without an expression there are issues. */
export interface Parsed {
  readonly expr: Expr | undefined;
  readonly issues: Issues;
}

const MAX_CODE_POINTS = 100_000;
const MAX_DEPTH = 250;

const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
);

/** Parses an expression; nothing is thrown, and wrong ones are told with cel-go's words. */
export function parse(source: string): Parsed {
  const issues = new Issues(source);
  const size = codePoints(source);
  if (size > MAX_CODE_POINTS) {
    issues.report(undefined, `expression code point size exceeds limit: size: ${size}, limit ${MAX_CODE_POINTS}`);
    return { expr: undefined, issues };
  }
  const parser = new Parser(source, issues);
  try {
    const expr = parser.whole();
    return { expr: issues.count > 0 ? undefined : expr, issues };
  } catch (stop) {
    // nested less than the limit, it may still need more of the stack than there is
    if (stop instanceof RangeError) issues.report(undefined, `expression recursion limit exceeded: ${MAX_DEPTH}`);
    else if (!(stop instanceof Stop)) throw stop;
    return { expr: undefined, issues };
  }
}

class Parser extends RecoveringReader {
  #lastId = 0;

  whole(): Expr {
    const expr = this.#expr();
    try {
      this.expect('<EOF>', () => false);
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      this.syntaxError(error.token, error.message);
    }
    return expr;
  }

  #node(token: Token): { readonly id: number; readonly at: number } {
    return { id: ++this.#lastId, at: token.at };
  }

  #error(at: number): Expr {
    return { kind: 'literal', id: ++this.#lastId, at, value: null };
  }

  #report(token: { readonly at: number }, message: string): Expr {
    this.issues.report(token.at, message);
    return { kind: 'literal', id: ++this.#lastId, at: token.at, value: null };
  }

  #deeper<T>(work: () => T): T {
    if (++this.depth > MAX_DEPTH) {
      this.issues.report(undefined, `expression recursion limit exceeded: ${MAX_DEPTH}`);
      throw new Stop();
    }
    const result = work();
    this.depth--;
    return result;
  }

  #expr(): Expr {
    const { at } = this.token;
    return this.#deeper(() =>
      this.rule(
        'expr',
        () => this.#ternary(),
        () => this.#error(at),
      ),
    );
  }

  #ternary(): Expr {
    const condition = this.#logic('||', '_||_', () => this.#logic('&&', '_&&_', () => this.#relation()));
    if (this.token.kind !== '?') return condition;
    const op = this.#node(this.next());
    const whenTrue = this.until(
      [':'],
      () => this.#logic('||', '_||_', () => this.#logic('&&', '_&&_', () => this.#relation())),
      false,
    );
    this.expect(':', startsExpression);
    return call(op, '_?_:_', [condition, whenTrue, this.#expr()]);
  }

  /** A chain of one logical operator, as a balanced tree. */
  #logic(sign: TokenKind, name: string, term: () => Expr): Expr {
    const terms = [term()];
    const ops: { id: number; at: number }[] = [];
    while (this.token.kind === sign) {
      ops.push(this.#node(this.next()));
      terms.push(term());
    }
    const balance = (low: number, high: number): Expr => {
      if (low === high) return terms[low]!;
      const middle = Math.floor((low + high) / 2);
      return call(ops[middle]!, name, [balance(low, middle), balance(middle + 1, high)]);
    };
    return balance(0, terms.length - 1);
  }

  #relation(): Expr {
    return this.#binary(RELATIONS, () => this.#binary(SUMS, () => this.#binary(PRODUCTS, () => this.#unary())));
  }

  #binary(signs: ReadonlySet<TokenKind>, operand: () => Expr): Expr {
    let left = operand();
    let length = 0;
    while (signs.has(this.token.kind)) {
      if (++length > MAX_DEPTH) this.#tooDeep();
      const token = this.next();
      const name = token.kind === 'in' ? '@in' : `_${token.text}_`;
      left = call(this.#node(token), name, [left, operand()]);
    }
    return left;
  }

  #tooDeep(): never {
    this.issues.report(undefined, 'max recursion depth exceeded');
    throw new Stop();
  }

  #unary(): Expr {
    const { at } = this.token;
    return this.rule(
      'unary',
      () => this.#signed(),
      () => this.#error(at),
    );
  }

  #signed(): Expr {
    this.start();
    const sign = this.token;
    if (sign.kind === '!') return this.#prefixed(sign, '!_');
    if (sign.kind !== '-' || this.#signsNumber()) return this.#member();
    const following = this.following;
    if (following.kind !== '-' && !startsExpression(following)) return this.noViable(sign, following);
    if (following.kind === '!') return this.noViable(sign, following);
    return this.#prefixed(sign, '-_');
  }

  /** An even number of signs is none. */
  #prefixed(sign: Token, name: string): Expr {
    let count = 0;
    while (this.token.kind === sign.kind) {
      const following = this.following;
      const isMore = following.kind === '-' || (startsExpression(following) && following.kind !== '!');
      if (name === '-_' && count > 0 && !isMore) return this.noViable(this.token, following);
      this.next();
      count++;
    }
    const token = this.token;
    if (!startsExpression(token)) {
      this.syntaxError(token, `extraneous input '${token.text}' expecting ${setOf(PRIMARY)}`);
      const follow = new Set<TokenKind>([...this.followOf('unary'), ...PRIMARY]);
      this.skipTo(follow);
    }
    const operation = count % 2 === 1 ? this.#node(sign) : undefined;
    const operand = this.#member();
    return operation === undefined ? operand : call(operation, name, [operand]);
  }

  /** A minus that is the sign of a number is part of it. */
  #signsNumber(): boolean {
    const following = this.following.kind;
    return this.token.kind === '-' && (following === 'NUM_INT' || following === 'NUM_FLOAT');
  }

  #member(): Expr {
    const { at } = this.token;
    let expr: Expr = { kind: 'literal', id: 0, at, value: null };
    return this.rule(
      'member',
      () => {
        expr = this.rule(
          'primary',
          () => this.#primary(),
          () => this.#error(at),
        );
        for (let length = 0; ; length++) {
          if (length > MAX_DEPTH) this.#tooDeep();
          const token = this.token;
          if (token.kind === '.') expr = this.#selection(expr);
          else if (token.kind === '[') expr = this.#index(expr);
          else return expr;
        }
      },
      () => expr,
    );
  }

  #selection(operand: Expr): Expr {
    const dot = this.token;
    const after = this.following;
    const optional = after.kind === '?';
    if (!optional && LITERAL_WORDS.includes(after.kind)) {
      this.skip();
      return this.mismatch(['IDENTIFIER']);
    }
    if (!optional && after.kind !== 'IDENTIFIER' && after.kind !== 'ESC_IDENTIFIER') return this.noViable(dot, after);
    this.next();
    if (optional) this.next();
    const names = ['IDENTIFIER', 'ESC_IDENTIFIER'] as const;
    const isName = (token: Token | undefined) => names.some((kind) => kind === token?.kind);
    if (!isName(this.token) && isName(this.following)) this.extraneous(names);
    const name = this.token;
    if (name.kind === 'ESC_IDENTIFIER') {
      this.next();
      return this.#report(name, "unsupported syntax: '`'");
    }
    if (name.kind !== 'IDENTIFIER') {
      this.syntaxError(name, `mismatched input '${name.text}' expecting ${setOf(names)}`);
      this.recover('member', 'member name');
      return this.#report(name, 'unsupported ident kind');
    }
    this.next();
    if (this.token.kind === '(' && !optional) {
      const open = this.next();
      return this.#called(this.#node(open), name.text, operand, false);
    }
    if (!optional) return { kind: 'select', ...this.#node(dot), operand, field: name.text, testOnly: false };
    const field: Expr = { kind: 'literal', ...this.#node(name), value: name.text };
    return call(this.#node(dot), '_?._', [operand, field]);
  }

  #index(target: Expr): Expr {
    const open = this.#node(this.next());
    const optional = this.token.kind === '?';
    if (optional) this.next();
    else this.opens([], [...PRIMARY, '?']);
    const index = this.until([']'], () => this.#expr(), false);
    this.expect(']', (token) => this.canFollowOperand(token));
    return call(open, optional ? '_[?_]' : '_[_]', [target, index]);
  }

  /** The arguments after the parenthesis, up to the closing one. */
  #arguments(inPrimary = true): Expr[] {
    const args: Expr[] = [];
    if (this.opens([')'])) {
      args.push(this.until([',', ')'], () => this.#expr(), inPrimary));
      while (this.token.kind === ',') {
        this.next();
        args.push(this.until([',', ')'], () => this.#expr(), inPrimary));
      }
    }
    return args;
  }

  /** A call after its opening parenthesis; what is wrong with a macro is told although it is not closed. */
  #called(
    node: { readonly id: number; readonly at: number },
    name: string,
    target: Expr | undefined,
    inPrimary: boolean,
  ): Expr {
    const args = this.#arguments(inPrimary);
    const expanded = (): Expr => this.#expand(node, name, target, args);
    try {
      this.expect(')', (token) => this.canFollowOperand(token));
    } catch (error) {
      if (error instanceof Mismatch) expanded();
      throw error;
    }
    return expanded();
  }

  #primary(): Expr {
    const token = this.token;
    switch (token.kind) {
      case 'IDENTIFIER':
        return this.#named('');
      case '.':
        return this.#leadingDot();
      case '(':
        return this.#nested();
      case '[':
        return this.#list();
      case '{':
        return this.#map();
      case '-':
        if (this.#signsNumber()) return this.#literal();
        return this.noViable(token, this.following);
      default:
        return LITERALS.has(token.kind) ? this.#literal() : this.noViable(token, token);
    }
  }

  #nested(): Expr {
    this.next();
    const expr = this.until([')'], () => this.#expr());
    this.expect(')', (token) => this.canFollowOperand(token));
    return expr;
  }

  #leadingDot(): Expr {
    const following = this.following;
    if (LITERAL_WORDS.includes(following.kind)) {
      this.skip();
      return this.mismatch(['IDENTIFIER']);
    }
    if (following.kind !== 'IDENTIFIER') return this.noViable(this.token, following);
    return this.#named('.', this.next());
  }

  /** A name, a call of a function, or an object; `prefix` is a leading dot. */
  #named(prefix: string, dot?: Token): Expr {
    const token = this.next();
    const dotted = this.#typeName(token);
    if (dotted !== undefined) return this.#struct(prefix + dotted);
    const isCall = this.token.kind === '(';
    if (RESERVED.has(token.text)) {
      const failed = this.#report(dot ?? token, `reserved identifier: ${token.text}`);
      if (isCall) {
        this.next();
        this.#arguments();
        this.expect(')', (after) => this.canFollowOperand(after));
      }
      return failed;
    }
    const name = prefix + token.text;
    if (!isCall) return { kind: 'ident', ...this.#node(token), name };
    const open = this.next();
    return this.#called(this.#node(open), name, undefined, true);
  }

  /** The whole name, when an object of a type begins here; its tokens are taken then. */
  #typeName(first: Token): string | undefined {
    let length = 0;
    let name = first.text;
    while (this.ahead(length)?.kind === '.' && this.ahead(length + 1)?.kind === 'IDENTIFIER') {
      name += `.${this.ahead(length + 1)!.text}`;
      length += 2;
    }
    if (this.ahead(length)?.kind !== '{') return undefined;
    this.skip(length);
    return name;
  }

  #list(): Expr {
    const open = this.#node(this.next());
    const elements: Expr[] = [];
    const optionals: number[] = [];
    const element = () => {
      if (this.token.kind === '?') {
        this.next();
        optionals.push(elements.length);
      }
      elements.push(this.until([',', ']'], () => this.#expr()));
    };
    if (this.opens([',', ']'], [...PRIMARY, '?'])) {
      element();
      while (this.token.kind === ',' && [...PRIMARY, '?'].includes(this.following.kind)) {
        this.next();
        element();
      }
    }
    this.close(']');
    return { kind: 'list', ...open, elements, optionals };
  }

  #map(): Expr {
    const open = this.#node(this.next());
    const entries = this.#entries([...PRIMARY, '?'], () => this.until([':'], () => this.#expr(), true, [',', '}']));
    return { kind: 'map', ...open, entries };
  }

  #struct(name: string): StructExpr {
    const open = this.#node(this.next());
    const fields = this.#entries(['?', 'IDENTIFIER', 'ESC_IDENTIFIER'], () => {
      const { kind } = this.token;
      if (kind !== 'IDENTIFIER' && kind !== 'ESC_IDENTIFIER') this.mismatch(['IDENTIFIER', 'ESC_IDENTIFIER']);
      const token = this.next();
      if (token.kind === 'ESC_IDENTIFIER') this.#report(token, "unsupported syntax: '`'");
      return token.text;
    });
    return { kind: 'struct', ...open, name, fields };
  }

  #entries<K>(starts: readonly TokenKind[], key: () => K): EntryExpr<K>[] {
    const entries: EntryExpr<K>[] = [];
    const entry = (): void => {
      const optional = this.token.kind === '?';
      if (optional) this.next();
      const read = key();
      const colon = this.token;
      this.expect(':', startsExpression);
      entries.push({ ...this.#node(colon), key: read, value: this.until([',', '}'], () => this.#expr()), optional });
    };
    const all = (): void => {
      entry();
      while (this.token.kind === ',' && starts.includes(this.following.kind)) {
        this.next();
        entry();
      }
    };
    if (this.opens([',', '}'], starts)) this.rule('entries', all, () => undefined);
    this.close('}');
    return entries;
  }

  #literal(): Expr {
    const first = this.next();
    const negative = first.kind === '-';
    const token = negative ? this.next() : first;
    const value = literalValue(token, negative);
    if ('error' in value) return this.#report(first, value.error);
    return { kind: 'literal', ...this.#node(first), value: value.value };
  }

  /** A call, or what a macro makes of it. */
  #expand(
    node: { readonly id: number; readonly at: number },
    name: string,
    target: Expr | undefined,
    args: readonly Expr[],
  ): Expr {
    const macro = findMacro(name, target !== undefined, args.length);
    const maker = new Maker({ node: () => ({ id: ++this.#lastId, at: node.at }) });
    const expanded = macro?.expand(maker, target, args);
    if (expanded instanceof MacroError) return this.#report({ at: expanded.at ?? node.at }, expanded.message);
    return expanded ?? { ...call(node, name, args), target };
  }
}

function call(node: { readonly id: number; readonly at: number }, name: string, args: readonly Expr[]): Call {
  return { kind: 'call', ...node, function: name, target: undefined, args };
}

const MACRO_INDEX: ReadonlyMap<string, Macro> = new Map(
  MACROS.map((macro) => [`${macro.name} ${macro.receiver} ${macro.args}`, macro]),
);

function findMacro(name: string, receiver: boolean, args: number): Macro | undefined {
  return MACRO_INDEX.get(`${name} ${receiver} ${args}`);
}
