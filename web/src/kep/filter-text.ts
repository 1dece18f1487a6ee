import { FILTER_FIELDS, type FilterField, parseFilter } from 'nekube/kep';

/** A filter is one text, which choices change as if one had typed: the same in the field, the address and the CLI. */
const TOKEN = /(-?)([a-z-]+):("[^"]*"|\S*)|("[^"]*"|\S+)/g;

interface Token {
  readonly text: string;
  /** Absent: a word. */
  readonly field?: string;
  readonly isNegated?: boolean;
  readonly values?: readonly string[];
}

function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map(([whole, sign, field, value = '']) => {
    if (field === undefined) return { text: whole };
    const values = value.startsWith('"') ? [unquoted(value)] : value.split(',').filter((one) => one !== '');
    return { text: whole, field, isNegated: sign === '-', values };
  });
}

/** The words that are no terms of a filter. */
export function wordsIn(text: string): string {
  return tokensOf(text)
    .filter(({ field }) => field === undefined)
    .map((token) => unquoted(token.text))
    .join(' ');
}

/** A filter without its words. */
export function termsIn(text: string): string {
  return tokensOf(text)
    .filter(({ field }) => field !== undefined)
    .map((token) => token.text)
    .join(' ');
}

/** Says which values of a field a filter asks for. */
export function asksFor(text: string, field: string): (value: string) => boolean {
  const asked = new Set(
    tokensOf(text)
      .filter((token) => token.field === field && !token.isNegated)
      .flatMap(({ values = [] }) => values.map((value) => plain(field, value))),
  );
  return (value) => asked.size > 0 && asked.has(plain(field, value));
}

/** A filter that asks for a value too, or no more where it did. */
export function toggleValue(text: string, field: string, value: string): string {
  const tokens = tokensOf(text);
  const own = tokens.findIndex((token) => token.field === field && !token.isNegated);
  const { values: before = [] } = tokens[own] ?? {};
  const others = before.filter((one) => !same(field, one, value));
  const next = others.length < before.length ? others : [...before, value];
  const term = termOf(field, next, value);
  const texts = tokens.map((token, i) => (i === own ? term : token.text));
  return [...texts, ...(own < 0 ? [term] : [])].filter((one) => one !== '').join(' ');
}

/** A list cannot have values with spaces or commas: such a value stands alone. */
function termOf(field: string, values: readonly string[], added: string): string {
  if (values.length === 0) return '';
  const quoted = values.find((one) => /[\s,]/.test(one));
  if (quoted === undefined) return `${field}:${values.join(',')}`;
  const alone = values.includes(added) ? added : quoted;
  return /[\s,]/.test(alone) ? `${field}:"${alone.replaceAll('"', '')}"` : `${field}:${alone}`;
}

/** What is wrong with a filter, as the reader's language says it. */
export interface FilterProblem {
  readonly code: 'field' | 'empty' | 'value' | 'day' | 'release';
  readonly field: string;
  readonly value: string;
}

/** What is wrong with a filter; undefined: nothing. */
export function problemIn(text: string): FilterProblem | undefined {
  for (const token of tokensOf(text)) {
    const { field, values = [] } = token;
    if (field === undefined || isFilter(token.text)) continue;
    const value = values.find((one) => !isFilter(`${field}:"${one}"`)) ?? '';
    return { code: codeOf(field, values), field, value: value.replace(/^[<>]=?/, '') };
  }
  return undefined;
}

function codeOf(field: string, values: readonly string[]): FilterProblem['code'] {
  if (!Object.hasOwn(FILTER_FIELDS, field)) return 'field';
  if (values.length === 0) return 'empty';
  if (field === 'status' || field === 'stage') return 'value';
  return field === 'created' || field === 'updated' || field === 'changed' ? 'day' : 'release';
}

/** A filter without what is wrong in it. */
export function rightPart(text: string): string {
  return tokensOf(text)
    .map((token) => token.text)
    .filter(isFilter)
    .join(' ');
}

function isFilter(text: string): boolean {
  try {
    parseFilter(text);
    return true;
  } catch {
    return false;
  }
}

/** All fields of the language, for a message. */
export const FIELDS = Object.keys(FILTER_FIELDS) as readonly FilterField[];

/** Whether two values of a field are the same to a filter: `sig-` of a SIG, `@` of a person and `v` of a release may be left out. */
export function same(field: string, a: string, b: string): boolean {
  return plain(field, a) === plain(field, b);
}

function plain(field: string, value: string): string {
  const text = value.toLowerCase();
  if (field.endsWith('sig')) return text.replace(/^sig-/, '');
  return text.replace(/^@/, '').replace(/^v(?=\d)/, '');
}

function unquoted(text: string): string {
  return text.replace(/^"|"$/g, '');
}
