import { aggregateErrors, type FieldError, goQuote, invalid, notSupported, Path } from './field-error.ts';
import { isQualifiedName, isValidLabelValue } from './names.ts';
import { ParseError } from './parse-error.ts';

/** What a requirement asks of a label; the texts are those of selectors, `exists` and `!` stand alone. */
export type LabelOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt' | 'exists' | '!';

/** One requirement of a selector: a label's key and what its value must be. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** Empty for `exists` and `!`, one for the comparisons, sorted for sets. */
  readonly values: readonly string[];
}

/** Labels of an object; undefined has none. */
export type Labels = Readonly<Record<string, string>> | undefined;

const BINARY_OPERATORS = ['in', 'notin', '=', '==', '!=', 'gt', 'lt'] as const;

/**
 * A selector over labels: all of its requirements must hold.
 *
 * {@link LabelSelector.everything} has none and matches all; {@link LabelSelector.nothing} matches no object.
 */
export class LabelSelector {
  /** Sorted by key. */
  readonly requirements: readonly LabelRequirement[];
  /** True for the selector that matches no object at all. */
  readonly matchesNothing: boolean;

  private constructor(requirements: readonly LabelRequirement[], matchesNothing: boolean) {
    this.requirements = [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    this.matchesNothing = matchesNothing;
  }

  static readonly everything: LabelSelector = new LabelSelector([], false);
  static readonly nothing: LabelSelector = new LabelSelector([], true);

  /** A selector of requirements as they are; they are not checked (see {@link checkRequirement}). */
  static of(requirements: readonly LabelRequirement[]): LabelSelector {
    return requirements.length === 0 ? LabelSelector.everything : new LabelSelector(requirements, false);
  }

  /** True when it selects everything. */
  get isEmpty(): boolean {
    return !this.matchesNothing && this.requirements.length === 0;
  }

  /** Whether labels meet all requirements. */
  matches(labels: Labels): boolean {
    return !this.matchesNothing && this.requirements.every((requirement) => meets(labels, requirement));
  }

  /** The one value that the key must have, where the selector says so. */
  exactMatch(key: string): string | undefined {
    const requirement = this.requirements.find((r) => r.key === key);
    const exact = requirement && ['=', '==', 'in'].includes(requirement.operator) && requirement.values.length === 1;
    return exact ? requirement.values[0] : undefined;
  }

  /** The text that {@link parseLabelSelector} reads. */
  toString(): string {
    return this.requirements.map(formatRequirement).join(',');
  }
}

function meets(labels: Labels, { key, operator, values }: LabelRequirement): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'in':
    case '=':
    case '==':
      return value !== undefined && values.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    default:
      return value !== undefined && compares(operator, value, values[0]);
  }
}

function compares(operator: 'gt' | 'lt', left: string, right: string | undefined): boolean {
  const [a, b] = [parseInt64(left), right === undefined ? undefined : parseInt64(right)];
  return a !== undefined && b !== undefined && (operator === 'gt' ? a > b : a < b);
}

/** A decimal int64 with an optional sign, as Go's strconv.ParseInt; undefined for anything else. */
function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${[...values].sort().join(',')})`;
    case 'gt':
    case 'lt':
      return `${key}${operator === 'gt' ? '>' : '<'}${values[0]}`;
    default:
      return `${key}${operator}${values[0]}`;
  }
}

/** The defects of a requirement, at `key`, `operator` and `values` below the path. */
export function checkRequirement(
  key: string,
  operator: string,
  values: readonly string[],
  path = Path.root,
): FieldError[] {
  const valuesPath = path.child('values');
  const errors = checkKey(path.child('key'), key);
  errors.push(...checkOperator(operator, values, path, valuesPath));
  values.forEach((value, i) => {
    const messages = isValidLabelValue(value);
    if (messages.length > 0) errors.push(invalid(valuesPath.index(i).key(key), value, messages.join('; ')));
  });
  return errors;
}

function checkKey(path: Path | string, key: string): FieldError[] {
  const messages = isQualifiedName(key);
  return messages.length === 0 ? [] : [invalid(path, key, messages.join('; '))];
}

function checkOperator(operator: string, values: readonly string[], path: Path, valuesPath: Path): FieldError[] {
  const wrong = (detail: string) => [invalid(valuesPath, [...values], detail)];
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length === 0 ? wrong("for 'in', 'notin' operators, values set can't be empty") : [];
    case '=':
    case '==':
    case '!=':
      return values.length === 1 ? [] : wrong('exact-match compatibility requires one single value');
    case 'exists':
    case '!':
      return values.length === 0 ? [] : wrong('values set must be empty for exists and does not exist');
    case 'gt':
    case 'lt':
      return [
        ...(values.length === 1 ? [] : wrong("for 'Gt', 'Lt' operators, exactly one value is required")),
        ...values.flatMap((value, i) =>
          parseInt64(value) === undefined
            ? [invalid(valuesPath.index(i), value, "for 'Gt', 'Lt' operators, the value must be an integer")]
            : [],
        ),
      ];
    default:
      return [notSupported(path.child('operator'), operator, [...BINARY_OPERATORS, 'exists', '!'].sort())];
  }
}

/**
 * Reads a selector as in `?labelSelector=`: `app in (a, b), tier!=db, !legacy, size>3`.
 *
 * @throws ParseError with the message that kube-apiserver answers.
 */
export function parseLabelSelector(text: string): LabelSelector {
  return LabelSelector.of(new Parser(scan(text)).parse());
}

/** `end`, `id` (a key, a value, or `in` and `notin` as values), or the symbol itself. */
type TokenType = 'end' | 'id' | '(' | ')' | ',' | '!' | '=' | '==' | '!=' | '<' | '>' | 'in' | 'notin';

interface Token {
  readonly type: TokenType;
  readonly text: string;
}

const END: Token = { type: 'end', text: '' };

/** A zero byte ends the text, or the word it follows: Go's scanner uses it as its end mark. */
function scan(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /[ \t\r\n]*(==|!=|[=!(),<>]|[^ \t\r\n=!(),<>\0]+\0?|\0)/y;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const word = match[1]!;
    if (word === '\0') break;
    const literal = word.endsWith('\0') ? word.slice(0, -1) : word;
    tokens.push({ type: /^(==|!=|[=!(),<>]|in|notin)$/.test(literal) ? (literal as TokenType) : 'id', text: literal });
  }
  tokens.push(END);
  return tokens;
}

const OPERATORS: Partial<Record<TokenType, LabelOperator>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
};

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.type === 'end') return requirements;
      if (token.type !== 'id' && token.type !== '!')
        throw new ParseError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      requirements.push(this.#requirement());
      const next = this.#take();
      if (next.type === 'end') return requirements;
      if (next.type !== ',') throw new ParseError(`found '${next.text}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (after.type !== 'id' && after.type !== '!')
        throw new ParseError(`found '${after.text}', expected: identifier after ','`);
    }
  }

  /** The next token where a value may stand: there, `in` and `notin` are words like others. */
  #peek(): Token {
    const token = this.#tokens[this.#position] ?? END;
    return token.type === 'in' || token.type === 'notin' ? { type: 'id', text: token.text } : token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#position++;
    return token;
  }

  #requirement(): LabelRequirement {
    let token = this.#take();
    const negated = token.type === '!';
    if (negated) token = this.#take();
    if (token.type !== 'id') fail(`found '${token.text}', expected: identifier`);
    const key = token.text;
    failOn(checkKey('<nil>', key));
    if (negated) return checked(key, '!', []);
    const next = this.#peek().type;
    if (next === 'end' || next === ',') return checked(key, 'exists', []);
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#set() : [this.#value()];
    return checked(key, operator, [...new Set(values)].sort());
  }

  #operator(): LabelOperator {
    const token = this.#tokens[this.#position++] ?? END;
    const operator = OPERATORS[token.type];
    return operator ?? fail(`found '${token.text}', expected: ${BINARY_OPERATORS.join(', ')}`);
  }

  #value(): string {
    const next = this.#peek().type;
    if (next === 'end' || next === ',') return '';
    const token = this.#take();
    return token.type === 'id' ? token.text : fail(`found '${token.text}', expected: identifier`);
  }

  #set(): string[] {
    const open = this.#take();
    if (open.type !== '(') fail(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.type === ')') {
      this.#take();
      return [''];
    }
    if (first.type !== 'id' && first.type !== ',') fail(`found '${first.text}', expected: ',', ')' or identifier`);
    const values = this.#members();
    this.#take();
    return values;
  }

  /** The members up to the closing parenthesis; nothing before or after a comma is the empty value. */
  #members(): string[] {
    const values: string[] = [];
    for (;;) {
      const token = this.#take();
      const next = this.#peek();
      if (token.type === 'id') {
        values.push(token.text);
        if (next.type === ')') return values;
        if (next.type !== ',') fail(`found '${next.text}', expected: ',' or ')'`);
      } else if (token.type === ',') {
        if (values.length === 0 || next.type === ')' || next.type === ',') values.push('');
        if (next.type === ')') return values;
      } else fail(`found '${token.text}', expected: ',', or identifier`);
    }
  }
}

function fail(message: string): never {
  throw new ParseError(`unable to parse requirement: ${message}`);
}

function failOn(errors: readonly FieldError[]): void {
  if (errors.length > 0) fail(aggregateErrors(errors));
}

function checked(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  failOn(checkRequirement(key, operator, values));
  return { key, operator, values };
}

/** `metav1.LabelSelector`: the form in which objects hold a selector. */
export interface LabelSelectorObject {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[] | null;
  }[];
}

const EXPRESSION_OPERATORS: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/**
 * The selector of a `metav1.LabelSelector`: an absent one matches nothing, an empty one everything.
 *
 * @throws ParseError for what validation of the object would refuse too.
 */
export function labelSelectorFromObject(object: LabelSelectorObject | null | undefined): LabelSelector {
  if (object === null || object === undefined) return LabelSelector.nothing;
  const exact = Object.entries(object.matchLabels ?? {}).map(([key, value]) => require(key, '=', [value]));
  const expressions = (object.matchExpressions ?? []).map(({ key, operator, values }) => {
    const known = EXPRESSION_OPERATORS[operator];
    if (known === undefined) throw new ParseError(`${goQuote(operator)} is not a valid label selector operator`);
    return require(key, known, values ?? []);
  });
  return LabelSelector.of([...exact, ...expressions]);
}

/** The text of a `metav1.LabelSelector` as Go's FormatLabelSelector prints it in tables. */
export function formatLabelSelector(object: LabelSelectorObject | null | undefined): string {
  try {
    const text = labelSelectorFromObject(object).toString();
    return text === '' ? '<none>' : text;
  } catch {
    return '<error>';
  }
}

function require(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const errors = checkRequirement(key, operator, values);
  if (errors.length > 0) throw new ParseError(aggregateErrors(errors));
  return { key, operator, values };
}
