import { type Column, cellOf, extraColumn } from './columns.ts';
import { isEmptyCell, measureCell, parseDuration } from './measure.ts';
import { parsePath, type Row } from './row.ts';

/**
 * The language of the filter, of terms that must all hold:
 *
 *     web                 name, namespace or a cell contains it
 *     "not ready"         the same with a space
 *     status=Running,Pending      a column is one of these; `*` stands for anything
 *     restarts>3  age<5m  a column is more, or less
 *     message~timeout     a column contains it
 *     label:app=web  app=web  label:app      a label
 *     ns:kube-system      the namespace
 *     spec.nodeName=node-1  .data.key~x      a field of the object
 *     -TERM               the term must not hold
 */
export interface Filter {
  readonly terms: readonly Term[];
  readonly problems: readonly FilterProblem[];
  /** Paths of fields that rows must have for it. */
  readonly fields: readonly string[];
}

export type Operator = '=' | '!=' | '>' | '<' | '>=' | '<=' | '~' | 'exists';

export interface Term {
  readonly not: boolean;
  /** `text` has no subject; the others are what is compared. */
  readonly subject: 'text' | 'column' | 'label' | 'field' | 'namespace';
  /** A column's id, a label's key, a path. */
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
  /** Where it stands in the filter's text. */
  readonly from: number;
  readonly to: number;
}

/** What is wrong in the text, and where: a quote that does not end, a value that lacks, a value that is no number, a path. */
export interface FilterProblem {
  readonly code: 'quote' | 'value' | 'number' | 'path' | 'key';
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** A word of a filter. */
export interface Token {
  readonly text: string;
  /** Where in `text` something was quoted: there no sign of the language counts. */
  readonly quoted: readonly boolean[];
  readonly from: number;
  readonly to: number;
}

/** Reads a filter. What is wrong is told and left out; the rest holds. */
export function parseFilter(text: string, columns: readonly Column[]): Filter {
  const problems: FilterProblem[] = [];
  const terms: Term[] = [];
  for (const token of tokens(text, problems)) {
    const term = termOf(token, columns);
    if ('code' in term) problems.push(term);
    else terms.push(term);
  }
  const fields = terms.filter((term) => term.subject === 'field').map((term) => term.key);
  return { terms, problems, fields: [...new Set(fields)] };
}

/** The words of a filter, which spaces part where nothing is quoted. */
export function tokens(text: string, problems: FilterProblem[]): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at]!)) {
      at++;
      continue;
    }
    const from = at;
    let plain = '';
    const quoted: boolean[] = [];
    let quote = '';
    for (; at < text.length && (quote !== '' || !/\s/.test(text[at]!)); at++) {
      const char = text[at]!;
      if (quote === '' && char === '"') quote = char;
      else if (quote !== '' && char === quote) quote = '';
      else {
        plain += char;
        quoted.push(quote !== '');
      }
    }
    if (quote !== '') problems.push({ code: 'quote', text: text.slice(from, at), from, to: at });
    found.push({ text: plain, quoted, from, to: at });
  }
  return found.filter((token) => token.text !== '');
}

function termOf(token: Token, columns: readonly Column[]): Term | FilterProblem {
  const not = token.text.length > 1 && token.text[0] === '-' && !token.quoted[0];
  const start = not ? 1 : 0;
  const body = token.text.slice(start);
  const base = { not, from: token.from, to: token.to };
  const problem = (code: FilterProblem['code'], text = body): FilterProblem => ({
    code,
    text,
    from: token.from,
    to: token.to,
  });
  if (body.startsWith('ns:') && !token.quoted[start]) {
    const value = body.slice(3);
    if (value === '') return problem('value');
    return { ...base, subject: 'namespace', key: '', operator: '=', values: value.toLowerCase().split(',') };
  }
  const sign = signOf(body, token.quoted.slice(start));
  const label = body.startsWith('label:') && !token.quoted[start];
  if (!sign) {
    if (!label) return { ...base, subject: 'text', key: '', operator: '~', values: [body.toLowerCase()] };
    if (body === 'label:') return problem('key');
    return { ...base, subject: 'label', key: body.slice(6), operator: 'exists', values: [] };
  }
  const key = body.slice(label ? 6 : 0, sign.at);
  const value = body.slice(sign.at + sign.text.length);
  if (key === '') return problem('key');
  const operator = sign.text === '==' ? '=' : (sign.text as Operator);
  if (value === '' && operator !== '=' && operator !== '!=') return problem('value');
  const compares = operator.startsWith('<') || operator.startsWith('>');
  if (compares && numberOf(value) === undefined) return problem('number', value);
  const values = operator === '~' || compares ? [value.toLowerCase()] : value.toLowerCase().split(',');
  const rest = { ...base, operator, values };
  if (label) return { ...rest, subject: 'label', key };
  const column = columnNamed(key, columns);
  if (column) return { ...rest, subject: 'column', key: column.id };
  if (!key.includes('/') && /[.[]/.test(key)) {
    const path = key.startsWith('.') || key.startsWith('[') ? key : `.${key}`;
    return parsePath(path) ? { ...rest, subject: 'field', key: path } : problem('path', key);
  }
  return { ...rest, subject: 'label', key };
}

/** The first sign that compares, outside quotes. In `[…]` of a path none counts. */
export function signOf(
  body: string,
  quoted: readonly boolean[],
): { readonly at: number; readonly text: string } | undefined {
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    if (quoted[at]) continue;
    if (body[at] === '[') depth++;
    else if (body[at] === ']') depth--;
    if (depth > 0) continue;
    const sign = /^(?:!=|>=|<=|==|=|>|<|~)/.exec(body.slice(at, at + 2));
    if (sign) return { at, text: sign[0] };
  }
  return undefined;
}

/** The column that a term calls by its id or its name. */
export function columnNamed(key: string, columns: readonly Column[]): Column | undefined {
  const wanted = key.toLowerCase();
  return columns.find((column) => column.id === wanted || column.name.toLowerCase() === wanted);
}

/** What a value is compared by: a number, a duration, a quantity or a moment. */
function numberOf(value: string): number | undefined {
  return measureCell(value, 'duration') ?? measureCell(value, 'date');
}

/** What tells whether a row is shown. `nowMs` is what ages count from. */
export function compileFilter(filter: Filter, columns: readonly Column[], nowMs: () => number): (row: Row) => boolean {
  const tests = filter.terms.map((term) => {
    const test = testOf(term, columns, nowMs);
    return term.not ? (row: Row) => !test(row) : test;
  });
  if (tests.length === 1) return tests[0]!;
  return (row) => tests.every((test) => test(row));
}

function testOf(term: Term, columns: readonly Column[], nowMs: () => number): (row: Row) => boolean {
  const { key, operator, values } = term;
  if (term.subject === 'text') {
    const word = values[0]!;
    return (row) => row.text.includes(word) || row.labelText.includes(word);
  }
  if (term.subject === 'namespace') {
    const matches = anyOf(values);
    return (row) => matches(row.namespace.toLowerCase());
  }
  if (term.subject === 'label' && operator === 'exists') return (row) => Object.hasOwn(row.labels, key);
  const column =
    term.subject === 'column'
      ? columns.find((one) => one.id === key)
      : extraColumn(term.subject === 'label' ? `label:${key}` : key);
  if (!column) return () => false;
  return valueTest(term, column, nowMs);
}

function valueTest({ operator, values }: Term, column: Column, nowMs: () => number): (row: Row) => boolean {
  switch (operator) {
    case '=':
    case '!=': {
      const matches = anyOf(values);
      const is = remembered((cell) => {
        const text = cell.toLowerCase();
        return matches(text) || (isEmptyCell(text) && values.includes(''));
      });
      return operator === '=' ? (row) => is(cellOf(row, column)) : (row) => !is(cellOf(row, column));
    }
    case '~': {
      const contains = remembered((cell) => cell.toLowerCase().includes(values[0]!));
      return (row) => contains(cellOf(row, column));
    }
    default: {
      const wanted = column.time ? parseDuration(values[0]!) : undefined;
      const bound = wanted ?? measureCell(values[0]!, column.measure) ?? numberOf(values[0]!)!;
      const holds = COMPARISONS[operator as keyof typeof COMPARISONS];
      if (column.time === 'created') return (row) => holds(row.createdMs && (nowMs() - row.createdMs) / 1000, bound);
      const is = remembered((cell) => {
        const value = measureCell(cell, column.measure);
        return value !== undefined && holds(value, bound);
      });
      return (row) => is(cellOf(row, column));
    }
  }
}

const COMPARISONS = {
  '<': (a: number, b: number) => a < b,
  '>': (a: number, b: number) => a > b,
  '<=': (a: number, b: number) => a <= b,
  '>=': (a: number, b: number) => a >= b,
} as const;

/** So many different texts of a column are remembered: those of most columns are few, names are all different. */
const REMEMBERED = 1000;

/** The same test, which asks once a text: most cells recur from row to row. */
function remembered(test: (cell: string) => boolean): (cell: string) => boolean {
  const known = new Map<string, boolean>();
  return (cell) => {
    const before = known.get(cell);
    if (before !== undefined) return before;
    const holds = test(cell);
    if (known.size < REMEMBERED) known.set(cell, holds);
    return holds;
  };
}

function anyOf(values: readonly string[]): (text: string) => boolean {
  if (!values.some((value) => value.includes('*'))) return (text) => values.includes(text);
  const patterns = values.map((value) => value.split('*'));
  return (text) => patterns.some((parts) => hasParts(text, parts));
}

/**
 * Whether a text begins with the first part, ends with the last, and has the others between in their order. A regular
 * expression would try all places of all parts: a link with some stars would stop the page.
 */
function hasParts(text: string, parts: readonly string[]): boolean {
  const [first = '', last] = [parts[0], parts.at(-1)!];
  if (parts.length === 1) return text === first;
  const end = text.length - last.length;
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end;
}
