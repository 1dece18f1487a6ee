import { type Call, type EntryExpr, type Expr, type StructExpr } from './ast.ts';
import { Issues } from './issue.ts';
import { codePoints } from './kind.ts';
import { type Token, tokenize, type TokenKind, type Tokens } from './lexer.ts';
import { unquote } from './literal.ts';
import { type Macro, MacroError, MACROS, Maker } from './macros.ts';
import { type CelValue, Uint } from './value.ts';

/** What a source was parsed into; without an expression there are issues. */
export interface Parsed {
  readonly expr: Expr | undefined;
  readonly issues: Issues;
}

const MAX_CODE_POINTS = 100_000;
const MAX_DEPTH = 250;
const MAX_SYNTAX_ERRORS = 100;

const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
);

/** The tokens that begin an expression, in the order in which messages name them; so too the other sets. */
const PRIMARY = [
  '[',
  '{',
  '(',
  '.',
  '-',
  '!',
  'true',
  'false',
  'null',
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
] as const;
const RANK: readonly string[] = [
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  '.',
  ',',
  '-',
  '!',
  '?',
  ':',
  ...PRIMARY.slice(6),
  'ESC_IDENTIFIER',
];

const RELATIONS: ReadonlySet<TokenKind> = new Set(['<', '<=', '>=', '>', '==', '!=', 'in']);
const SUMS: ReadonlySet<TokenKind> = new Set(['+', '-']);
const PRODUCTS: ReadonlySet<TokenKind> = new Set(['*', '/', '%']);

/** What may stand after an operand, wherever it is. */
const OPERATORS: ReadonlySet<TokenKind> = new Set([...RELATIONS, ...SUMS, ...PRODUCTS, '&&', '||', '?', '.', '[']);

/** Selections, and what else may follow an operand. */
const SELECTORS: readonly TokenKind[] = ['.', '['];
const SIGNS_AFTER: readonly TokenKind[] = [...OPERATORS].filter((kind) => !SELECTORS.includes(kind));

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
    if (!(stop instanceof Stop)) throw stop;
    return { expr: undefined, issues };
  }
}

/** Ends the parsing of what is not worth going on with; never leaves this file. */
class Stop extends Error {}

/** Ends a rule in which nothing fits; the rule tells it, and passes over what its callers cannot go on with. */
class Mismatch extends Error {
  readonly token: Token;

  constructor(token: Token, message: string) {
    super(message);
    this.token = token;
  }
}

/** A rule of the grammar that is told apart for what may follow it. */
type Rule = 'expr' | 'unary' | 'member' | 'primary' | 'entries' | 'field';

/** What a part stands in: the tokens that may end it, and whether selections may follow where it stands. */
interface Enclosing {
  readonly ends: readonly TokenKind[];
  readonly inPrimary: boolean;
  /** What else an error in it is recovered at. */
  readonly after: readonly TokenKind[];
}

class Parser {
  readonly #source: string;
  readonly #issues: Issues;
  readonly #tokens: readonly Token[];
  readonly #skipped: Tokens['skipped'];
  #at = 0;
  #lastId = 0;
  #depth = 0;
  #errors: number;
  /** What may end the innermost part that is being read. */
  readonly #ends: Enclosing[] = [{ ends: ['<EOF>'], inPrimary: false, after: [] }];
  /** Where the last error was recovered from, so that no rule is tried twice there. */
  #lastError = -1;
  readonly #lastRules = new Set<string>();
  /** After an error nothing more is told until a token fits. */
  #recovering = false;

  constructor(source: string, issues: Issues) {
    this.#source = source;
    this.#issues = issues;
    const { tokens, skipped } = tokenize(source, issues);
    this.#tokens = tokens;
    this.#skipped = skipped;
    this.#errors = issues.count;
  }

  whole(): Expr {
    const expr = this.#expr();
    try {
      this.#expect('<EOF>', () => false);
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      this.#syntaxError(error.token, error.message);
    }
    return expr;
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #next(): Token {
    const token = this.#token;
    if (token.kind !== '<EOF>') this.#at++;
    this.#recovering = false;
    return token;
  }

  #syntaxError(token: Token, message: string): void {
    if (this.#recovering) return;
    this.#recovering = true;
    if (++this.#errors > MAX_SYNTAX_ERRORS) {
      this.#issues.report(token.at, `Syntax error: More than ${MAX_SYNTAX_ERRORS} syntax errors`);
      throw new Stop();
    }
    this.#issues.report(token.at, `Syntax error: ${message}`);
  }

  /**
   * Takes a token of this kind. A wrong one before it is passed over; where it is missing and the next token could
   * follow it, parsing goes on as if it were there.
   */
  #expect(kind: TokenKind, canFollow: (token: Token) => boolean, expecting: readonly string[] = [kind]): boolean {
    const token = this.#token;
    if (token.kind === kind) {
      this.#next();
      return true;
    }
    if (this.#tokens[this.#at + 1]?.kind === kind) {
      this.#extraneous(expecting);
      this.#next();
      return true;
    }
    if (canFollow(token)) {
      this.#syntaxError(token, `missing '${kind}' at '${token.text}'`);
      return true;
    }
    return this.#mismatch(expecting);
  }

  /** Passes over a token that the next one would fit without. */
  #extraneous(expecting: readonly string[]): void {
    this.#syntaxError(this.#token, `extraneous input '${this.#token.text}' expecting ${setOf(expecting)}`);
    this.#at++;
    this.#recovering = false;
  }

  /** Ends the rule, since nothing here fits. */
  #mismatch(expecting: readonly string[]): never {
    const token = this.#token;
    throw new Mismatch(token, `mismatched input '${token.text}' expecting ${setOf(expecting)}`);
  }

  /** Does a rule; where nothing fits in it, tells so and goes on with what may follow the rule. */
  #rule<T>(rule: Rule, work: () => T, failed: () => T): T {
    const depth = this.#ends.length;
    const nesting = this.#depth;
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      this.#ends.length = depth;
      this.#depth = nesting;
      this.#syntaxError(error.token, error.message);
      this.#recover(rule, `${rule} ${error.message.replace(/^.* expecting /s, '')}`);
      return failed();
    }
  }

  /** `place` tells in which part of the rule it was: a second time at the same token, that is passed over. */
  #recover(rule: Rule, place: string): void {
    if (this.#lastError === this.#at && this.#lastRules.has(place) && this.#token.kind !== '<EOF>') this.#at++;
    if (this.#lastError !== this.#at) this.#lastRules.clear();
    this.#lastError = this.#at;
    this.#lastRules.add(place);
    const follow = this.#followOf(rule);
    while (!follow.has(this.#token.kind) && this.#token.kind !== '<EOF>') this.#at++;
  }

  /** What may follow a rule, in it or in any of those that it stands in. */
  #followOf(rule: Rule): ReadonlySet<TokenKind> {
    const follow = new Set<TokenKind>();
    if (rule === 'entries') for (const end of [',', '}'] as const) follow.add(end);
    if (rule === 'field') follow.add(':');
    if (rule === 'primary' || rule === 'entries' || rule === 'field') for (const sign of SELECTORS) follow.add(sign);
    if (rule !== 'expr') for (const sign of SIGNS_AFTER) follow.add(sign);
    for (const [i, { ends, inPrimary, after }] of this.#ends.entries()) {
      for (const end of [...ends, ...after]) follow.add(end);
      if (i === 0) continue;
      for (const sign of SIGNS_AFTER) follow.add(sign);
      if (inPrimary) for (const sign of SELECTORS) follow.add(sign);
    }
    return follow;
  }

  /** Reads a part that ends with one of these. */
  #until<T>(ends: readonly TokenKind[], work: () => T, inPrimary = true, after: readonly TokenKind[] = []): T {
    this.#ends.push({ ends, inPrimary, after });
    const result = work();
    this.#ends.pop();
    return result;
  }

  /** Whether a token may stand after an operand here. */
  #canFollowOperand(token: Token): boolean {
    return OPERATORS.has(token.kind) || this.#ends.at(-1)!.ends.includes(token.kind);
  }

  #node(token: Token): { readonly id: number; readonly at: number } {
    return { id: ++this.#lastId, at: token.at };
  }

  #error(at: number): Expr {
    return { kind: 'literal', id: ++this.#lastId, at, value: null };
  }

  #report(token: { readonly at: number }, message: string): Expr {
    this.#issues.report(token.at, message);
    return { kind: 'literal', id: ++this.#lastId, at: token.at, value: null };
  }

  #deeper<T>(work: () => T): T {
    if (++this.#depth > MAX_DEPTH) {
      this.#issues.report(undefined, `expression recursion limit exceeded: ${MAX_DEPTH}`);
      throw new Stop();
    }
    const result = work();
    this.#depth--;
    return result;
  }

  #expr(): Expr {
    const { at } = this.#token;
    return this.#deeper(() =>
      this.#rule(
        'expr',
        () => this.#ternary(),
        () => this.#error(at),
      ),
    );
  }

  #ternary(): Expr {
    const condition = this.#logic('||', '_||_', () => this.#logic('&&', '_&&_', () => this.#relation()));
    if (this.#token.kind !== '?') return condition;
    const op = this.#node(this.#next());
    const whenTrue = this.#until(
      [':'],
      () => this.#logic('||', '_||_', () => this.#logic('&&', '_&&_', () => this.#relation())),
      false,
    );
    this.#expect(':', startsExpression);
    return call(op, '_?_:_', [condition, whenTrue, this.#expr()]);
  }

  /** A chain of one logical operator, as a balanced tree. */
  #logic(sign: TokenKind, name: string, term: () => Expr): Expr {
    const terms = [term()];
    const ops: { id: number; at: number }[] = [];
    while (this.#token.kind === sign) {
      ops.push(this.#node(this.#next()));
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
    while (signs.has(this.#token.kind)) {
      if (++length > MAX_DEPTH) this.#tooDeep();
      const token = this.#next();
      const name = token.kind === 'in' ? '@in' : `_${token.text}_`;
      left = call(this.#node(token), name, [left, operand()]);
    }
    return left;
  }

  #tooDeep(): never {
    this.#issues.report(undefined, 'max recursion depth exceeded');
    throw new Stop();
  }

  #unary(): Expr {
    const { at } = this.#token;
    return this.#rule(
      'unary',
      () => this.#signed(),
      () => this.#error(at),
    );
  }

  #signed(): Expr {
    this.#start();
    const sign = this.#token;
    if (sign.kind === '!') return this.#prefixed(sign, '!_');
    if (sign.kind !== '-' || this.#signsNumber()) return this.#member();
    const following = this.#tokens[this.#at + 1]!;
    if (following.kind !== '-' && !startsExpression(following)) return this.#noViable(sign, following);
    if (following.kind === '!') return this.#noViable(sign, following);
    return this.#prefixed(sign, '-_');
  }

  /** An operand begins here, or the next token begins one and this one is passed over. */
  #start(): void {
    const token = this.#token;
    if (startsExpression(token)) return;
    if (this.#recovering) return this.#noViable(token, token);
    const following = this.#tokens[this.#at + 1];
    if (following === undefined || !startsExpression(following)) this.#mismatch(PRIMARY);
    this.#extraneous(PRIMARY);
  }

  /** An even number of signs is none. */
  #prefixed(sign: Token, name: string): Expr {
    let count = 0;
    while (this.#token.kind === sign.kind) {
      const following = this.#tokens[this.#at + 1]!;
      const isMore = following.kind === '-' || (startsExpression(following) && following.kind !== '!');
      if (name === '-_' && count > 0 && !isMore) return this.#noViable(this.#token, following);
      this.#next();
      count++;
    }
    const token = this.#token;
    if (!startsExpression(token)) {
      this.#syntaxError(token, `extraneous input '${token.text}' expecting ${setOf(PRIMARY)}`);
      const follow = new Set<TokenKind>([...this.#followOf('unary'), ...PRIMARY]);
      while (!follow.has(this.#token.kind) && this.#token.kind !== '<EOF>') this.#at++;
    }
    const operation = count % 2 === 1 ? this.#node(sign) : undefined;
    const operand = this.#member();
    return operation === undefined ? operand : call(operation, name, [operand]);
  }

  /** A minus that is the sign of a number is part of it. */
  #signsNumber(): boolean {
    const following = this.#tokens[this.#at + 1]?.kind;
    return this.#token.kind === '-' && (following === 'NUM_INT' || following === 'NUM_FLOAT');
  }

  #noViable(from: Token, offending: Token): never {
    const end = offending.kind === '<EOF>' ? this.#source.length : offending.at + offending.text.length;
    let text = this.#source.slice(from.at, end);
    for (const [start, stop] of this.#skipped) text = text.replace(this.#source.slice(start, stop), '');
    throw new Mismatch(offending, `no viable alternative at input '${text}'`);
  }

  #member(): Expr {
    const { at } = this.#token;
    let expr: Expr = { kind: 'literal', id: 0, at, value: null };
    return this.#rule(
      'member',
      () => {
        expr = this.#rule(
          'primary',
          () => this.#primary(),
          () => this.#error(at),
        );
        for (let length = 0; ; length++) {
          if (length > MAX_DEPTH) this.#tooDeep();
          const token = this.#token;
          if (token.kind === '.') expr = this.#selection(expr);
          else if (token.kind === '[') expr = this.#index(expr);
          else return expr;
        }
      },
      () => expr,
    );
  }

  #selection(operand: Expr): Expr {
    const dot = this.#token;
    const after = this.#tokens[this.#at + 1]!;
    const optional = after.kind === '?';
    if (!optional && LITERAL_WORDS.includes(after.kind)) {
      this.#at++;
      return this.#mismatch(['IDENTIFIER']);
    }
    if (!optional && after.kind !== 'IDENTIFIER' && after.kind !== 'ESC_IDENTIFIER') return this.#noViable(dot, after);
    this.#next();
    if (optional) this.#next();
    const names = ['IDENTIFIER', 'ESC_IDENTIFIER'] as const;
    const isName = (token: Token | undefined) => names.some((kind) => kind === token?.kind);
    if (!isName(this.#token) && isName(this.#tokens[this.#at + 1])) this.#extraneous(names);
    const name = this.#token;
    if (name.kind === 'ESC_IDENTIFIER') {
      this.#next();
      return this.#report(name, "unsupported syntax: '`'");
    }
    if (name.kind !== 'IDENTIFIER') {
      this.#syntaxError(name, `mismatched input '${name.text}' expecting ${setOf(names)}`);
      this.#recover('member', 'member name');
      return this.#report(name, 'unsupported ident kind');
    }
    this.#next();
    if (this.#token.kind === '(' && !optional) {
      const open = this.#next();
      return this.#called(this.#node(open), name.text, operand, false);
    }
    if (!optional) return { kind: 'select', ...this.#node(dot), operand, field: name.text, testOnly: false };
    const field: Expr = { kind: 'literal', ...this.#node(name), value: name.text };
    return call(this.#node(dot), '_?._', [operand, field]);
  }

  #index(target: Expr): Expr {
    const open = this.#node(this.#next());
    const optional = this.#token.kind === '?';
    if (optional) this.#next();
    else this.#opens([], [...PRIMARY, '?']);
    const index = this.#until([']'], () => this.#expr(), false);
    this.#expect(']', (token) => this.#canFollowOperand(token));
    return call(open, optional ? '_[?_]' : '_[_]', [target, index]);
  }

  /** The arguments after the parenthesis, up to the closing one. */
  #arguments(inPrimary = true): Expr[] {
    const args: Expr[] = [];
    if (this.#opens([')'])) {
      args.push(this.#until([',', ')'], () => this.#expr(), inPrimary));
      while (this.#token.kind === ',') {
        this.#next();
        args.push(this.#until([',', ')'], () => this.#expr(), inPrimary));
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
      this.#expect(')', (token) => this.#canFollowOperand(token));
    } catch (error) {
      if (error instanceof Mismatch) expanded();
      throw error;
    }
    return expanded();
  }

  /** Whether the first element of a list, map or arguments is here; what cannot be one is told. */
  #opens(others: readonly TokenKind[], starts: readonly TokenKind[] = PRIMARY): boolean {
    const token = this.#token;
    if (starts.includes(token.kind)) return true;
    if (others.includes(token.kind)) return false;
    const fits = [...starts, ...others];
    const following = this.#tokens[this.#at + 1];
    if (following !== undefined && fits.includes(following.kind)) {
      this.#extraneous(fits);
      return starts.includes(following.kind);
    }
    return this.#mismatch(fits);
  }

  /** A comma that may come last, and the closing sign. */
  #close(sign: TokenKind): void {
    const token = this.#token;
    if (!this.#recovering && token.kind !== ',' && token.kind !== sign) {
      const following = this.#tokens[this.#at + 1]?.kind;
      if (following !== ',' && following !== sign) this.#mismatch([sign, ',']);
      this.#extraneous([sign, ',']);
    }
    if (this.#token.kind === ',') this.#next();
    this.#expect(sign, (after) => this.#canFollowOperand(after));
  }

  #primary(): Expr {
    const token = this.#token;
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
        return this.#noViable(token, this.#tokens[this.#at + 1]!);
      default:
        return LITERALS.has(token.kind) ? this.#literal() : this.#noViable(token, token);
    }
  }

  #nested(): Expr {
    this.#next();
    const expr = this.#until([')'], () => this.#expr());
    this.#expect(')', (token) => this.#canFollowOperand(token));
    return expr;
  }

  #leadingDot(): Expr {
    const following = this.#tokens[this.#at + 1]!;
    if (LITERAL_WORDS.includes(following.kind)) {
      this.#at++;
      return this.#mismatch(['IDENTIFIER']);
    }
    if (following.kind !== 'IDENTIFIER') return this.#noViable(this.#token, following);
    return this.#named('.', this.#next());
  }

  /** A name, a call of a function, or an object; `prefix` is a leading dot. */
  #named(prefix: string, dot?: Token): Expr {
    const token = this.#next();
    const dotted = this.#typeName(token);
    if (dotted !== undefined) return this.#struct(prefix + dotted);
    const isCall = this.#token.kind === '(';
    if (RESERVED.has(token.text)) {
      const failed = this.#report(dot ?? token, `reserved identifier: ${token.text}`);
      if (isCall) {
        this.#next();
        this.#arguments();
        this.#expect(')', (after) => this.#canFollowOperand(after));
      }
      return failed;
    }
    const name = prefix + token.text;
    if (!isCall) return { kind: 'ident', ...this.#node(token), name };
    const open = this.#next();
    return this.#called(this.#node(open), name, undefined, true);
  }

  /** The whole name, when an object of a type begins here; its tokens are taken then. */
  #typeName(first: Token): string | undefined {
    let end = this.#at;
    let name = first.text;
    while (this.#tokens[end]!.kind === '.' && this.#tokens[end + 1]!.kind === 'IDENTIFIER') {
      name += `.${this.#tokens[end + 1]!.text}`;
      end += 2;
    }
    if (this.#tokens[end]!.kind !== '{') return undefined;
    this.#at = end;
    return name;
  }

  #list(): Expr {
    const open = this.#node(this.#next());
    const elements: Expr[] = [];
    const optionals: number[] = [];
    const element = () => {
      if (this.#token.kind === '?') {
        this.#next();
        optionals.push(elements.length);
      }
      elements.push(this.#until([',', ']'], () => this.#expr()));
    };
    if (this.#opens([',', ']'], [...PRIMARY, '?'])) {
      element();
      while (this.#token.kind === ',' && [...PRIMARY, '?'].includes(this.#tokens[this.#at + 1]!.kind)) {
        this.#next();
        element();
      }
    }
    this.#close(']');
    return { kind: 'list', ...open, elements, optionals };
  }

  #map(): Expr {
    const open = this.#node(this.#next());
    const entries = this.#entries([...PRIMARY, '?'], () => this.#until([':'], () => this.#expr(), true, [',', '}']));
    return { kind: 'map', ...open, entries };
  }

  #struct(name: string): StructExpr {
    const open = this.#node(this.#next());
    const fields = this.#entries(['?', 'IDENTIFIER', 'ESC_IDENTIFIER'], () => {
      const { kind } = this.#token;
      if (kind !== 'IDENTIFIER' && kind !== 'ESC_IDENTIFIER') this.#mismatch(['IDENTIFIER', 'ESC_IDENTIFIER']);
      const token = this.#next();
      if (token.kind === 'ESC_IDENTIFIER') this.#report(token, "unsupported syntax: '`'");
      return token.text;
    });
    return { kind: 'struct', ...open, name, fields };
  }

  #entries<K>(starts: readonly TokenKind[], key: () => K): EntryExpr<K>[] {
    const entries: EntryExpr<K>[] = [];
    const entry = (): void => {
      const optional = this.#token.kind === '?';
      if (optional) this.#next();
      const read = key();
      const colon = this.#token;
      this.#expect(':', startsExpression);
      entries.push({ ...this.#node(colon), key: read, value: this.#until([',', '}'], () => this.#expr()), optional });
    };
    const all = (): void => {
      entry();
      while (this.#token.kind === ',' && starts.includes(this.#tokens[this.#at + 1]!.kind)) {
        this.#next();
        entry();
      }
    };
    if (this.#opens([',', '}'], starts)) this.#rule('entries', all, () => undefined);
    this.#close('}');
    return entries;
  }

  #literal(): Expr {
    const first = this.#next();
    const negative = first.kind === '-';
    const token = negative ? this.#next() : first;
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

function startsExpression(token: Token): boolean {
  return (PRIMARY as readonly string[]).includes(token.kind);
}

const LITERAL_WORDS: readonly TokenKind[] = ['true', 'false', 'null'];

const LITERALS: ReadonlySet<TokenKind> = new Set([
  'true',
  'false',
  'null',
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
]);

const MACRO_INDEX: ReadonlyMap<string, Macro> = new Map(
  MACROS.map((macro) => [`${macro.name} ${macro.receiver} ${macro.args}`, macro]),
);

function findMacro(name: string, receiver: boolean, args: number): Macro | undefined {
  return MACRO_INDEX.get(`${name} ${receiver} ${args}`);
}

/** `{'[', ']', IDENTIFIER}`, or the one token alone. */
function setOf(kinds: readonly string[]): string {
  const shown = [...kinds].sort((a, b) => RANK.indexOf(a) - RANK.indexOf(b)).map(quoted);
  return shown.length === 1 ? shown[0]! : `{${shown.join(', ')}}`;
}

function quoted(kind: string): string {
  return /^[A-Z<]/.test(kind) ? kind : `'${kind}'`;
}

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

function literalValue({ kind, text }: Token, negative: boolean): { value: CelValue } | { error: string } {
  switch (kind) {
    case 'true':
    case 'false':
      return { value: kind === 'true' };
    case 'null':
      return { value: null };
    case 'NUM_INT': {
      const value = negative ? -BigInt(text) : BigInt(text);
      return value < MIN_INT || value > MAX_INT ? { error: 'invalid int literal' } : { value };
    }
    case 'NUM_UINT': {
      const value = BigInt(text.slice(0, -1));
      return value > MAX_UINT ? { error: 'invalid uint literal' } : { value: new Uint(value) };
    }
    case 'NUM_FLOAT': {
      const value = Number(text);
      return Number.isFinite(value) ? { value: negative ? -value : value } : { error: 'invalid double literal' };
    }
    default:
      return quotedValue(kind, text);
  }
}

function quotedValue(kind: TokenKind, text: string): { value: CelValue } | { error: string } {
  const isBytes = kind === 'BYTES';
  const read = unquote(isBytes ? text.slice(1) : text, isBytes);
  if ('error' in read) return read;
  return { value: isBytes ? new Uint8Array(read.bytes) : read.bytes.toString() };
}
