import { OPERATORS, PRIMARY, SELECTORS, setOf, SIGNS_AFTER, startsExpression } from './grammar.ts';
import type { Issues } from './issue.ts';
import { type Token, tokenize, type TokenKind, type Tokens } from './lexer.ts';

const MAX_SYNTAX_ERRORS = 100;

/** Ends the parsing of what is not worth going on with; never leaves the parser. */
export class Stop extends Error {}

/** Ends a rule in which nothing fits; the rule tells it, and passes over what its callers cannot go on with. */
export class Mismatch extends Error {
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

/**
 * Reads tokens, and where they do not fit goes on as parsers do that ANTLR makes: passes over one, takes one as read, or
 * ends the rule and goes on with what may follow it. So are all mistakes of a source told, in cel-go's words.
 */
export class RecoveringReader {
  protected readonly issues: Issues;
  readonly #source: string;
  readonly #tokens: readonly Token[];
  readonly #skipped: Tokens['skipped'];
  #at = 0;
  #errors: number;
  /** How deep the rules stand in each other. */
  protected depth = 0;
  /** What may end the innermost part that is being read. */
  readonly #ends: Enclosing[] = [{ ends: ['<EOF>'], inPrimary: false, after: [] }];
  /** Where the last error was recovered from, so that no rule is tried twice there. */
  #lastError = -1;
  readonly #lastRules = new Set<string>();
  /** After an error nothing more is told until a token fits. */
  #recovering = false;

  constructor(source: string, issues: Issues) {
    this.#source = source;
    this.issues = issues;
    const { tokens, skipped } = tokenize(source, issues);
    this.#tokens = tokens;
    this.#skipped = skipped;
    this.#errors = issues.count;
  }

  protected get token(): Token {
    return this.#tokens[this.#at]!;
  }

  /** The token so many places on; undefined behind the end. */
  protected ahead(places: number): Token | undefined {
    return this.#tokens[this.#at + places];
  }

  /** The next token; at the end that again. */
  protected get following(): Token {
    return this.ahead(1) ?? this.token;
  }

  /** Passes over tokens, without a word. */
  protected skip(places = 1): void {
    this.#at += places;
  }

  protected skipTo(kinds: ReadonlySet<TokenKind>): void {
    while (!kinds.has(this.token.kind) && this.token.kind !== '<EOF>') this.skip();
  }

  /** Takes a token. */
  protected next(): Token {
    const token = this.token;
    if (token.kind !== '<EOF>') this.#at++;
    this.#recovering = false;
    return token;
  }

  protected syntaxError(token: Token, message: string): void {
    if (this.#recovering) return;
    this.#recovering = true;
    if (++this.#errors > MAX_SYNTAX_ERRORS) {
      this.issues.report(token.at, `Syntax error: More than ${MAX_SYNTAX_ERRORS} syntax errors`);
      throw new Stop();
    }
    this.issues.report(token.at, `Syntax error: ${message}`);
  }

  /**
   * Takes a token of this kind. A wrong one before it is passed over; where it is missing and the next token could
   * follow it, parsing goes on as if it were there.
   */
  protected expect(
    kind: TokenKind,
    canFollow: (token: Token) => boolean,
    expecting: readonly string[] = [kind],
  ): boolean {
    const token = this.token;
    if (token.kind === kind) {
      this.next();
      return true;
    }
    if (this.following.kind === kind) {
      this.extraneous(expecting);
      this.next();
      return true;
    }
    if (canFollow(token)) {
      this.syntaxError(token, `missing '${kind}' at '${token.text}'`);
      return true;
    }
    return this.mismatch(expecting);
  }

  /** Passes over a token that the next one would fit without. */
  protected extraneous(expecting: readonly string[]): void {
    this.syntaxError(this.token, `extraneous input '${this.token.text}' expecting ${setOf(expecting)}`);
    this.#at++;
    this.#recovering = false;
  }

  /** Ends the rule, since nothing here fits. */
  protected mismatch(expecting: readonly string[]): never {
    const token = this.token;
    throw new Mismatch(token, `mismatched input '${token.text}' expecting ${setOf(expecting)}`);
  }

  /** Does a rule; where nothing fits in it, tells so and goes on with what may follow the rule. */
  protected rule<T>(rule: Rule, work: () => T, failed: () => T): T {
    const depth = this.#ends.length;
    const nesting = this.depth;
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      this.#ends.length = depth;
      this.depth = nesting;
      this.syntaxError(error.token, error.message);
      this.recover(rule, `${rule} ${error.message.replace(/^.* expecting /s, '')}`);
      return failed();
    }
  }

  /** `place` tells in which part of the rule it was: a second time at the same token, that is passed over. */
  protected recover(rule: Rule, place: string): void {
    if (this.#lastError === this.#at && this.#lastRules.has(place) && this.token.kind !== '<EOF>') this.#at++;
    if (this.#lastError !== this.#at) this.#lastRules.clear();
    this.#lastError = this.#at;
    this.#lastRules.add(place);
    const follow = this.followOf(rule);
    this.skipTo(follow);
  }

  /** What may follow a rule, in it or in any of those that it stands in. */
  protected followOf(rule: Rule): ReadonlySet<TokenKind> {
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
  protected until<T>(ends: readonly TokenKind[], work: () => T, inPrimary = true, after: readonly TokenKind[] = []): T {
    this.#ends.push({ ends, inPrimary, after });
    const result = work();
    this.#ends.pop();
    return result;
  }

  /** Whether a token may stand after an operand here. */
  protected canFollowOperand(token: Token): boolean {
    return OPERATORS.has(token.kind) || this.#ends.at(-1)!.ends.includes(token.kind);
  }

  /** An operand begins here, or the next token begins one and this one is passed over. */
  protected start(): void {
    const token = this.token;
    if (startsExpression(token)) return;
    if (this.#recovering) return this.noViable(token, token);
    const following = this.following;
    if (!startsExpression(following)) this.mismatch(PRIMARY);
    this.extraneous(PRIMARY);
  }

  /** Whether the first element of a list, map or arguments is here; what cannot be one is told. */
  protected opens(others: readonly TokenKind[], starts: readonly TokenKind[] = PRIMARY): boolean {
    const token = this.token;
    if (starts.includes(token.kind)) return true;
    if (others.includes(token.kind)) return false;
    const fits = [...starts, ...others];
    const following = this.following;
    if (fits.includes(following.kind)) {
      this.extraneous(fits);
      return starts.includes(following.kind);
    }
    return this.mismatch(fits);
  }

  /** A comma that may come last, and the closing sign. */
  protected close(sign: TokenKind): void {
    const token = this.token;
    if (!this.#recovering && token.kind !== ',' && token.kind !== sign) {
      const following = this.following.kind;
      if (following !== ',' && following !== sign) this.mismatch([sign, ',']);
      this.extraneous([sign, ',']);
    }
    if (this.token.kind === ',') this.next();
    this.expect(sign, (after) => this.canFollowOperand(after));
  }

  protected noViable(from: Token, offending: Token): never {
    const end = offending.kind === '<EOF>' ? this.#source.length : offending.at + offending.text.length;
    let text = this.#source.slice(from.at, end);
    for (const [start, stop] of this.#skipped) text = text.replace(this.#source.slice(start, stop), '');
    throw new Mismatch(offending, `no viable alternative at input '${text}'`);
  }
}
